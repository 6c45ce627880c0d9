// npm run test:packages, after npm run package -- --all: every package, and programs of other platforms run in emulators. On Debian it needs
// gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static musl; what is missing fails.
import { installPackages } from './lib/install.mjs';
import { main } from './lib/main.mjs';
import { testPackages } from './lib/packages-suite.mjs';
import { platforms } from './lib/publish.mjs';
import { closingLine, runSuite, summarize, total } from './lib/suites.mjs';
import { say } from './lib/terminal.mjs';

await main(async () => {
  await installPackages();
  const result = await runSuite({ name: 'tests/Packages', run: note => testPackages(platforms, note, { RDS_TUNNEL_REQUIRE_PEERS: '1' }) });
  summarize([result]);
  say(closingLine(total([result])));
  if (result.failed.length > 0) process.exitCode = 1;
});
