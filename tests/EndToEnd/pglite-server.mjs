// PostgreSQL in WebAssembly behind a TCP port, as a program: it prints its port, and ends when standard input does.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

const maxConnections = 20;
/** What a client says last: the message Terminate, X with a length of 4. */
const terminate = Buffer.from([0x58, 0, 0, 0, 4]);

const server = new PGLiteSocketServer({ db: await PGlite.create(), host: '127.0.0.1', port: 0, maxConnections });
await server.start();
closeOnTerminate(server);
process.stdout.write(`listening on ${server.getServerConn()}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
process.exit();

/**
 * A PostgreSQL closes the connection when the client says Terminate; PGlite's server waits for the client to close it.
 * @param {PGLiteSocketServer} pglite
 */
function closeOnTerminate(pglite) {
  const listener = pglite['server'];
  if (!(listener instanceof createServer().constructor)) throw new Error('PGlite has another kind of server now.');
  /** @type {import('node:net').Server} */ (listener).on('connection', socket => {
    socket.on('data', data => {
      if (data.subarray(-terminate.length).equals(terminate)) socket.end();
    });
  });
}
