// npm run package: a VSIX for each platform that can be built here, with its own sidecar.
//   --target linux-x64   only this one
import { cp, mkdir, rm, stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { bundleExtension } from './lib/checks.mjs';
import { installPackages } from './lib/install.mjs';
import { main } from './lib/main.mjs';
import { artifacts, root } from './lib/paths.mjs';
import { checkPrerequisites } from './lib/prerequisites.mjs';
import { run } from './lib/processes.mjs';
import { platforms, publishSidecar } from './lib/publish.mjs';
import { step } from './lib/terminal.mjs';

const megabyte = 1e6;
const { values: options } = parseArgs({ options: { target: { type: 'string' } } });

await main(async () => {
  checkPrerequisites();
  await installPackages();
  await step('Bundling the extension', bundleExtension);
  await mkdir(`${artifacts}/vsix`, { recursive: true });
  for (const platform of options.target === undefined ? platforms : [options.target]) {
    await step(`Packaging for ${platform}`, () => packageFor(platform), size => ({ ok: true, detail: `${(size / megabyte).toFixed(1)} MB` }));
  }
});

/** @param {string} platform */
async function packageFor(platform) {
  const program = await publishSidecar(platform);
  const folder = `${root}sidecar/bin`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  try {
    await cp(program, `${folder}/${program.endsWith('.exe') ? 'rds-tunnel.exe' : 'rds-tunnel'}`);
    const vsix = `${artifacts}/vsix/rds-tunnel-${platform}.vsix`;
    const { code, tail } = await run(process.execPath, [
      'node_modules/@vscode/vsce/vsce', 'package', '--no-dependencies', '--target', platform, '--readme-path', 'extension/README.md', '--out', vsix,
    ], { cwd: root });
    if (code !== 0) throw new Error(`vsce package failed:\n${tail.join('\n')}`);
    return (await stat(vsix)).size;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
