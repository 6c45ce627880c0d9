// What is checked without running it. Each check counts as a test.
import { build, everything } from './install.mjs';
import { root } from './paths.mjs';
import { run } from './processes.mjs';

/** @typedef {{ name: string, tool: string, args: string[] }} Check a tool from node_modules */

/** @type {Check} */
const bundle = {
  name: 'the extension bundles',
  tool: 'esbuild/bin/esbuild',
  args: ['extension/src/extension.ts', '--bundle', '--platform=node', '--target=node20', '--format=cjs', '--external:vscode', '--main-fields=module,main',
    '--sourcemap', '--log-level=warning', '--outfile=extension/dist/extension.js'],
};

/** @type {Check[]} */
const checks = [
  { name: 'the extension is type-safe', tool: 'typescript/bin/tsc', args: ['-p', 'extension'] },
  { name: 'the scripts are type-safe', tool: 'typescript/bin/tsc', args: ['-p', '.'] },
  { name: 'eslint has no objection', tool: 'eslint/bin/eslint.js', args: ['.', '--max-warnings', '0'] },
  bundle,
];

/** @param {Check} check */
const runCheck = ({ tool, args }) => run(process.execPath, [`node_modules/${tool}`, ...args], { cwd: root });

export async function bundleExtension() {
  const { code, tail } = await runCheck(bundle);
  if (code !== 0) throw new Error(`esbuild failed:\n${tail.join('\n')}`);
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
