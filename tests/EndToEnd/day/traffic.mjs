// What database tools do all day, with bytes that are checked: short conversations one after another, and one that stays open.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A pause between two conversations of a tool. */
const pauseMs = 100;
const longPauseMs = 250;
/** A tool that was refused waits a moment before it tries again. */
const refusedPauseMs = 300;

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

class ConversationEnd extends Error {
  /** @param {End} end */
  constructor(end) {
    super(`The connection is over: ${end}.`);
    this.end = end;
  }
}

/** A connection, with its server's name. Rejects when it ends before. @param {number} port */
export async function converse(port) {
  const socket = connect(port, '127.0.0.1');
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
  // A write may take the reset, and leave an orderly end to the read: its callback comes by then.
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

/**
 * The traffic of one tunnel.
 * @param {number} port
 * @param {() => number} next random
 * @param {(end: End) => void} onEnd
 */
export function startTraffic(port, next, onEnd) {
  let isStopping = false;
  /** @param {(connection: Awaited<ReturnType<typeof converse>>) => Promise<boolean>} talk whether all bytes were right */
  const once_ = async talk => {
    /** @type {Awaited<ReturnType<typeof converse>> | undefined} */
    let connection;
    try {
      connection = await converse(port);
      onEnd((await talk(connection)) ? 'finished' : 'wrong');
    } catch (error) {
      if (!(error instanceof ConversationEnd)) throw error;
      onEnd(error.end);
      await delay(refusedPauseMs);
    }
    await connection?.close();
  };
  const short = async () => {
    while (!isStopping) {
      await once_(({ echo }) => echo(randomBytes(1 + Math.floor(next() ** 4 * 200_000))));
      await delay(pauseMs);
    }
  };
  const long = async () => {
    while (!isStopping) {
      await once_(async ({ echo }) => {
        while (!isStopping) {
          if (!(await echo(randomBytes(64)))) return false;
          await delay(longPauseMs);
        }
        return true;
      });
    }
  };
  const working = Promise.all([short(), long()]);
  return {
    stop: async () => {
      isStopping = true;
      await working;
    },
  };
}
