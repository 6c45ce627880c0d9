// npm run demo: a database, a local AWS and the sidecar, and real queries through a tunnel between them.
//   --once   ends by itself, rather than keep the tunnel open until Ctrl-C
//   --pglite takes PGlite even where a PostgreSQL is installed
import { main } from './lib/main.mjs';
import { build, withoutTests } from './lib/install.mjs';
import { step } from './lib/steps.mjs';
import { tell } from './lib/story.mjs';
import { bold, dim, say } from './lib/terminal.mjs';

await main(async () => {
  say(`${bold('RDS Tunnel')}: a private database, a local AWS, and a tunnel between them\n`);
  await step('Building the sidecar and the local AWS', note => build(withoutTests, note));
  await tell({ pglite: process.argv.includes('--pglite') });
  say();
  if (process.argv.includes('--once')) return;
  say(dim('Press Ctrl-C to stop.\n'));
  process.exitCode = 0; // Ctrl-C is how it should end
  await new Promise(() => {
    setInterval(() => undefined, 60_000);
  });
});
