// What is checked without running it. Each check counts as a test.
import { build, everything } from './install.mjs';
import { root } from './paths.mjs';
import { run } from './processes.mjs';

/** @typedef {{ name: string, tool: string, args: string[] }} Check a program for Node */

/** @type {Check} */
const bundle = { name: 'the extension bundles', tool: 'scripts/bundle.mjs', args: [] };

/** @type {Check[]} */
const checks = [
  { name: 'the extension is type-safe', tool: 'node_modules/typescript/bin/tsc', args: ['-p', 'extension'] },
  { name: 'the page of a tunnel is type-safe', tool: 'node_modules/typescript/bin/tsc', args: ['-p', 'extension/webview'] },
  { name: 'the scripts are type-safe', tool: 'node_modules/typescript/bin/tsc', args: ['-p', '.'] },
  { name: 'eslint has no objection', tool: 'node_modules/eslint/bin/eslint.js', args: ['.', '--max-warnings', '0'] },
  bundle,
];

/** @param {Check} check */
const runCheck = ({ tool, args }) => run(process.execPath, [tool, ...args], { cwd: root });

export async function bundleExtension() {
  const { code, tail } = await runCheck(bundle);
  if (code !== 0) throw new Error(`The extension cannot be bundled:\n${tail.join('\n')}`);
}

/** @type {import('./suites.mjs').Suite} */
export const checkSuite = {
  name: 'Types, lint, bundle',
  run: async () => {
    /** @type {import('./trx.mjs').Counts} */
    const counts = { passed: 0, failed: [], skipped: [] };
    await Promise.all(checks.map(async check => {
      const { code, tail } = await runCheck(check);
      if (code === 0) counts.passed++;
      else counts.failed.push({ name: check.name, reason: tail.join('\n') });
    }));
    return counts;
  },
};

/** @type {import('./suites.mjs').Suite} */
export const buildSuite = {
  name: 'Build',
  run: async note => {
    const name = 'the solution builds without a warning';
    return build(everything, note).then(
      () => ({ passed: 1, failed: [], skipped: [] }),
      (/** @type {unknown} */ error) => ({ passed: 0, failed: [{ name, reason: String(error) }], skipped: [] }));
  },
};
