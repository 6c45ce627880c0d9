// The extension's two bundles: what the editor loads, and the script of the page of a tunnel.
import { root } from './paths.mjs';

/** @type {import('esbuild').BuildOptions} */
const common = { absWorkingDir: root, bundle: true, sourcemap: true, logLevel: 'warning' };

/** @type {import('esbuild').BuildOptions[]} */
export const bundles = [
  {
    ...common,
    entryPoints: ['extension/src/extension.ts'],
    outfile: 'extension/dist/extension.js',
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['vscode'],
    mainFields: ['module', 'main'], // one of the packages has a main that cannot be bundled
  },
  {
    ...common,
    entryPoints: ['extension/webview/details.ts'],
    outfile: 'extension/dist/details.js',
    platform: 'browser',
    target: 'es2023',
    format: 'iife',
  },
];
