// The extension as users install it: a VSIX with the sidecar of one platform, or of any.
import { cp, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { artifacts, root } from './paths.mjs';
import { run } from './processes.mjs';
import { portable, publishSidecar } from './publish.mjs';

/** What users download, and what their editors unpack. */
export const mostBytes = 30e6;

/**
 * The extension has to be bundled already. Gives the VSIX's size in bytes.
 * @param {string} platform such as linux-x64
 */
export async function packageFor(platform) {
  await mkdir(`${artifacts}/vsix`, { recursive: true });
  const published = await publishSidecar(platform);
  const folder = `${root}sidecar/bin`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  try {
    if (platform === portable) {
      for (const name of (await readdir(published)).filter(each => /\.(?:dll|json)$/.test(each))) await cp(`${published}/${name}`, `${folder}/${name}`);
    } else {
      await cp(published, `${folder}/${basename(published)}`);
    }
    const vsix = `${artifacts}/vsix/rds-tunnel-${platform}.vsix`;
    const { code, tail } = await run(process.execPath, [
      'node_modules/@vscode/vsce/vsce', 'package', '--no-dependencies', ...platform === portable ? [] : ['--target', platform],
      '--readme-path', 'extension/README.md', '--out', vsix,
    ], { cwd: root });
    if (code !== 0) throw new Error(`vsce package failed:\n${tail.join('\n')}`);
    const { size } = await stat(vsix);
    if (size > mostBytes) throw new Error(`${vsix} has ${size} bytes; ${mostBytes} are allowed.`);
    return size;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
