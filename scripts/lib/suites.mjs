// Suites of every kind, run one after the other and added up.
import { duration, red, say, step, yellow } from './terminal.mjs';

/** @typedef {import('./trx.mjs').Counts} Counts */

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {(note: import('./terminal.mjs').Note) => Promise<Counts>} run
 */

/** @typedef {Counts & { name: string, ms: number }} SuiteResult */

/** Long reasons (a compiler's, a stack) are cut: the whole is in the reports. */
const maxReasonLines = 25;

/**
 * @param {Suite} suite
 * @returns {Promise<SuiteResult>}
 */
export async function runSuite({ name, run }) {
  const started = performance.now();
  const counts = await step(name, async note => {
    const found = await run(note);
    const sum = found.passed + found.failed.length + found.skipped.length;
    return sum > 0 ? found : { ...found, failed: [{ name, reason: 'No test was found in it.' }] };
  }, ({ passed, failed, skipped }) => ({
    ok: failed.length === 0,
    detail: closingLine({ passed, failed: failed.length, skipped: skipped.length }),
  }));
  return { ...counts, name, ms: performance.now() - started };
}

/** @param {{ passed: number, failed: number, skipped: number }} sum */
export const closingLine = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** @param {SuiteResult[]} results */
export const total = results => ({
  passed: results.reduce((sum, suite) => sum + suite.passed, 0),
  failed: results.reduce((sum, suite) => sum + suite.failed.length, 0),
  skipped: results.reduce((sum, suite) => sum + suite.skipped.length, 0),
});

/** @param {SuiteResult[]} results */
export function summarize(results) {
  const rows = results.map(({ name, passed, failed, skipped, ms }) =>
    [name, String(passed), String(failed.length), String(skipped.length), duration(ms)]);
  say();
  for (const line of table([['Suite', 'passed', 'failed', 'skipped', 'time'], ...rows])) say(line);
  list(yellow('Skipped'), results.flatMap(suite => suite.skipped.map(finding => ({ suite: suite.name, ...finding }))));
  list(red('Failed'), results.flatMap(suite => suite.failed.map(finding => ({ suite: suite.name, ...finding }))));
  say();
}

/** The first column to the left, numbers to the right. @param {string[][]} rows */
export function table(rows) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  return rows.map(row => row.map((cell, column) => column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)).join('  '));
}

/**
 * @param {string} title
 * @param {{ suite: string, name: string, reason: string }[]} findings
 */
function list(title, findings) {
  if (findings.length === 0) return;
  say(`\n${title}`);
  for (const { suite, name, reason } of findings) {
    say(`  ${suite}: ${name}`);
    const lines = reason.split('\n');
    for (const line of lines.slice(0, maxReasonLines)) say(`    ${line}`);
    if (lines.length > maxReasonLines) say(`    … ${lines.length - maxReasonLines} more lines`);
  }
}
