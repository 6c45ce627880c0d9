// Suites of node's own test runner.
import { readdir } from 'node:fs/promises';
import { root } from './paths.mjs';
import { run } from './processes.mjs';

const testTimeoutMs = 5 * 60_000;
const suiteTimeoutMs = 20 * 60_000;
const reporter = new URL('event-reporter.mjs', import.meta.url).href;

/**
 * The test files under a folder, as one suite, or as a suite each.
 * @param {string} folder below the project's root
 * @param {{ perFile?: boolean, env?: NodeJS.ProcessEnv, of?: string }} [options] `of`: what is tested, where the same files test several
 * @returns {Promise<import('./suites.mjs').Suite[]>}
 */
export async function nodeSuites(folder, { perFile = false, env = {}, of } = {}) {
  const names = (await readdir(`${root}${folder}`, { recursive: true })).filter(name => name.endsWith('.test.mjs') && !name.includes('node_modules')).sort();
  const files = names.map(name => `${folder}/${name}`);
  const named = (/** @type {string} */ name) => of === undefined ? name : `${name} (${of})`;
  if (!perFile) return files.length === 0 ? [] : [{ name: named(folder), run: note => runFiles(folder, files, env, note) }];
  return files.map(file => {
    const name = named(file.replace(/^tests\//, '').replace(/\.test\.mjs$/, ''));
    return { name, run: note => runFiles(name, [file], env, note) };
  });
}

/**
 * @param {string} suite
 * @param {string[]} files
 * @param {NodeJS.ProcessEnv} env
 * @param {import('./terminal.mjs').Note} note
 */
async function runFiles(suite, files, env, note) {
  /** @type {import('./trx.mjs').Counts} */
  const counts = { passed: 0, failed: [], skipped: [] };
  let ended = 0;
  const args = ['--test', `--test-timeout=${testTimeoutMs}`, `--test-reporter=${reporter}`, '--test-reporter-destination=stdout', ...files];
  const { code, tail } = await run(process.execPath, args, {
    cwd: root,
    env: { NODE_OPTIONS: '', ...env },
    timeoutMs: suiteTimeoutMs,
    onLine: line => {
      const event = parse(line);
      if (event === undefined) return;
      if (event.outcome === 'passed') counts.passed++;
      else counts[event.outcome].push({ name: event.name, reason: event.reason });
      note(`${++ended} tests`);
    },
  });
  if (code !== 0 && counts.failed.length === 0) {
    counts.failed.push({ name: suite, reason: `The test run ended with code ${code}.\n${tail.join('\n')}` });
  }
  return counts;
}

/** @param {string} line */
function parse(line) {
  if (!line.startsWith('{"name":')) return undefined;
  return /** @type {import('./event-reporter.mjs').Ended} */ (JSON.parse(line));
}
