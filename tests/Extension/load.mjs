// The extension's own modules, those that need no editor, as its bundler makes them.
import { build } from 'esbuild';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/lib/paths.mjs';

/**
 * @param {string} module below extension/src, without its ending
 * @returns {Promise<any>} what it exports
 */
export async function load(module) {
  const folder = await mkdtemp(join(tmpdir(), 'rds-tunnel-extension-'));
  const outfile = join(folder, 'module.cjs');
  await build({ entryPoints: [`${root}extension/src/${module}.ts`], bundle: true, platform: 'node', format: 'cjs', mainFields: ['module', 'main'], outfile, logLevel: 'warning' });
  const exports = createRequire(import.meta.url)(outfile);
  await rm(folder, { recursive: true });
  return exports;
}
