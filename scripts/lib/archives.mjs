// The command line alone, for machines without the editor: an archive for each platform, packages for Debian, images for containers.
// Archives of the same program are the same bytes: nothing of this machine is in them.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as tar from 'tar';
import { ZipFile } from 'yazl';
import { debMissing, isForDebian, makeDeb } from './deb.mjs';
import { imageMissing, makeImage } from './image.mjs';
import { artifacts, root } from './paths.mjs';
import { portable } from './publish.mjs';
import { place } from './staging.mjs';
import { shippedFiles } from './vsix.mjs';

/** The year in which the format of zip begins. A zip has no time zone: what stands in it is what a clock on the wall here shows. */
const [time, wallTime] = [new Date('1980-01-01T00:00:00Z'), new Date(1980, 0, 1)];

/**
 * @param {import('./publish.mjs').Published} published
 * @param {string} [folder] where they are written
 * @returns {Promise<string[]>} the files that were written
 */
export async function archive(published, folder = `${artifacts}/cli`) {
  const { platform } = published;
  const { version } = /** @type {{ version: string }} */ (JSON.parse(await readFile(`${root}package.json`, 'utf8')));
  const name = `rds-tunnel-${version}-${platform}`;
  const staging = `${folder}/staging`;
  const shipped = await shippedFiles(published);
  await rm(staging, { recursive: true, force: true });
  try {
    for (const each of shipped)
      await place(`${published.folder}/${each}`, staging, `${name}/${each}`, platform === portable ? 0o644 : 0o755);
    await place(`${root}LICENSE`, staging, `${name}/LICENSE`, 0o644);
    const files = [...shipped, 'LICENSE'].map(each => `${name}/${each}`);
    // Windows opens zip by itself; the portable one may be for it.
    const written = [
      platform.startsWith('win32') || platform === portable
        ? await zip(`${folder}/${name}.zip`, staging, files)
        : await tarball(`${folder}/${name}.tar.gz`, staging, [name, ...files]),
    ];
    if (isForDebian(published) && debMissing === undefined) written.push(await makeDeb(published, { version, folder, time }));
    if (imageMissing(published) === undefined) written.push(await makeImage(published, { version, folder, time }));
    return written;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** @param {string} path @param {string} from @param {string[]} files */
async function zip(path, from, files) {
  const archive = new ZipFile();
  for (const file of files) archive.addFile(`${from}/${file}`, file, { mtime: wallTime, forceDosTimestamp: true, compressionLevel: 9 });
  archive.end();
  await pipeline(archive.outputStream, createWriteStream(path));
  return path;
}

/** @param {string} path @param {string} from @param {string[]} entries */
async function tarball(path, from, entries) {
  await tar.create({ file: path, cwd: from, gzip: { level: 9 }, portable: true, noDirRecurse: true, mtime: time }, entries);
  return path;
}

/** Beside the files, as `sha256sum --check` reads it. @param {string[]} files of one folder */
export async function writeChecksums(files) {
  const lines = await Promise.all(
    [...files].sort().map(
      async file =>
        `${createHash('sha256')
          .update(await readFile(file))
          .digest('hex')}  ${basename(file)}\n`,
    ),
  );
  if (files[0] !== undefined) await writeFile(`${dirname(files[0])}/SHA256SUMS`, lines.join(''));
}
