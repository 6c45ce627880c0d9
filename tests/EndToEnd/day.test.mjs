import { describe, it } from 'node:test';
import { liveThroughDay, skip } from './day/run.mjs';

/** `npm run day` repeats it with a seed of your own. */
const seed = Date.now() % 1_000_000;

void describe('A working day', { skip }, () => {
  void it(`loses nothing in silence, and leaves nothing behind (RDS_TUNNEL_DAY_SEED=${seed})`, async test => {
    await liveThroughDay(test, { seed, rounds: 1 });
  });
});
