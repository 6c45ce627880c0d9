// What a day has shown, as docs/reliability.md tells it.
import { cpus, loadavg } from 'node:os';
import { basename, dirname } from 'node:path';
import { numbers } from '../../Benchmarks/document.mjs';

/** @param {number} ms */
const seconds = ms => (ms / 1_000).toFixed(1);

/** @param {import('./run.mjs').Report} report */
export function dayTable({ seed, rounds, rows, atFirst, atLast, sessions, resumes }) {
  const program = process.env.RDS_TUNNEL_PROGRAM === undefined ? 'build' : basename(dirname(process.env.RDS_TUNNEL_PROGRAM));
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'processor'}, Node ${process.versions.node}, ${process.platform}`;
  const names = [...new Set(rows.map(({ name }) => name))];
  return [
    `${program}: ${machine}, at a load of ${loadavg()[0]?.toFixed(1)}, seed ${seed}, rounds ${rounds}`,
    ...numbers(
      ['Trouble', 'Times', 'Connections finished', 'Reset, with the reason', 'Longest wait, s', 'Usable again after, s', 'Sign-ins'],
      names.map(name => {
        const all = rows.filter(row => row.name === name);
        const sum = (/** @type {(row: import('./run.mjs').Row) => number} */ of) => all.reduce((total, row) => total + of(row), 0);
        const most = (/** @type {(row: import('./run.mjs').Row) => number} */ of) => Math.max(...all.map(of));
        return [
          name,
          `${all.length}`,
          `${sum(row => row.finished)}`,
          `${sum(row => row.reset)}`,
          seconds(most(row => row.longestWaitMs)),
          seconds(most(row => row.usableAfterMs)),
          `${sum(row => (row.click ? 1 : 0))}`,
        ];
      }),
    ),
    ...numbers(
      ['All tunnels closed', 'After the first hour', 'After the day'],
      [
        ['MB resident', `${atFirst.memory}`, `${atLast.memory}`],
        ['Descriptors', `${atFirst.descriptors}`, `${atLast.descriptors}`],
        ['Sessions left', '0', '0'],
      ],
    ).slice(1),
    `${sessions} sessions were started, and ${resumes} lost connections to AWS were replaced.`,
  ];
}
