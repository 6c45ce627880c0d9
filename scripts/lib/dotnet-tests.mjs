// The xunit projects of the solution, each a suite.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dotnetEnvironment } from './install.mjs';
import { artifacts, configuration, root } from './paths.mjs';
import { run } from './processes.mjs';
import { readTrx } from './trx.mjs';

/** A single test that takes longer hangs. */
const hangTimeout = '3m';
const suiteTimeoutMs = 20 * 60_000;

/** @param {string} solution the text of a classic solution file */
export const testProjects = solution =>
  [...solution.matchAll(/^Project\([^)]*\) = "([^"]+\.Tests)"/gm)].map(([, name = '']) => name).sort();

/** @returns {Promise<import('./suites.mjs').Suite[]>} */
export async function dotnetSuites() {
  const solution = await readFile(`${root}Sidecar.sln`, 'utf8');
  return testProjects(solution).map(name => ({ name, run: note => runProject(name, note) }));
}

/**
 * @param {string} name
 * @param {import('./terminal.mjs').Note} note
 */
async function runProject(name, note) {
  const assembly = `${root}tests/${name}/bin/${configuration}/net10.0/RdsTunnel.${name}.dll`;
  const report = `${artifacts}/test-results/${name}.trx`;
  const args = ['test', assembly, '--nologo', '--results-directory', `${artifacts}/test-results`,
    '--logger', `trx;LogFileName=${name}.trx`, '--logger', 'console;verbosity=normal',
    '--blame-hang', '--blame-hang-timeout', hangTimeout, '--blame-hang-dump-type', 'none'];
  let ended = 0;
  const { code, tail } = await run('dotnet', args, {
    cwd: root,
    env: dotnetEnvironment,
    timeoutMs: suiteTimeoutMs,
    onLine: line => {
      if (/^ {2}(Passed|Failed|Skipped) /.test(line)) note(`${++ended} tests`);
    },
  });
  const counts = existsSync(report) ? readTrx(await readFile(report, 'utf8')) : { passed: 0, failed: [], skipped: [] };
  if (code !== 0 && counts.failed.length === 0) {
    counts.failed.push({ name, reason: `The test run ended with code ${code}.\n${tail.join('\n')}` });
  }
  return counts;
}
