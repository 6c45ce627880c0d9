import { describe, it } from 'node:test';
import { liveThroughDay, skip } from './day/run.mjs';

/** `npm run day` repeats it with a seed of your own. */
const seed = Date.now() % 1_000_000;

// Each half has a first hour of its own, and is over well before a test counts as hanging.
void describe('A working day', { skip }, () => {
  for (const [part, half] of ['morning', 'afternoon'].entries()) {
    void it(`loses nothing in silence in the ${half}, and leaves nothing behind (RDS_TUNNEL_DAY_SEED=${seed})`, async test => {
      await liveThroughDay(test, { seed, rounds: 1, share: [part, 2] });
    });
  }
});
