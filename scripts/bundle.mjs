// The extension's two bundles: what the editor loads, and the script of the page of a tunnel.
//   --watch   again whenever something changes, until it is ended
import { context } from 'esbuild';
import { root } from './lib/paths.mjs';

/** @type {import('esbuild').BuildOptions} */
const common = { absWorkingDir: root, bundle: true, sourcemap: true, logLevel: 'warning' };

const contexts = await Promise.all([
  context({
    ...common, entryPoints: ['extension/src/extension.ts'], outfile: 'extension/dist/extension.js', platform: 'node', target: 'node20', format: 'cjs', external: ['vscode'],
    mainFields: ['module', 'main'], // one of the packages has a main that cannot be bundled
  }),
  context({ ...common, entryPoints: ['extension/webview/details.ts'], outfile: 'extension/dist/details.js', platform: 'browser', target: 'es2023', format: 'iife' }),
]);

if (process.argv.includes('--watch')) {
  // An editor's task waits for these lines.
  console.log('[watch] build started');
  await Promise.all(contexts.map(each => each.rebuild()));
  console.log('[watch] build finished');
  await Promise.all(contexts.map(each => each.watch()));
} else {
  try {
    await Promise.all(contexts.map(each => each.rebuild()));
  } catch {
    process.exitCode = 1; // esbuild has said what
  }
  await Promise.all(contexts.map(each => each.dispose()));
}
