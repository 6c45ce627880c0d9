// npm run build: the sidecar, the local AWS and the extension's bundle.
import { bundleExtension } from './lib/checks.mjs';
import { buildLabel, buildSolution, installPackages } from './lib/install.mjs';
import { main } from './lib/main.mjs';
import { checkPrerequisites } from './lib/prerequisites.mjs';
import { step } from './lib/terminal.mjs';

await main(async () => {
  checkPrerequisites();
  await installPackages();
  await step(buildLabel, buildSolution);
  await step('Bundling the extension', bundleExtension);
});
