// npm run day: the day of day.test.mjs, for as long as you like.
//   RDS_TUNNEL_DAY_ROUNDS    how often each trouble comes; 1
//   RDS_TUNNEL_DAY_SEED      the order of the troubles, and how much is sent
//   RDS_TUNNEL_DAY_TROUBLES  only those whose name has this in it
//   RDS_TUNNEL_DAY_SAVE      1: what was seen becomes the table of docs/reliability.md
// What the sidecar says goes into artifacts/test-results/day-<seed>.log.
import { readFile, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { dayTable } from './report.mjs';
import { liveThroughDay, skip } from './run.mjs';
import { root } from '../../../scripts/lib/paths.mjs';
import { withPart } from '../../Benchmarks/document.mjs';
import { hangMs } from '../ports.mjs';

const rounds = Number(process.env.RDS_TUNNEL_DAY_ROUNDS ?? 1);
const seed = Number(process.env.RDS_TUNNEL_DAY_SEED ?? Date.now() % 1_000_000);
const document = `${root}docs/reliability.md`;
/** Four times what it takes until a silent link counts as dead: a socket that is closed in between begins the wait anew, and a machine may be busy. */
const soonMs = 120_000;

void describe('A working day', { skip }, () => {
  void it(
    `loses nothing in silence, and leaves nothing behind (RDS_TUNNEL_DAY_SEED=${seed})`,
    { timeout: (rounds + 1) * 2 * hangMs },
    async test => {
      const report = await liveThroughDay(test, { seed, rounds, only: process.env.RDS_TUNNEL_DAY_TROUBLES, soonMs });
      if (process.env.RDS_TUNNEL_DAY_SAVE === '1')
        await writeFile(document, withPart(await readFile(document, 'utf8'), 'day', dayTable(report)));
    },
  );
});
