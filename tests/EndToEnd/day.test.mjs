import { describe, it } from 'node:test';
import { liveThroughDay, skip } from './day/run.mjs';
import { hangMs } from './ports.mjs';

/** `npm run day` repeats it with a seed of your own. */
const seed = Date.now() % 1_000_000;

// On a busy machine much is on its way when a link breaks, and agents send it again slowly.
void describe('A working day', { skip, timeout: 4 * hangMs }, () => {
  for (const [part, half] of ['morning', 'afternoon'].entries()) {
    const name = `loses nothing in silence in the ${half}, and leaves nothing behind (RDS_TUNNEL_DAY_SEED=${seed})`;
    void it(name, { timeout: 2 * hangMs }, async test => {
      await liveThroughDay(test, { seed, rounds: 1, share: [part, 2] });
    });
  }
});
