// npm run lint: types, eslint and the bundle, without the tests.
import { checkSuite } from './lib/checks.mjs';
import { installPackages } from './lib/install.mjs';
import { main } from './lib/main.mjs';
import { checkNode } from './lib/prerequisites.mjs';
import { runSuite, summarize } from './lib/suites.mjs';

await main(async () => {
  checkNode();
  await installPackages();
  const result = await runSuite(checkSuite);
  summarize([result]);
  if (result.failed.length > 0) process.exitCode = 1;
});
