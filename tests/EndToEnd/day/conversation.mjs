// A database, and a conversation with it, of which every byte is checked.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * `ended`: in order, in the middle of a conversation; `away`: nobody listened.
 * @typedef {'finished' | 'reset' | 'ended' | 'away' | 'wrong'} End
 */

/** What a client sends first whose connection the server is to end, in order. */
const endMe = Buffer.from('END THIS ONE, PLEASE');

/**
 * A server that says its name (one letter) first, and then sends back what comes.
 * @param {string} name
 */
export async function startNamedEcho(name) {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const server = createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
    });
    socket.on('error', () => {
      socket.destroy();
    });
    socket.write(name);
    socket.once('data', first => {
      if (first.equals(endMe)) {
        socket.end();
        return;
      }
      socket.write(first);
      socket.pipe(socket);
    });
    socket.once('end', () => {
      socket.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    name,
    port: /** @type {import('node:net').AddressInfo} */ (server.address()).port,
    connections: () => sockets.size,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The generator of a seeded order: mulberry32. @param {number} seed */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class ConversationEnd extends Error {
  /** @param {End} end */
  constructor(end) {
    super(`The connection is over: ${end}.`);
    this.end = end;
  }
}

/** A connection, with its server's name. Rejects when it ends before. @param {number} port */
export async function converse(port) {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  /** @type {Buffer[]} */
  let chunks = [];
  let have = 0;
  let isOver = false;
  /** @type {string | undefined} */
  let broken;
  let wake = () => {};
  socket.on('data', data => {
    chunks.push(data);
    have += data.length;
    wake();
  });
  socket.on('error', error => {
    broken = /** @type {NodeJS.ErrnoException} */ (error).code;
  });
  // Where data is left to read, libuv takes a reset for an orderly end. A write tells them apart.
  socket.once('end', () => {
    socket.write('?', error => {
      broken ??= /** @type {NodeJS.ErrnoException | null | undefined} */ (error)?.code;
      socket.destroy();
    });
  });
  // A write may take the reset: its callback comes by then.
  socket.once('close', () =>
    setImmediate(() => {
      isOver = true;
      wake();
    }),
  );
  /** @param {number} bytes @returns {Promise<Buffer>} */
  const read = async bytes => {
    while (have < bytes) {
      if (isOver) throw new ConversationEnd(broken === undefined ? 'ended' : broken === 'ECONNREFUSED' ? 'away' : 'reset');
      await new Promise(resolve => {
        wake = () => {
          resolve(undefined);
        };
      });
    }
    const all = Buffer.concat(chunks);
    chunks = [all.subarray(bytes)];
    have -= bytes;
    return all.subarray(0, bytes);
  };
  /** @param {Buffer} sent @returns whether the same came back */
  const echo = async sent => {
    socket.write(sent, error => {
      broken ??= /** @type {NodeJS.ErrnoException | null | undefined} */ (error)?.code;
    });
    const digest = (/** @type {Buffer} */ bytes) => createHash('sha256').update(bytes).digest('hex');
    return digest(await read(sent.length)) === digest(sent);
  };
  try {
    const server = (await read(1)).toString();
    return {
      server,
      echo,
      askForTheEnd: () => {
        socket.write(endMe);
      },
      isOver: () => isOver,
      close: async () => {
        if (!socket.destroyed) await once(socket.destroy(), 'close');
      },
    };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
