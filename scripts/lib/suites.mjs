// Suites of every kind, run and added up.
import { Listr } from 'listr2';
import { display, noteOf } from './steps.mjs';
import { dim, duration, red, say, yellow } from './terminal.mjs';

/** @typedef {import('./reports.mjs').Counts} Counts */
/** @typedef {{ name: string, run: (note: import('./steps.mjs').Note) => Promise<Counts> }} Suite one that throws has failed */
/** @typedef {Counts & { name: string }} Result */

/** Long reasons (a compiler's, a stack) are cut: the whole is in artifacts/test-results. */
const maxReasonLines = 25;

/**
 * A suite that is one test: it passes unless its action throws.
 * @param {string} name
 * @param {(note: import('./steps.mjs').Note) => Promise<unknown>} action
 * @returns {Suite}
 */
export const oneTest = (name, action) => ({
  name,
  run: async note => {
    await action(note);
    return { passed: 1, failed: [], skipped: [] };
  },
});

/** @param {string} name @param {string} reason @returns {Counts} */
export const leftOut = (name, reason) => ({ passed: 0, failed: [], skipped: [{ name, reason }] });

/**
 * Runs all of them, even if some fail.
 * @param {Suite[]} suites
 * @param {number} [atOnce]
 */
export async function runSuites(suites, atOnce = 1) {
  /** @type {Result[]} */
  const results = [];
  await new Listr(
    suites.map(suite => ({
      title: suite.name,
      task: async (_, task) => {
        const started = performance.now();
        const result = await resultOf(suite, noteOf(task));
        results.push(result);
        task.title = `${suite.name} ${dim(`${duration(performance.now() - started)}, ${closingLine([result])}`)}`;
        if (result.failed.length > 0) throw new Error('see below');
      },
    })),
    { ...display, concurrent: atOnce, exitOnError: false },
  ).run();
  return results;
}

/** @param {Suite} suite @param {import('./steps.mjs').Note} note @returns {Promise<Result>} */
async function resultOf({ name, run }, note) {
  const counts = await run(note).catch((/** @type {unknown} */ error) => ({
    passed: 0,
    failed: [{ name, reason: String(error) }],
    skipped: [],
  }));
  const isEmpty = counts.passed + counts.failed.length + counts.skipped.length === 0;
  return { ...counts, name, failed: isEmpty ? [{ name, reason: 'No test was found in it.' }] : counts.failed };
}

/** @param {Counts[]} results */
export function closingLine(results) {
  const sum = (/** @type {(counts: Counts) => number} */ of) => results.reduce((all, counts) => all + of(counts), 0);
  return `${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed.length)} failed, ${sum(({ skipped }) => skipped.length)} skipped`;
}

/**
 * Tells what did not pass, and the sum in the last line.
 * @param {Result[]} results
 * @param {(result: Result) => boolean} [maySkip] whose tests may be left out
 * @returns whether all is well
 */
export function conclude(results, maySkip = () => true) {
  list(yellow('Skipped'), results, ({ skipped }) => skipped);
  list(red('Failed'), results, ({ failed }) => failed);
  const isIncomplete = results.some(result => result.skipped.length > 0 && !maySkip(result));
  say(isIncomplete ? '\nNothing may be left out here, and something was.' : '');
  say(closingLine(results));
  return !isIncomplete && results.every(({ failed }) => failed.length === 0);
}

/**
 * @param {string} title
 * @param {Result[]} results
 * @param {(result: Result) => import('./reports.mjs').Finding[]} of
 */
function list(title, results, of) {
  if (results.some(result => of(result).length > 0)) say(`\n${title}`);
  for (const result of results) {
    for (const { name, reason } of of(result)) {
      say(`  ${result.name === name ? name : `${result.name}: ${name}`}`);
      const lines = reason.split('\n');
      for (const line of lines.slice(0, maxReasonLines)) say(`    ${line}`);
      if (lines.length > maxReasonLines) say(`    … ${lines.length - maxReasonLines} more lines`);
    }
  }
}
