// The command line alone, for machines without the editor: an archive for each platform, and packages for Debian.
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { deb } from './deb.mjs';
import { glibcFloor } from './glibc.mjs';
import { artifacts, root } from './paths.mjs';
import { portable } from './publish.mjs';
import { tar } from './tar.mjs';
import { shippedFiles } from './vsix.mjs';
import { zip } from './zip.mjs';

/** The year in which the format of zip begins: archives of the same program are the same bytes. */
const time = new Date('1980-01-01T00:00:00Z');
const folder = `${artifacts}/cli`;

/** @type {Record<string, 'amd64' | 'arm64'>} */
const debianNames = { 'linux-x64': 'amd64', 'linux-arm64': 'arm64' };

/**
 * @param {import('./publish.mjs').Published} published
 * @returns {Promise<string[]>} the files that were written
 */
export async function archive(published) {
  const { platform, form } = published;
  const { version } = /** @type {{ version: string }} */ (JSON.parse(await readFile(`${root}package.json`, 'utf8')));
  const name = `rds-tunnel-${version}-${platform}`;
  const license = await readFile(`${root}LICENSE`);
  const shipped = await Promise.all((await shippedFiles(published)).map(async each => ({
    name: `${name}/${each}`, content: await readFile(`${published.folder}/${each}`), mode: platform === portable ? 0o644 : 0o755,
  })));
  const files = [...shipped, { name: `${name}/LICENSE`, content: license, mode: 0o644 }];
  await mkdir(folder, { recursive: true });
  // Windows opens zip by itself; the portable one may be for it.
  const isZip = platform.startsWith('win32') || platform === portable;
  const written = [`${folder}/${name}${isZip ? '.zip' : '.tar.gz'}`];
  await writeFile(String(written[0]), isZip ? zip(files, time) : gzipSync(tar([{ name: `${name}/`, mode: 0o755 }, ...files], time), { level: 9 }));
  const architecture = debianNames[platform];
  const [program] = shipped;
  if (architecture !== undefined && form === 'native' && program !== undefined) {
    const path = `${folder}/rds-tunnel_${version}_${architecture}.deb`;
    await writeFile(path, deb({ version, architecture, glibc: glibcFloor, program: program.content, license: license.toString(), time }));
    written.push(path);
  }
  return written;
}

/** Beside the files, as `sha256sum --check` reads it. @param {string[]} files of one folder */
export async function writeChecksums(files) {
  const lines = await Promise.all([...files].sort().map(async file => `${createHash('sha256').update(await readFile(file)).digest('hex')}  ${basename(file)}\n`));
  if (files[0] !== undefined) await writeFile(`${dirname(files[0])}/SHA256SUMS`, lines.join(''));
}
