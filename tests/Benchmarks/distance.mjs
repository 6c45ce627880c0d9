// A network between the sidecar and the local AWS: bytes take their time, and a cut loses those that are on their way.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * @param {number} port of 127.0.0.1, at the other end
 * @param {number} oneWayMs
 */
export async function startDistance(port, oneWayMs) {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, near => {
    const far = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.once('close', () => {
        sockets.delete(socket);
        (socket === near ? far : near).destroy();
      });
      socket.on('error', () => {
        socket.destroy();
      });
    }
    delayed(near, far);
    delayed(far, near);
  });

  /** @param {import('node:net').Socket} from @param {import('node:net').Socket} to */
  function delayed(from, to) {
    from.on('data', data => {
      setTimeout(() => {
        to.write(data);
      }, oneWayMs);
    });
    from.once('end', () => {
      setTimeout(() => {
        to.end();
      }, oneWayMs);
    });
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`,
    cut: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
