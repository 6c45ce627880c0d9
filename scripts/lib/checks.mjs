// What is checked without running it.
import { build, dotnetEnvironment, everything } from './install.mjs';
import { root } from './paths.mjs';
import { run } from './processes.mjs';
import { oneTest } from './suites.mjs';

/** @param {string} file @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
async function succeed(file, args, env) {
  const { code, tail } = await run(file, args, { cwd: root, env });
  if (code !== 0) throw new Error(`${args[0] ?? ''} ended with code ${code}:\n${tail.join('\n')}`);
}

/** @param {string[]} args a program for Node, and its arguments */
const node = (...args) => succeed(process.execPath, args);

export const bundleExtension = () => node('scripts/bundle.mjs');

const tsc = 'node_modules/typescript/bin/tsc';
const eslint = 'node_modules/eslint/bin/eslint.js';
const prettier = 'node_modules/prettier/bin/prettier.cjs';

export const checkSuites = [
  oneTest('Types of the extension', () => node(tsc, '-p', 'extension')),
  oneTest('Types of the page of a tunnel', () => node(tsc, '-p', 'extension/webview')),
  oneTest('Types of the scripts', () => node(tsc, '-p', '.')),
  oneTest('eslint', () => node(eslint, '.', '--max-warnings', '0')),
  oneTest('Format of TypeScript and JavaScript', () => node(prettier, '--check', '--log-level', 'warn', '**/*.{ts,mjs,js}')),
  oneTest('The bundle of the extension', bundleExtension),
];

export const buildSuite = oneTest('Build', note => build(everything, note));

/** `npm run format` mends it. */
export const formatSuite = oneTest('Format of C#', async () => {
  await succeed('dotnet', ['tool', 'restore'], dotnetEnvironment);
  await succeed('dotnet', ['csharpier', 'check', '.'], dotnetEnvironment);
});
