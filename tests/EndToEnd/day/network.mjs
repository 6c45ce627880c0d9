// What is between a laptop and AWS: a company's proxy, which troubles are made of.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * `up`; `refused`: nobody listens, as far as a client can tell; `silent`: a client gets in, and nothing comes back (a VPN that is away);
 * a status: what the proxy answers in place of letting a client through.
 * @typedef {'up' | 'refused' | 'silent' | '407 Proxy Authentication Required' | '503 Service Unavailable'} Weather
 */

/** @param {string} address the proxy behind it */
export async function startNetwork(address) {
  const { hostname, port } = new URL(address);
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  /** Those of which nothing is passed on any more: what becomes of one end, the other does not hear. @type {Set<import('node:net').Socket>} */
  const abandoned = new Set();
  /** @type {Weather} */
  let weather = 'up';
  /** @param {import('node:net').Socket} socket @param {import('node:net').Socket} [other] which goes with it */
  const keep = (socket, other) => {
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      if (!abandoned.delete(socket)) other?.destroy();
    });
    socket.on('error', () => {
      socket.destroy();
    });
  };
  const server = createServer(client => {
    if (weather !== 'up') keep(client);
    if (weather === 'refused') {
      client.resetAndDestroy();
      return;
    }
    if (weather === 'silent') return;
    if (weather !== 'up') {
      const refusal = `HTTP/1.1 ${weather}\r\n${weather.startsWith('407') ? 'Proxy-Authenticate: Basic realm="company"\r\n' : ''}Content-Length: 0\r\nConnection: close\r\n\r\n`;
      client.once('data', () => {
        client.end(refusal);
      });
      return;
    }
    const behind = connect(Number(port), hostname);
    keep(client, behind);
    keep(behind, client);
    client.pipe(behind).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = /** @type {import('node:net').AddressInfo} */ (server.address());
  /** What is connected breaks off, as when a proxy restarts. */
  const breakAll = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    address: `http://127.0.0.1:${own.port}`,
    port: own.port,
    breakAll,
    /** What is connected stays so, and carries nothing any more, as when an address changes: what is new works. */
    abandonAll: () => {
      for (const socket of sockets) {
        abandoned.add(socket);
        socket.unpipe();
        socket.pause();
      }
    },
    /** What is connected breaks off, too. @param {Weather} next */
    become: next => {
      weather = next;
      breakAll();
    },
    stop: () => {
      server.close();
      breakAll();
    },
  };
}
