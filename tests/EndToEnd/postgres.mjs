// A PostgreSQL of this run's own: a cluster in a temporary folder that takes TLS and a password, and nothing else.
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { run } from '../../scripts/lib/processes.mjs';
import { createCertificates, openssl } from './certificates.mjs';
import { databaseHost, findProgram, freePort, serverUser, skipWithout, temporaryFolder } from './peers.mjs';
import { startServer } from './servers.mjs';

/** Debian keeps the server's programs off PATH, a folder for each version. */
const debianFolder = '/usr/lib/postgresql';
const folders = existsSync(debianFolder)
  ? readdirSync(debianFolder)
      .sort((a, b) => Number(b) - Number(a))
      .map(version => `${debianFolder}/${version}/bin`)
  : [];

const initdb = findProgram('initdb', folders);
/** Programs of the server's installation that stand beside it. @param {string} name */
export const findPostgresProgram = name => findProgram(name, folders);
export const psql = findProgram('psql', folders);
export const pgDump = findProgram('pg_dump', folders);
/** False where a PostgreSQL can be started, or why not. */
export const postgresMissing = skipWithout(initdb && openssl, 'PostgreSQL (with openssl)');
export const postgresClientsMissing = postgresMissing || skipWithout(psql && pgDump, 'psql or pg_dump');

/**
 * @param {object} [options]
 * @param {string} [options.certificateHost] the name on its certificate
 * @param {string[]} [options.rules] who signs in by which method, before the password of all others (pg_hba.conf)
 * @param {Record<string, string | number>} [options.settings] more of them (postgresql.conf)
 * @param {(folder: string) => Promise<{ initdb: string, env: NodeJS.ProcessEnv }>} [options.install] another
 * installation than Debian's, made in that folder
 * @returns {Promise<import('./peers.mjs').Address & { authority: string, stop: () => Promise<void> }>} `authority`: a PEM file
 */
export async function startPostgres({ certificateHost = databaseHost, rules = [], settings: more = {}, install } = {}) {
  const folder = await temporaryFolder('postgres');
  const { initdb, env } = await (install ?? fromDebian)(folder);
  const { authority, certificate, key } = await createCertificates(folder, certificateHost);
  const password = randomBytes(12).toString('hex');
  await writeFile(`${folder}/password`, password);
  const user = await serverUser(['postgres'], folder);
  const data = `${folder}/data`;
  const made = await run(
    initdb,
    [
      '--pgdata',
      data,
      '--username',
      'orders',
      '--pwfile',
      `${folder}/password`,
      '--auth',
      'scram-sha-256',
      '--encoding',
      'UTF8',
      '--locale',
      'C',
      '--no-sync',
    ],
    { user, cwd: folder, env },
  );
  if (made.code !== 0) throw new Error(`initdb failed:\n${made.tail.join('\n')}`);
  await writeFile(`${data}/pg_hba.conf`, [...rules, 'hostssl all all 127.0.0.1/32 scram-sha-256', ''].join('\n'));

  const port = await freePort();
  /** @type {Record<string, string | number>} */
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    ssl: 'on',
    ssl_cert_file: certificate,
    ssl_key_file: key,
    max_connections: 250,
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'off',
    logging_collector: 'off',
    log_checkpoints: 'off',
    ...more,
  };
  const stop = await startServer({
    name: 'PostgreSQL',
    command: `${dirname(initdb)}/postgres`,
    args: ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    user,
    cwd: folder,
    env,
    ready: /database system is ready to accept connections/,
    stopSignal: 'SIGINT', // a fast shutdown: it does not wait for clients
  });
  return { host: '127.0.0.1', port, user: 'orders', password, database: 'postgres', authority, stop };
}

function fromDebian() {
  if (initdb === undefined) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  return Promise.resolve({ initdb, env: {} });
}
