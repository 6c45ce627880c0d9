// An LDAP server that knows how to bind, and nothing else. PostgreSQL asks it about passwords that
// it gets in plain text over TLS, of any length, as RDS asks PAM about IAM's tokens.
import { createServer } from 'node:net';

/**
 * @param {(user: string, password: string) => boolean} accepts
 * @returns {Promise<{ port: number, stop: () => Promise<void> }>}
 */
export async function startDirectory(accepts) {
  const server = createServer(socket => {
    let received = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', bytes => {
      received = Buffer.concat([received, bytes]);
      const message = read(received, 0);
      if (message === undefined) return;
      received = received.subarray(message.end);
      const id = /** @type {Element} */ (read(message.value, 0));
      const request = read(message.value, id.end);
      if (request?.tag !== 0x60) {
        socket.end(); // unbind
        return;
      }
      const version = /** @type {Element} */ (read(request.value, 0));
      const name = /** @type {Element} */ (read(request.value, version.end));
      const password = /** @type {Element} */ (read(request.value, name.end));
      const code = accepts(name.value.toString().replace(/^cn=/, ''), password.value.toString()) ? 0 : 49;
      socket.write(element(0x30, Buffer.concat([element(0x02, id.value), element(0x61, Buffer.from([0x0a, 1, code, 0x04, 0, 0x04, 0]))])));
    });
  });
  await new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => {
      resolve(undefined);
    });
  });
  return {
    port: /** @type {import('node:net').AddressInfo} */ (server.address()).port,
    stop: () =>
      new Promise(resolve => {
        server.close(() => {
          resolve(undefined);
        });
      }),
  };
}

/** @typedef {{ tag: number, value: Buffer, end: number }} Element one of BER */

/** @param {Buffer} bytes @param {number} at @returns {Element | undefined} undefined while some of it is missing */
function read(bytes, at) {
  if (bytes.length < at + 2) return undefined;
  const first = bytes.readUInt8(at + 1);
  const more = first < 0x80 ? 0 : first & 0x7f;
  if (bytes.length < at + 2 + more) return undefined;
  const length = more === 0 ? first : bytes.readUIntBE(at + 2, more);
  const start = at + 2 + more;
  return bytes.length < start + length
    ? undefined
    : { tag: bytes.readUInt8(at), value: bytes.subarray(start, start + length), end: start + length };
}

/** @param {number} tag @param {Buffer} value shorter than 128 bytes */
const element = (tag, value) => Buffer.concat([Buffer.from([tag, value.length]), value]);
