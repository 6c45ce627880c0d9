// The extension as users install it: a VSIX with the sidecar of one platform, or of any.
import { cp, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { artifacts, root } from './paths.mjs';
import { run } from './processes.mjs';
import { portable, publishSidecar } from './publish.mjs';

/** What users download, and what their editors unpack. */
export const mostBytes = 25e6;

/** @param {string} platform */
export const vsixOf = platform => `${artifacts}/vsix/rds-tunnel-${platform}.vsix`;

/**
 * The files of a published sidecar that users get: not the symbols of debuggers.
 * @param {import('./publish.mjs').Published} published
 * @returns {Promise<string[]>} names in its folder
 */
export async function shippedFiles({ platform, folder, program }) {
  if (platform !== portable) return [program.slice(folder.length + 1)];
  return (await readdir(folder)).filter(each => /\.(?:dll|json)$/.test(each)).sort();
}

/** @typedef {{ published: import('./publish.mjs').Published, vsix: string, size: number }} Package `size` in bytes */

/** Those of this run. @type {Map<string, Promise<Package>>} */
const packages = new Map();

/**
 * The extension has to be bundled already. What was packaged in this run is not packaged again.
 * @param {string} platform such as linux-x64
 * @param {import('./publish.mjs').Form} [form]
 */
export function packageFor(platform, form) {
  const made = packages.get(platform) ?? makePackage(platform, form);
  packages.set(platform, made);
  return made;
}

/** @param {string} platform @param {import('./publish.mjs').Form | undefined} form @returns {Promise<Package>} */
async function makePackage(platform, form) {
  await mkdir(`${artifacts}/vsix`, { recursive: true });
  const published = await publishSidecar(platform, form);
  const folder = `${root}sidecar/bin`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  try {
    for (const name of await shippedFiles(published)) await cp(`${published.folder}/${name}`, `${folder}/${name}`);
    const vsix = vsixOf(platform);
    const { code, tail } = await run(
      process.execPath,
      [
        'node_modules/@vscode/vsce/vsce',
        'package',
        '--no-dependencies',
        '--allow-star-activation',
        ...(platform === portable ? [] : ['--target', platform]),
        '--readme-path',
        'extension/README.md',
        '--out',
        vsix,
      ],
      { cwd: root },
    );
    if (code !== 0) throw new Error(`vsce package failed:\n${tail.join('\n')}`);
    const { size } = await stat(vsix);
    if (size > mostBytes) throw new Error(`${vsix} has ${size} bytes; ${mostBytes} are allowed.`);
    return { published, vsix, size };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
