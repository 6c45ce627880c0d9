// A tar archive (POSIX ustar), the same bytes for the same files: no owner, no time of this machine.

/** @typedef {{ name: string, content?: Buffer, mode: number }} Entry a folder when it has no content; the name of a folder ends with a slash */

const blockBytes = 512;

/** @param {Entry[]} entries @param {Date} time */
export function tar(entries, time) {
  const blocks = entries.flatMap(({ name, content, mode }) => [header(name, content?.length ?? 0, content === undefined, mode, time), ...content === undefined ? [] : [padded(content)]]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]);
}

/** @param {string} name @param {number} size @param {boolean} isFolder @param {number} mode @param {Date} time */
function header(name, size, isFolder, mode, time) {
  if (Buffer.byteLength(name) > 100) throw new Error(`${name} is too long for a name in a tar archive.`);
  const block = Buffer.alloc(blockBytes);
  const octal = (/** @type {number} */ value, /** @type {number} */ at, /** @type {number} */ digits) => block.write(value.toString(8).padStart(digits, '0'), at);
  block.write(name, 0);
  octal(mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(Math.floor(time.getTime() / 1_000), 136, 11);
  block.write(isFolder ? '5' : '0', 156);
  block.write('ustar\x0000root', 257, 'latin1');
  block.write('root', 297);
  // The checksum counts itself as spaces.
  block.fill(' ', 148, 156);
  octal(block.reduce((sum, byte) => sum + byte, 0), 148, 6);
  block[154] = 0;
  return block;
}

/** @param {Buffer} content */
const padded = content => Buffer.concat([content, Buffer.alloc((blockBytes - content.length % blockBytes) % blockBytes)]);
