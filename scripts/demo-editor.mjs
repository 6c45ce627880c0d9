// npm run demo:editor: VS Code in the browser with the extension, a local AWS and a sample database behind it, ready to click through.
//   --pglite takes PGlite even where a PostgreSQL is installed
import { main } from './lib/main.mjs';
import { bundleExtension } from './lib/checks.mjs';
import { editorServerMissing, installEditor } from './lib/editor.mjs';
import { build, installPackages, withoutTests } from './lib/install.mjs';
import { checkPrerequisites, MissingPrerequisite } from './lib/prerequisites.mjs';
import { bold, dim, say, step } from './lib/terminal.mjs';

await main(async () => {
  say(`${bold('RDS Tunnel')} in an editor: everything runs on this machine, and nothing of it is left afterwards\n`);
  checkPrerequisites();
  if (editorServerMissing !== undefined) throw new MissingPrerequisite(editorServerMissing);
  await installPackages();
  await step('Installing the editor', installEditor);
  await step('Building the sidecar and the local AWS', note => build(withoutTests, note));
  await step('Bundling the extension', bundleExtension);
  // Needs what has just been installed.
  const { openEditor } = await import('./lib/editor-story.mjs');
  await openEditor({ pglite: process.argv.includes('--pglite') });
  say(dim('\nCtrl-C ends it.\n'));
  process.exitCode = 0; // Ctrl-C is how it should end
  await new Promise(() => { setInterval(() => undefined, 60_000); });
});
