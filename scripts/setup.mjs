// What the npm scripts begin with: the tools that must be there, and npm's packages.
//   --node-only   without the .NET SDK
import { installPackages } from './lib/install.mjs';
import { main } from './lib/main.mjs';
import { checkDotnet, checkNode } from './lib/prerequisites.mjs';

await main(async () => {
  checkNode();
  if (!process.argv.includes('--node-only')) checkDotnet();
  await installPackages();
});
