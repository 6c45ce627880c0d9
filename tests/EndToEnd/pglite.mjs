// PGlite from npm: where no PostgreSQL is installed, a real one all the same. Without TLS, one query at a time.
import { fileURLToPath } from 'node:url';
import { startServer } from './servers.mjs';

/** @returns {Promise<import('./peers.mjs').Address & { stop: () => Promise<void> }>} */
export async function startPGlite() {
  let port = 0;
  const stop = await startServer({
    name: 'PGlite',
    command: process.execPath,
    args: [fileURLToPath(new URL('pglite-server.mjs', import.meta.url))],
    ready: /^listening on /,
    onLine: line => {
      port ||= Number(/^listening on .*:(\d+)$/.exec(line)?.[1] ?? 0);
    },
  });
  return { host: '127.0.0.1', port, user: 'postgres', password: 'postgres', database: 'postgres', stop };
}
