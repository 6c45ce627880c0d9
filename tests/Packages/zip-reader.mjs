// What a zip holds, read apart from what writes it.
import { readFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';

/** @typedef {{ name: string, mode: number, content: () => Buffer }} Entry */

/** The files of a zip: names, Unix modes, contents. @param {string} path */
export async function entriesOf(path) {
  const zip = await readFile(path);
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  /** @type {Entry[]} */
  const entries = [];
  for (let at = zip.readUInt32LE(end + 16), left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [method, packed, nameLength, extra, comment, local] = [
      zip.readUInt16LE(at + 10),
      zip.readUInt32LE(at + 20),
      zip.readUInt16LE(at + 28),
      zip.readUInt16LE(at + 30),
      zip.readUInt16LE(at + 32),
      zip.readUInt32LE(at + 42),
    ];
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    entries.push({
      name: zip.toString('utf8', at + 46, at + 46 + nameLength),
      mode: zip.readUInt32LE(at + 38) >>> 16,
      content: () => (method === 0 ? zip.subarray(start, start + packed) : inflateRawSync(zip.subarray(start, start + packed))),
    });
    at += 46 + nameLength + extra + comment;
  }
  return entries.filter(({ name }) => !name.endsWith('/'));
}
