// No MongoDB can be had here: a server that takes TLS alone, and answers what its real driver asks on the way to a ping.
import { createServer } from 'node:tls';
import { readFile } from 'node:fs/promises';
import { BSON } from 'mongodb';
import { createCertificates } from './certificates.mjs';
import { databaseHost, temporaryFolder } from './peers.mjs';

const hello = {
  isWritablePrimary: true,
  ismaster: true,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 13,
  readOnly: false,
};

/**
 * @returns {Promise<{ port: number, authority: string, commands: string[], stop: () =>
 * Promise<void> }>} `commands`: those that it was given
 */
export async function startDocumentDb() {
  const folder = await temporaryFolder('documentdb');
  const { authority, certificate, key } = await createCertificates(folder, databaseHost);
  /** @type {string[]} */
  const commands = [];
  const server = createServer({ cert: await readFile(certificate), key: await readFile(key) }, socket => {
    let received = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (/** @type {Buffer} */ data) => {
      received = Buffer.concat([received, data]);
      // length, request, response to, operation; each 4 bytes
      while (received.length >= 4 && received.length >= received.readInt32LE()) {
        const message = received.subarray(0, received.readInt32LE());
        received = received.subarray(message.length);
        const [request, operation] = [message.readInt32LE(4), message.readInt32LE(12)];
        const command = BSON.deserialize(operation === 2013 ? message.subarray(21) : message.subarray(message.indexOf(0, 20) + 9));
        commands.push(Object.keys(command)[0] ?? '');
        socket.write(answer(operation, request, BSON.serialize({ ...hello, ok: 1 })));
      }
    });
  });
  await new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => {
      resolve(undefined);
    });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    authority,
    commands,
    stop: () =>
      new Promise(resolve => {
        server.close(() => {
          resolve();
        });
      }),
  };
}

/**
 * OP_MSG (2013), or OP_REPLY to the OP_QUERY that a driver begins with.
 * @param {number} operation
 * @param {number} request
 * @param {Uint8Array} document
 */
function answer(operation, request, document) {
  const body = operation === 2013 ? Buffer.alloc(5) : Buffer.alloc(20);
  if (operation !== 2013) body.writeInt32LE(1, 16);
  const header = Buffer.alloc(16);
  [16 + body.length + document.length, 1, request, operation === 2013 ? 2013 : 1].forEach((value, index) =>
    header.writeInt32LE(value, 4 * index),
  );
  return Buffer.concat([header, body, document]);
}
