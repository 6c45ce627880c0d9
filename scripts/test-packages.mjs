// npm run test:packages, after npm run package -- --all: every package, and programs of other
// platforms run in emulators. On Debian it needs
// gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static libssl3:arm64; what is missing fails.
import { buildSuite } from './lib/checks.mjs';
import { main } from './lib/main.mjs';
import { platforms } from './lib/publish.mjs';
import { conclude, runSuites } from './lib/suites.mjs';
import { folderSuite } from './lib/tests.mjs';

await main(async () => {
  const env = { RDS_TUNNEL_REQUIRE_PEERS: '1', RDS_TUNNEL_PACKAGES: platforms.join(',') };
  if (!conclude(await runSuites([buildSuite, folderSuite('tests/Packages', { env })]))) process.exitCode = 1;
});
