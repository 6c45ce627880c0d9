// The extension as users install it: a VSIX with the sidecar of one platform.
import { cp, mkdir, rm, stat } from 'node:fs/promises';
import { artifacts, root } from './paths.mjs';
import { run } from './processes.mjs';
import { publishSidecar } from './publish.mjs';

/**
 * The extension has to be bundled already. Gives the VSIX's size in bytes.
 * @param {string} platform such as linux-x64
 */
export async function packageFor(platform) {
  await mkdir(`${artifacts}/vsix`, { recursive: true });
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
