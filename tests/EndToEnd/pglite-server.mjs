// PostgreSQL in WebAssembly behind a TCP port, as a program: it prints its port, and ends when standard input does.
import { once } from 'node:events';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

const maxConnections = 20;

const server = new PGLiteSocketServer({ db: await PGlite.create(), host: '127.0.0.1', port: 0, maxConnections });
await server.start();
process.stdout.write(`listening on ${server.getServerConn()}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
process.exit();
