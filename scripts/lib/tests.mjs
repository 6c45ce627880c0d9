// Suites that are run by .NET's test runner or node's: each writes a report, and a log of what it says, into artifacts/test-results.
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { processesBelow, watchSilence } from './hangs.mjs';
import { dotnetEnvironment } from './install.mjs';
import { readReport } from './reports.mjs';
import { artifacts, configuration, root } from './paths.mjs';
import { run } from './processes.mjs';
import { leftOut } from './suites.mjs';

/** @typedef {import('./suites.mjs').Suite} Suite */

const results = `${artifacts}/test-results`;
/** What takes longer hangs: one test, and all of a suite. */
const [testTimeoutMs, suiteTimeoutMs] = [5 * 60_000, 20 * 60_000];
/** Before a test is ended for hanging. */
const lookMs = 15_000;
/** Of what a suite said before it died. */
const lastLines = 24;

/**
 * @param {string} name
 * @param {string} command
 * @param {(report: string) => string[]} argsFor
 * @param {NodeJS.ProcessEnv} env
 * @returns {Suite}
 */
export const programSuite = (name, command, argsFor, env) => ({
  name,
  run: async note => {
    const file = `${results}/${name.replaceAll(/[^\w.-]+/g, '-')}`;
    const report = `${file}.xml`;
    await mkdir(results, { recursive: true });
    await rm(report, { force: true });
    const log = createWriteStream(`${file}.log`);
    let ran = '';
    const watch = watchSilence(testTimeoutMs - lookMs, () => {
      void processesBelow(process.pid).then(processes => {
        ran = processes;
      });
    });
    const { code, tail } = await run(command, argsFor(report), {
      cwd: root,
      env,
      timeoutMs: suiteTimeoutMs,
      onLine: line => {
        watch.onSound();
        log.write(`${line}\n`);
        note(line);
      },
    });
    watch.stop();
    log.end(ran);
    const counts = existsSync(report) ? readReport(await readFile(report, 'utf8')) : { passed: 0, failed: [], skipped: [] };
    if (code !== 0 && counts.failed.length === 0) {
      counts.failed.push({ name, reason: `The test run ended with code ${code}.\n${tail.slice(-lastLines).join('\n')}` });
    }
    if (code !== 0 && ran !== '') counts.failed.push({ name, reason: `It was silent. What ran then:\n${ran}` });
    return counts;
  },
});

/** The xunit projects of the solution, each a suite. */
export async function dotnetSuites() {
  return testProjects(await readFile(`${root}Sidecar.sln`, 'utf8')).map(name =>
    programSuite(
      name,
      'dotnet',
      report => [
        'test',
        `${root}tests/${name}/bin/${configuration}/net10.0/RdsTunnel.${name}.dll`,
        '--nologo',
        '--logger',
        `trx;LogFileName=${report}`,
        '--logger',
        'console;verbosity=normal',
        '--blame-hang',
        '--blame-hang-timeout',
        `${testTimeoutMs}ms`,
        '--blame-hang-dump-type',
        'none',
        '--results-directory',
        results,
      ],
      dotnetEnvironment,
    ),
  );
}

/** @param {string} solution the text of a classic solution file */
export const testProjects = solution =>
  [...solution.matchAll(/^Project\([^)]*\) = "([^"]+\.Tests)"/gm)].map(([, name = '']) => name).sort();

/** The test files below a folder of the project. @param {string} folder */
export const testFiles = async folder =>
  (await readdir(`${root}${folder}`, { recursive: true }))
    .filter(name => name.endsWith('.test.mjs') && !name.includes('node_modules'))
    .sort()
    .map(name => `${folder}/${name}`);

/**
 * @param {string} name
 * @param {string[]} files
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Suite}
 */
export const nodeSuite = (name, files, env = {}) =>
  programSuite(
    name,
    process.execPath,
    report => [
      '--test',
      `--test-timeout=${testTimeoutMs}`,
      '--test-reporter=junit',
      `--test-reporter-destination=${report}`,
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      ...files,
    ],
    { NODE_OPTIONS: '', ...env },
  );

/**
 * All the test files below a folder.
 * @param {string} folder
 * @param {{ env?: NodeJS.ProcessEnv, prepare?: (note: import('./steps.mjs').Note) => Promise<string
 * | undefined> }} [options] `prepare` makes what they need, or says why they are left out
 * @returns {Suite}
 */
export const folderSuite = (folder, { env, prepare } = {}) => ({
  name: folder,
  run: async note => {
    const reason = await prepare?.(note);
    return reason === undefined ? nodeSuite(folder, await testFiles(folder), env).run(note) : leftOut(`all of ${folder}`, reason);
  },
});
