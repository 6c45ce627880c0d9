// Load generator and target server in one: raw sockets, and payload that nobody looks at, so that what is measured is what lies between.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { hangMs } from '../EndToEnd/ports.mjs';

/** The first byte that a connection sends says what the target does with it; a download's second byte says which one it is.
 * @typedef {'download' | 'upload' | 'echo'} Service */

const requests = { download: 'D', upload: 'U', echo: 'E' };

/** What a download has under way at most. A real target's rate is bounded by the agent's pace; without one, a reader that the machine
 * starves for half a second would fall 64 MiB behind, which is when the sidecar lets go of a connection (docs/adr/0004-slow-readers.md). */
const maxBytesUnderWay = 16 * 1024 * 1024;

/** What a download has under way, and what is still to be sent. @typedef {{ bytes: number, left: number, resume: () => void }} Download */

/** By its number. @type {Map<number, Download>} */
const underWay = new Map();
let downloads = 0;

/** Enough that a write is rare, small enough that what waits in a connection is soon through. */
const chunk = Buffer.alloc(64 * 1024, 'rds-tunnel ');

/** The target: a port of 127.0.0.1, and the bytes that have come in by upload. */
export async function startTarget() {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const received = { bytes: 0 };
  const server = createServer({ noDelay: true }, socket => {
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
    });
    socket.on('error', () => {
      socket.destroy();
    });
    socket.once('data', first => {
      const request = String.fromCharCode(first[0] ?? 0);
      if (request === requests.download) {
        const download = underWay.get(first[1] ?? 0);
        if (download === undefined) socket.destroy();
        else download.resume = pump(socket, download);
        socket.resume();
      } else if (request === requests.upload) {
        socket.write('U');
        socket.on('data', data => {
          received.bytes += data.length;
        });
      } else {
        socket.write(first);
        socket.pipe(socket);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: /** @type {import('node:net').AddressInfo} */ (server.address()).port,
    received,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/**
 * Writes as fast as the other side takes it, until the socket is closed or all is sent. Gives what makes it look again whether it may go on.
 * @param {import('node:net').Socket} socket
 * @param {{ bytes: number, left: number }} [download]
 */
function pump(socket, download = { bytes: -Infinity, left: Infinity }) {
  const fill = () => {
    while (download.left > 0 && !socket.destroyed && !socket.writableNeedDrain && download.bytes < maxBytesUnderWay) {
      const next = chunk.subarray(0, download.left);
      download.bytes += next.length;
      download.left -= next.length;
      socket.write(next);
      if (download.left === 0) socket.end();
    }
  };
  socket.on('drain', fill);
  fill();
  return fill;
}

/**
 * Connects through the local port, and waits for the target's first byte.
 * @param {number} port
 * @param {Service} service
 * @param {number[]} [number] a download's
 */
export async function connectTo(port, service, number = []) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const patience = setTimeout(() => {
    socket.destroy(new Error(`No byte came back through port ${port} in ${hangMs / 1_000} s.`));
  }, hangMs);
  await once(socket, 'connect');
  const answered = once(socket, 'data');
  socket.write(Buffer.from([requests[service].charCodeAt(0), ...number]));
  await answered;
  clearTimeout(patience);
  // How it ends is no part of the measurement.
  socket.on('error', () => undefined);
  return socket;
}

/**
 * A connection that carries data until it is destroyed.
 * @param {number} port
 * @param {'download' | 'upload'} direction
 * @param {{ bytes: number }} received counts what a download receives
 * @param {number} [bytes] after which a download ends
 */
export async function transfer(port, direction, received, bytes = Infinity) {
  if (direction === 'upload') {
    const socket = await connectTo(port, direction);
    pump(socket);
    socket.resume();
    return socket;
  }
  const number = downloads++ % 256;
  /** @type {Download} */
  const download = { bytes: 0, left: bytes, resume: () => undefined };
  underWay.set(number, download);
  const socket = await connectTo(port, direction, [number]);
  socket.on('data', data => {
    received.bytes += data.length;
    download.bytes -= data.length;
    download.resume();
  });
  socket.once('close', () => {
    underWay.delete(number);
  });
  return socket;
}

/**
 * Sends 100 bytes and waits for them, again and again; gives each round trip's milliseconds, ascending.
 * @param {number} port
 * @param {number} count
 */
export async function echoTimes(port, count) {
  const message = chunk.subarray(0, 100);
  const socket = await connectTo(port, 'echo');
  const times = [];
  for (let i = 0; i < count; i++) {
    const started = performance.now();
    socket.write(message);
    for (let missing = message.length; missing > 0;) {
      const [data] = /** @type {[Buffer]} */ (await once(socket, 'data'));
      missing -= data.length;
    }
    times.push(performance.now() - started);
  }
  socket.destroy();
  return times.sort((a, b) => a - b);
}
