// Builds the extension's bundles.
//   --watch   again whenever something changes, until it is ended
import { context } from 'esbuild';
import { bundles } from './lib/bundles.mjs';

const contexts = await Promise.all(bundles.map(each => context(each)));

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
