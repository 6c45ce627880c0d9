// npm test: builds, checks, and runs every suite. Needs Node.js and the .NET SDK; nothing else.
//   --require-all   a test that is skipped, for want of a database server or another peer, is a
// failure; the editor is left out where it cannot be installed
//   --fast          for daily work: without what takes long (load, databases, processes, the editor)
import { rm } from 'node:fs/promises';
import { buildSuite, checkSuites, formatSuite } from './lib/checks.mjs';
import { editorSuite, templatesSuite, textsSuite } from './lib/installed-suites.mjs';
import { main } from './lib/main.mjs';
import { artifacts } from './lib/paths.mjs';
import { endToEndSuites, packagesSuite, publishSuites } from './lib/published-suites.mjs';
import { conclude, runSuites } from './lib/suites.mjs';
import { say } from './lib/terminal.mjs';
import { dotnetSuites, folderSuite } from './lib/tests.mjs';

/** Of the .NET suites, those that run for longer than a few seconds. */
const slow = ['Tunnels.Tests'];
/**
 * End to end, tests wait for most of the time: for servers, for sign-ins, for an agent that is
 * paced. What computes, and the editor, has the machine for itself.
 */
const endToEndAtOnce = 2;

await main(async () => {
  const requireAll = process.argv.includes('--require-all');
  const fast = process.argv.includes('--fast');

  await rm(`${artifacts}/test-results`, { recursive: true, force: true });
  const results = await runSuites([buildSuite]);
  const isBuilt = results.every(({ failed }) => failed.length === 0);
  results.push(...(await runSuites([...checkSuites, ...(isBuilt ? [formatSuite] : []), folderSuite('scripts')])));
  if (isBuilt) {
    results.push(
      ...(await runSuites([...(await dotnetSuites()).filter(({ name }) => !fast || !slow.includes(name)), folderSuite('tests/Extension')])),
    );
    if (!fast) {
      results.push(...(await runSuites(publishSuites)));
      results.push(...(await runSuites(await endToEndSuites({ RDS_TUNNEL_REQUIRE_PEERS: requireAll ? '1' : '' }), endToEndAtOnce)));
      results.push(...(await runSuites([textsSuite, packagesSuite, templatesSuite, editorSuite])));
    }
  } else {
    say('\nWhat needs the solution was not run.');
  }
  if (!conclude(results, ({ name }) => !requireAll || name === editorSuite.name)) process.exitCode = 1;
});
