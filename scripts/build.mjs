// npm run build: the sidecar, the local AWS and the extension's bundle.
import { bundleExtension } from './lib/checks.mjs';
import { build, everything } from './lib/install.mjs';
import { main } from './lib/main.mjs';
import { step } from './lib/steps.mjs';

await main(async () => {
  await step('Building the sidecar, the local AWS and their tests', note => build(everything, note));
  await step('Bundling the extension', bundleExtension);
});
