// What the database servers here have in common: found or not, private to this run, gone afterwards.
import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { tmpdir } from 'node:os';
import { atEnd } from '../../scripts/lib/endings.mjs';

/** The name that the database's certificate bears, as RDS names a cluster's endpoint. */
export const databaseHost = 'orders.cluster-abc123.eu-central-1.rds.amazonaws.com';

/**
 * A database as clients reach it directly.
 * @typedef {{ host: string, port: number, user: string, password: string, database: string }} Address
 */

/** True where nothing may be left out: a peer that is missing then fails its tests. */
const required = process.env.RDS_TUNNEL_REQUIRE_PEERS === '1';

/**
 * What `skip` of a test takes: why it is left out, or false.
 * @param {string | undefined} found the program, or undefined
 * @param {string} what its name, and how to get it
 */
export const skipWithout = (found, what) => (found === undefined && !required ? `${what} is not installed` : false);

/**
 * The first of these programs that exists.
 * @param {string} name
 * @param {string[]} [folders] where to look beside PATH
 * @returns {string | undefined}
 */
export function findProgram(name, folders = []) {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return [...folders, ...(process.env.PATH ?? '').split(delimiter)]
    .map(folder => join(folder, name + suffix))
    .find(file => existsSync(file));
}

/** A folder that is gone when this process ends. @param {string} name */
export async function temporaryFolder(name) {
  const folder = await mkdtemp(join(tmpdir(), `rds-tunnel-${name}-`));
  atEnd(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/**
 * Database servers refuse to run as root: there, they run as a system user, to whom the folder is given.
 * @param {string[]} candidates
 * @param {string} folder
 * @returns {Promise<string | undefined>} the user, or undefined for the one who runs this
 */
export async function serverUser(candidates, folder) {
  if (process.getuid?.() !== 0) return undefined;
  const user = [...candidates, 'nobody'].find(exists);
  if (user === undefined) throw new Error(`None of the users ${candidates.join(', ')}, nobody exists here.`);
  await chmod(folder, 0o755);
  execFileSync('chown', ['-R', user, folder]);
  return user;
}

/** @param {string} user */
function exists(user) {
  try {
    execFileSync('id', ['-u', user], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Below those that tunnels choose (from 20000), and those that a system gives to whoever connects (from 32768 on Linux):
 * nobody else takes one before its time.
 * @type {[first: number, end: number]}
 */
const ports = [12_000, 20_000];

/**
 * A port on 127.0.0.1 on which nothing listens until the caller does.
 * @returns {Promise<number>}
 */
export async function freePort() {
  const port = randomInt(...ports);
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EADDRINUSE') throw error;
    return freePort();
  }
  server.close();
  await once(server, 'close');
  return port;
}
