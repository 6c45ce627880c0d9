// npm run package: a VSIX with its own sidecar for linux-x64 and for win32-x64, and a portable one that needs .NET.
//   --target darwin-arm64   only this one, of all that the editor knows; best on such a machine
import { parseArgs } from 'node:util';
import { bundleExtension } from './lib/checks.mjs';
import { installPackages } from './lib/install.mjs';
import { main } from './lib/main.mjs';
import { checkPrerequisites } from './lib/prerequisites.mjs';
import { usual } from './lib/publish.mjs';
import { step } from './lib/terminal.mjs';
import { packageFor } from './lib/vsix.mjs';

const megabyte = 1e6;
const { values: options } = parseArgs({ options: { target: { type: 'string' } } });

await main(async () => {
  checkPrerequisites();
  await installPackages();
  await step('Bundling the extension', bundleExtension);
  for (const platform of options.target === undefined ? usual : [options.target]) {
    await step(`Packaging for ${platform}`, () => packageFor(platform), size => ({ ok: true, detail: `${(size / megabyte).toFixed(1)} MB` }));
  }
});
