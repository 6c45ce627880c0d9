// What is around the editor in these tests: a real PostgreSQL in a private network of the local
// AWS, which answers by AWS's own names behind a proxy.
import { execFile, execFileSync } from 'node:child_process';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { startEmulator } from '../EndToEnd/emulator.mjs';
import { databaseHost, temporaryFolder } from '../EndToEnd/peers.mjs';
import { hangMs } from '../EndToEnd/ports.mjs';
import { startPostgres } from '../EndToEnd/postgres.mjs';
import { ssoProfile } from '../EndToEnd/profiles.mjs';
import { query } from '../EndToEnd/sqltools.mjs';

export const readerHost = 'orders.cluster-ro-abc123.eu-central-1.rds.amazonaws.com';

/** @typedef {Awaited<ReturnType<typeof startSetting>>} Setting */

/**
 * @param {object} [options]
 * @param {string} [options.profiles] the AWS configuration file
 * @param {Record<string, string>} [options.alsoResolve] other hosts that the jump hosts find, and where
 */
export async function startSetting({ profiles = ssoProfile('work'), alsoResolve = {} } = {}) {
  const database = await startPostgres();
  const home = await temporaryFolder('aws');
  await writeFile(`${home}/config`, profiles);
  const certificateAuthority = `${home}/authority.pem`;
  const emulator = await startEmulator({
    world: true,
    certificateAuthority,
    databaseAddress: `127.0.0.1:${database.port}`,
    alsoResolve: { [readerHost]: `127.0.0.1:${database.port}`, ...alsoResolve },
  });
  /** @type {NodeJS.ProcessEnv} */
  const common = { AWS_CONFIG_FILE: `${home}/config`, NO_PROXY: '127.0.0.1,localhost', AWS_EC2_METADATA_DISABLED: 'true' };
  return {
    emulator,
    /** The proxy and its authority, from the environment. */
    env: /** @type {NodeJS.ProcessEnv} */ ({ ...common, AWS_CA_BUNDLE: certificateAuthority, HTTPS_PROXY: emulator.proxy }),
    /** The proxy from the editor's settings, which trust anybody. */
    fromSettings: { env: common, settings: { 'http.proxy': emulator.proxy, 'http.proxyStrictSSL': false } },
    configFile: `${home}/config`,
    /** The database's authority is one of those that AWS_CA_BUNDLE names. */
    trustDatabase: async () => {
      await appendFile(certificateAuthority, `\n${await readFile(database.authority, 'utf8')}`);
    },
    /** Runs a statement as the database's owner. @param {string} statement */
    asOwner: async statement => {
      const { user, password, port, authority } = database;
      const client = new pg.Client({
        host: '127.0.0.1',
        port,
        user,
        password,
        database: database.database,
        ssl: { ca: await readFile(authority, 'utf8'), servername: databaseHost },
      });
      await client.connect();
      await client.query(statement);
      await client.end();
    },
    /** What a driver sees through a tunnel. @param {number} port @param {string} [servername] */
    version: async (port, servername = databaseHost) => {
      const { user, password, authority } = database;
      const ssl = {
        ca: await readFile(authority, 'utf8'),
        servername,
        ...(servername === databaseHost ? {} : { checkServerIdentity: () => undefined }),
      };
      const client = new pg.Client({
        host: '127.0.0.1',
        port,
        user,
        password,
        database: database.database,
        ssl,
        connectionTimeoutMillis: hangMs,
      });
      await client.connect();
      const { rows } = await client.query('select version()');
      await client.end();
      return /** @type {{ version: string }} */ (rows[0]).version;
    },
    /**
     * Runs a line of psql as it was copied, for the user whose password is known here, and with the
     * database's authority in the place of AWS's.
     * @param {string} line
     */
    psql: async line => {
      const { user, password, authority } = database;
      const ours = line.replace(/ user=\S+/, ` user=${user}`).replace(/ sslrootcert=\S+?\.pem/, ` sslrootcert=${authority}`);
      const { stdout } = await promisify(execFile)('sh', ['-c', `${ours} --tuples-only --command 'select version()'`], {
        env: { ...process.env, PGPASSWORD: password },
      });
      return stdout.trim();
    },
    user: database.user,
    password: database.password,
    /** Adds the database's authority to a file with those of AWS. @param {string} file */
    addAuthority: async file => {
      await appendFile(file, `\n${await readFile(database.authority, 'utf8')}`);
    },
    /**
     * What SQLTools gets with a connection of its settings, and with the database's authority in the place of AWS's.
     * @param {Record<string, any>} connection
     */
    sqlTools: connection =>
      query({ ...connection, pgOptions: { ssl: { ...connection.pgOptions.ssl, ca: database.authority } } }, database.password),
    /** A transfer that lasts for a while. @param {number} port @param {number} megabytes */
    download: async (port, megabytes) => {
      const { user, password, authority } = database;
      const client = new pg.Client({
        host: '127.0.0.1',
        port,
        user,
        password,
        database: database.database,
        ssl: { ca: await readFile(authority, 'utf8'), servername: databaseHost },
      });
      await client.connect();
      await client.query('select repeat($1, 1000000) from generate_series(1, $2)', ['x', megabytes]);
      await client.end();
    },
    stop: async () => {
      await emulator.stop();
      await database.stop();
    },
  };
}

/** The process ids of the sidecars that packaged extensions have started. */
export function sidecars() {
  try {
    return execFileSync('pgrep', ['-f', 'extensions/rds-tunnel.*sidecar/bin/rds-tunnel serve'], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .filter(line => line !== '')
      .map(Number);
  } catch {
    return [];
  }
}

/**
 * Whether something listens there. It asks the kernel: a connection, even one that ends at once, would open a session.
 * @param {number} port
 */
export async function isListening(port) {
  // Columns of /proc/net/tcp: number, local address and port in hexadecimal, the peer's, state (0A: listens).
  const sockets = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map(line => line.trim().split(/\s+/));
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  return sockets.some(([, local, , state]) => state === '0A' && local?.endsWith(`:${hexPort}`));
}
