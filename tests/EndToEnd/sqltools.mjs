// SQLTools and its drivers for PostgreSQL and MySQL, as far as they read a connection's settings:
// what they know it by, and how they connect.
import { readFileSync } from 'node:fs';
import mysql from 'mysql2';
import pg from 'pg';

/** @typedef {Record<string, any>} Entry of `sqltools.connections` */

/** What SQLTools keeps an open connection under. The port is no part of it. @param {Entry} entry */
export function identityOf(entry) {
  if (entry.id) return String(entry.id);
  const address = entry.connectString ? [entry.connectString] : [entry.server, entry.database];
  return [entry.name, entry.driver || entry.dialect, ...address].join('|').replace(/\./g, ':').replace(/\//g, '\\');
}

/**
 * Connects as the driver does.
 * @param {Entry} entry
 * @param {string} [typed] the password, when SQLTools asks for it
 * @param {string} [statement] asks for the version, when it is left out
 * @returns {Promise<string>} the first column of the first row
 */
export function query(entry, typed, statement = 'select version()') {
  const password = entry.askForPassword === true ? typed : entry.password;
  return /^(MySQL|MariaDB|TiDB)$/.test(entry.driver) ? queryMySql(entry, password, statement) : queryPostgres(entry, password, statement);
}

/** @param {Record<string, unknown> | undefined} row */
const firstColumn = row => /** @type {string[]} */ (Object.values(row ?? {}))[0] ?? '';

/** @param {Entry} entry @param {string | undefined} password @param {string} statement */
async function queryPostgres({ pgOptions = {}, connectString, connectionTimeout, database, server, port, username }, password, statement) {
  const { ssl, ...options } = pgOptions;
  const common = { connectionTimeoutMillis: Number(connectionTimeout ?? 0) * 1000, ...options };
  const pool = new pg.Pool({
    ...(connectString ? { connectionString: connectString } : { database, host: server, password, port, user: username }),
    ...common,
    ...tlsOfPostgres(ssl),
  });
  /** @type {Promise<unknown>[]} */
  const closed = [];
  pool.on('connect', client => {
    closed.push(
      new Promise(resolve => {
        client.once('end', resolve);
      }),
    );
  });
  try {
    const { rows } = await pool.query(statement);
    return firstColumn(rows[0]);
  } finally {
    await pool.end();
    // The pool does not wait until the server has heard of it: one that is stopped meanwhile would have the last word.
    await Promise.all(closed);
  }
}

/** @param {Entry} entry @param {string | undefined} password @param {string} statement */
async function queryMySql({ mysqlOptions = {}, connectString, connectionTimeout, database, server, port, username }, password, statement) {
  const { ssl, ...options } = mysqlOptions;
  const pool = mysql
    .createPool(
      connectString ?? {
        connectTimeout: connectionTimeout * 1000,
        database,
        host: server,
        port,
        password,
        user: username,
        ...options,
        ...(typeof ssl === 'object' ? { ssl: withFiles(ssl, ['ca', 'cert', 'crl', 'key', 'pfx'], path => path) } : ssl ? { ssl } : {}),
      },
    )
    .promise();
  try {
    const [rows] = await pool.query(statement);
    return firstColumn(/** @type {Record<string, unknown>[]} */ (rows)[0]);
  } finally {
    await pool.end();
  }
}

/** Nothing to say of TLS is no TLS. @param {any} ssl */
function tlsOfPostgres(ssl) {
  if (typeof ssl !== 'object') return ssl ? { ssl } : {};
  const read = withFiles(ssl, ['ca', 'key', 'cert', 'pfx'], path => path.replace(/^file:\/\//, ''));
  return Object.keys(read).length === 0 ? {} : { ssl: read };
}

/**
 * The files of TLS are named by their paths; the driver of PostgreSQL takes their URLs, too.
 * @param {Record<string, any>} ssl
 * @param {string[]} keys
 * @param {(text: string) => string} pathOf
 */
function withFiles(ssl, keys, pathOf) {
  return Object.fromEntries(
    Object.entries(ssl)
      .filter(([key, value]) => !keys.includes(key) || value)
      .map(([key, value]) => [key, keys.includes(key) ? readFileSync(pathOf(String(value)), 'utf8') : value]),
  );
}
