// A zip archive with the modes of Unix, the same bytes for the same files.
import { crc32, deflateRawSync } from 'node:zlib';

const [deflated, versionNeeded, madeOnUnix] = [8, 20, 0x0314];

/** @param {{ name: string, content: Buffer, mode: number }[]} files @param {Date} time */
export function zip(files, time) {
  const [day, clock] = dosTime(time);
  const bodies = /** @type {Buffer[]} */ ([]);
  const directory = /** @type {Buffer[]} */ ([]);
  let offset = 0;
  for (const { name, content, mode } of files) {
    const packed = deflateRawSync(content, { level: 9 });
    const common = numbers([versionNeeded, 2], [0, 2], [deflated, 2], [clock, 2], [day, 2], [crc32(content), 4], [packed.length, 4], [content.length, 4], [Buffer.byteLength(name), 2], [0, 2]);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), packed]);
    directory.push(Buffer.from('PK\x01\x02', 'latin1'), numbers([madeOnUnix, 2]), common, numbers([0, 2], [0, 2], [0, 2], [(0o100000 | mode) * 0x10000, 4], [offset, 4]), Buffer.from(name));
    bodies.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = numbers([0, 2], [0, 2], [files.length, 2], [files.length, 2], [central.length, 4], [offset, 4], [0, 2]);
  return Buffer.concat([...bodies, central, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

/** @param {...[value: number, bytes: number]} values little-endian */
function numbers(...values) {
  const buffer = Buffer.alloc(values.reduce((sum, [, bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [value, size] of values) at = buffer.writeUIntLE(value, at, size);
  return buffer;
}

/** @param {Date} time @returns {[number, number]} */
const dosTime = time => [
  (time.getUTCFullYear() - 1980) << 9 | (time.getUTCMonth() + 1) << 5 | time.getUTCDate(),
  time.getUTCHours() << 11 | time.getUTCMinutes() << 5 | time.getUTCSeconds() >> 1,
];
