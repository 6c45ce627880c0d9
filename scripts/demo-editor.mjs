// npm run demo:editor: VS Code in the browser with the extension, a local AWS and a sample database behind it, ready to click through.
//   --pglite takes PGlite even where a PostgreSQL is installed
import { main } from './lib/main.mjs';
import { bundleExtension } from './lib/checks.mjs';
import { editorServerMissing, installEditor } from './lib/editor.mjs';
import { build, withoutTests } from './lib/install.mjs';
import { MissingPrerequisite } from './lib/prerequisites.mjs';
import { step } from './lib/steps.mjs';
import { openEditor } from './lib/editor-story.mjs';
import { bold, dim, say } from './lib/terminal.mjs';

await main(async () => {
  say(`${bold('RDS Tunnel')} in an editor: everything runs on this machine, and nothing of it is left afterwards\n`);
  if (editorServerMissing !== undefined) throw new MissingPrerequisite(editorServerMissing);
  await step('Installing the editor', installEditor);
  await step('Building the sidecar and the local AWS', note => build(withoutTests, note));
  await step('Bundling the extension', bundleExtension);
  await openEditor({ pglite: process.argv.includes('--pglite') });
  say(dim('\nPress Ctrl-C to stop.\n'));
  process.exitCode = 0; // Ctrl-C is how it should end
  await new Promise(() => {
    setInterval(() => undefined, 60_000);
  });
});
