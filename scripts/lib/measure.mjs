// What a user of a tunnel would feel, measured with a real driver; every transfer is checked by digest.
import { createHash } from 'node:crypto';
import pg from 'pg';

/** @typedef {import('pg').ClientConfig} Settings */

/** Connects, signs in and asks one question. @param {Settings} settings */
export async function firstRow(settings) {
  const started = performance.now();
  return withClient(settings, async client => {
    const { rows } = await client.query('select version()');
    const { version } = /** @type {{ version: string }} */ (rows[0]);
    return { ms: performance.now() - started, version };
  });
}

/** The median time of a small query on an open connection. @param {Settings} settings @param {number} count */
export function smallQuery(settings, count) {
  return withClient(settings, async client => {
    const times = [];
    for (let i = 0; i < count; i++) {
      const started = performance.now();
      await client.query('select $1::int + 1 as next', [i]);
      times.push(performance.now() - started);
    }
    return times.sort((a, b) => a - b)[count >> 1] ?? 0;
  });
}

/**
 * Downloads on several connections at once; gives MB/s of them all together.
 * @param {Settings} settings
 * @param {{ connections: number, megabytesEach: number }} load
 */
export function download(settings, { connections, megabytesEach }) {
  // 32 digests of 32 characters a row, a thousand rows a megabyte.
  const rows = `select (select string_agg(md5((row * 32 + part)::text), '' order by part) from generate_series(1, 32) part) as text
    from generate_series(1, ${megabytesEach * 1_000}) row order by row`;
  return withClients(settings, connections, async clients => {
    const [first] = /** @type {[pg.Client]} */ (clients);
    const answer = await first.query(`select md5(string_agg(text, '')) as digest from (${rows}) rows`);
    const { digest } = /** @type {{ digest: string }} */ (answer.rows[0]);
    const started = performance.now();
    await Promise.all(clients.map(async client => {
      const result = await client.query(rows);
      same(/** @type {{ text: string }[]} */ (result.rows).map(row => row.text).join(''), digest);
    }));
    return megabytesPerSecond(connections * megabytesEach * 1_024_000, performance.now() - started);
  });
}

/** Uploads on one connection; gives MB/s. @param {Settings} settings @param {number} megabytes */
export function upload(settings, megabytes) {
  return withClient(settings, async client => {
    const text = 'a row of the orders table; '.repeat(Math.ceil(megabytes * 1_000_000 / 27)).slice(0, megabytes * 1_000_000);
    const started = performance.now();
    const { rows } = await client.query('select md5($1::text) as digest', [text]);
    const ms = performance.now() - started;
    same(text, /** @type {{ digest: string }} */ (rows[0]).digest);
    return megabytesPerSecond(text.length, ms);
  });
}

/** @param {string} text @param {string} digest */
function same(text, digest) {
  if (createHash('md5').update(text).digest('hex') !== digest) throw new Error('What arrived is not what was sent.');
}

/** @param {number} bytes @param {number} ms */
const megabytesPerSecond = (bytes, ms) => bytes / 1_000 / ms;

/**
 * @template T
 * @param {Settings} settings
 * @param {(client: pg.Client) => Promise<T>} use
 */
const withClient = (settings, use) => withClients(settings, 1, ([client]) => use(/** @type {pg.Client} */ (client)));

/**
 * @template T
 * @param {Settings} settings
 * @param {number} count
 * @param {(clients: pg.Client[]) => Promise<T>} use
 */
async function withClients(settings, count, use) {
  /** @type {pg.Client[]} */
  const clients = [];
  try {
    for (let i = 0; i < count; i++) {
      const client = new pg.Client(settings);
      // A connection that breaks fails the query that runs on it.
      client.on('error', () => undefined);
      await client.connect();
      clients.push(client);
    }
    return await use(clients);
  } finally {
    await Promise.all(clients.map(client => client.end()));
  }
}
