// The database of the demos.
import { readFile } from 'node:fs/promises';
import { databaseHost } from '../../tests/EndToEnd/peers.mjs';
import { startPGlite } from '../../tests/EndToEnd/pglite.mjs';
import { postgresMissing, startPostgres } from '../../tests/EndToEnd/postgres.mjs';

/** A PostgreSQL found on this machine, else PGlite. @param {boolean} pglite */
export async function startDatabase(pglite) {
  if (postgresMissing !== false || pglite) {
    const address = await startPGlite();
    const { user, password, database } = address;
    return {
      name: `PGlite (${pglite ? 'as asked' : postgresMissing || ''}; a real PostgreSQL in WebAssembly)`,
      port: address.port,
      tls: false,
      parallel: false,
      driver: { host: '127.0.0.1', user, password, database },
      psql: (/** @type {number} */ port) =>
        `PGPASSWORD=${password} psql "host=127.0.0.1 port=${port} user=${user} dbname=${database} sslmode=disable"`,
    };
  }

  const { user, password, database, authority, port: serverPort } = await startPostgres();
  return {
    name: 'PostgreSQL',
    port: serverPort,
    tls: true,
    parallel: true,
    driver: { host: '127.0.0.1', user, password, database, ssl: { ca: await readFile(authority, 'utf8'), servername: databaseHost } },
    psql: (/** @type {number} */ port) =>
      `PGPASSWORD=${password} psql "host=${databaseHost} hostaddr=127.0.0.1 port=${port} user=${user} dbname=${database} sslmode=verify-full sslrootcert=${authority}"`,
  };
}
