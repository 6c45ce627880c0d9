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
  /** @type {Weather} */
  let weather = 'up';
  const server = createServer(client => {
    sockets.add(client);
    client.once('close', () => {
      sockets.delete(client);
    });
    client.on('error', () => {
      client.destroy();
    });
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
    sockets.add(behind);
    behind.once('close', () => {
      sockets.delete(behind);
      client.destroy();
    });
    behind.on('error', () => {
      behind.destroy();
    });
    client.once('close', () => {
      behind.destroy();
    });
    client.pipe(behind).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = /** @type {import('node:net').AddressInfo} */ (server.address());
  /** What is connected breaks off, as when an address changes. */
  const breakAll = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    address: `http://127.0.0.1:${own.port}`,
    port: own.port,
    breakAll,
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
