// npm test: installs, builds, checks, and runs every suite. Needs Node.js and the .NET SDK; nothing else.
//   --require-all   a test that is skipped, for want of a database server or another peer, is a failure; the editor is left out where it cannot be installed
//   --fast          for daily work: without what takes long (load, databases, processes, the editor)
import { mkdir, rm } from 'node:fs/promises';
import { buildSuite, checkSuite } from './lib/checks.mjs';
import { dotnetSuites } from './lib/dotnet-tests.mjs';
import { editorSuite } from './lib/editor-suite.mjs';
import { installPackages } from './lib/install.mjs';
import { main } from './lib/main.mjs';
import { nodeSuites } from './lib/node-tests.mjs';
import { artifacts } from './lib/paths.mjs';
import { checkPrerequisites } from './lib/prerequisites.mjs';
import { packagesSuite } from './lib/packages-suite.mjs';
import { endToEndSuites, publishSuite } from './lib/published-suites.mjs';
import { closingLine, runSuite, summarize, total } from './lib/suites.mjs';
import { templatesSuite } from './lib/templates-suite.mjs';
import { say } from './lib/terminal.mjs';

/** Of the .NET suites, those that run for longer than a few seconds. */
const slow = ['Tunnels.Tests'];

await main(async () => {
  const requireAll = process.argv.includes('--require-all');
  const fast = process.argv.includes('--fast');
  checkPrerequisites();
  await rm(`${artifacts}/test-results`, { recursive: true, force: true });
  await mkdir(`${artifacts}/test-results`, { recursive: true });
  await installPackages();

  const results = [await runSuite(buildSuite)];
  const suites = [checkSuite, ...await nodeSuites('scripts')];
  if (results[0]?.failed.length === 0) {
    suites.push(...(await dotnetSuites()).filter(({ name }) => !fast || !slow.includes(name)));
    suites.push(...await nodeSuites('tests/Extension'));
    if (!fast) {
      suites.push(publishSuite, ...await endToEndSuites({ RDS_TUNNEL_REQUIRE_PEERS: requireAll ? '1' : '' }));
      suites.push(packagesSuite, templatesSuite, editorSuite);
    }
  }
  for (const suite of suites) results.push(await runSuite(suite));

  summarize(results);
  const sum = total(results);
  const leftOut = requireAll && total(results.filter(({ name }) => name !== editorSuite.name)).skipped > 0;
  if (leftOut) say('Nothing may be left out here, and something was.');
  if (results[0]?.failed.length !== 0) say('What needs the solution was not run.');
  say(closingLine(sum));
  if (sum.failed > 0 || leftOut) process.exitCode = 1;
});
