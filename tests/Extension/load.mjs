// The extension's own modules, as its bundler makes them: those that need no editor, or with what a test puts in the editor's place.
import { build } from 'esbuild';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/lib/paths.mjs';

/**
 * @param {string} module below extension/src, without its ending
 * @param {object} [vscode] what `import * as vscode` gives it
 * @returns {Promise<any>} what it exports
 */
export async function load(module, vscode) {
  const folder = await mkdtemp(join(tmpdir(), 'rds-tunnel-extension-'));
  const outfile = join(folder, 'module.cjs');
  Object.assign(globalThis, { vscodeOfTheTest: vscode });
  await build({
    entryPoints: [`${root}extension/src/${module}.ts`],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    outfile,
    logLevel: 'warning',
    plugins:
      vscode === undefined
        ? []
        : [
            {
              name: 'vscode',
              setup: bundler => {
                bundler.onResolve({ filter: /^vscode$/ }, () => ({ path: 'vscode', namespace: 'test' }));
                bundler.onLoad({ filter: /^vscode$/, namespace: 'test' }, () => ({
                  contents: 'module.exports = globalThis.vscodeOfTheTest;',
                  loader: 'js',
                }));
              },
            },
          ],
  });
  const exports = createRequire(import.meta.url)(outfile);
  await rm(folder, { recursive: true });
  return exports;
}
