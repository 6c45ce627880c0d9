// The code signature of a program for macOS, as its kernel reads it (xnu, osfmk/kern/cs_blobs.h). All of its numbers are big-endian.
import { createHash } from 'node:crypto';

const [machO64, codeSignatureCommand, embeddedSignature, codeDirectoryMagic] = [0xfeedfacf, 0x1d, 0xfade0cc0, 0xfade0c02];
const headerBytes = 32;
const sha256 = 2;
export const adHoc = 0x2;

/** @param {Buffer} program @returns {{ offset: number, size: number }} where the signature lies in the file */
function signatureIn(program) {
  if (program.readUInt32LE(0) !== machO64) throw new Error('This is no program for macOS.');
  for (let at = headerBytes, left = program.readUInt32LE(16); left > 0; left--) {
    if (program.readUInt32LE(at) === codeSignatureCommand)
      return { offset: program.readUInt32LE(at + 8), size: program.readUInt32LE(at + 12) };
    at += program.readUInt32LE(at + 4);
  }
  throw new Error('The program is not signed, and macOS does not run it.');
}

/**
 * What the signature says, and which pages of the program are not what was signed.
 * @param {Buffer} program
 */
export function verifySignature(program) {
  const { offset, size } = signatureIn(program);
  const blob = program.subarray(offset, offset + size);
  if (blob.readUInt32BE(0) !== embeddedSignature) throw new Error('The signature has no super blob.');
  const start = Array.from({ length: blob.readUInt32BE(8) }, (_, i) => blob.readUInt32BE(16 + 8 * i)).find(
    at => blob.readUInt32BE(at) === codeDirectoryMagic,
  );
  if (start === undefined) throw new Error('The signature has no code directory.');
  const directory = blob.subarray(start, start + blob.readUInt32BE(start + 4));
  const [flags = 0, hashes = 0, identifier = 0, slots = 0, limit = 0] = [12, 16, 20, 28, 32].map(at => directory.readUInt32BE(at));
  const [hashBytes, hashType, pageBytes] = [directory.readUInt8(36), directory.readUInt8(37), 2 ** directory.readUInt8(39)];
  if (hashType !== sha256) throw new Error(`The pages are hashed by type ${hashType}, not SHA-256.`);
  const wrongPages = Array.from({ length: slots }, (_, page) => page).filter(page => {
    const content = program.subarray(page * pageBytes, Math.min((page + 1) * pageBytes, limit));
    const at = hashes + page * hashBytes;
    return !createHash('sha256')
      .update(content)
      .digest()
      .subarray(0, hashBytes)
      .equals(directory.subarray(at, at + hashBytes));
  });
  return {
    flags,
    identifier: directory.toString('utf8', identifier, directory.indexOf(0, identifier)),
    pages: slots,
    wrongPages,
    /** Whether each byte before the signature is on a page, and none comes after it. */
    coversAll: limit === offset && Math.ceil(limit / pageBytes) === slots && offset + size === program.length,
  };
}
