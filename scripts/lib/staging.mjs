// Files as they will stand in an archive, laid out in a folder first.
import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';

/**
 * Copies a file, and makes the folders that it lies in; no mode depends on who does it.
 * @param {string} from
 * @param {string} staging the folder that stands for the archive
 * @param {string} name in it
 * @param {number} mode
 */
export async function place(from, staging, name, mode) {
  const to = resolve(staging, name);
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  await chmod(to, mode);
  for (let folder = dirname(to); relative(staging, folder) !== ''; folder = dirname(folder)) await chmod(folder, 0o755);
}
