// npm run lint: types, eslint and the bundle, without the tests.
import { checkSuites } from './lib/checks.mjs';
import { main } from './lib/main.mjs';
import { conclude, runSuites } from './lib/suites.mjs';

await main(async () => {
  if (!conclude(await runSuites(checkSuites, checkSuites.length))) process.exitCode = 1;
});
