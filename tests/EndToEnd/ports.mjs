// Small TCP helpers.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** @param {number} port */
export async function isListening(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Listens on a free port of 127.0.0.1 and sends back what comes. */
export async function startEcho() {
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
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref(); // A test that fails before it stops this one ends nevertheless.
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    port,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A connection over which one byte has gone there and back. @param {number} port */
export async function connectAndEcho(port) {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  // How it ends is the test's business.
  socket.on('error', () => undefined);
  socket.write('x');
  const [answer] = /** @type {[Buffer]} */ (await once(socket, 'data'));
  if (answer.toString() !== 'x') throw new Error(`The echo was ${answer.toString()}.`);
  return socket;
}

/** Only what hangs takes so long, on a busy machine too. */
export const hangMs = 300_000;

/**
 * Asks again until the answer is yes.
 * @param {() => boolean | Promise<boolean>} condition
 * @param {number} [timeoutMs] for whom giving up is no failure
 */
export async function eventually(condition, timeoutMs = hangMs) {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() >= end) return false;
    await delay(50);
  }
  return true;
}
