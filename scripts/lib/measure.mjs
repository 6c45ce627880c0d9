// What a user of a tunnel would feel, measured with a real driver; every transfer is checked by digest.
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
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

/** Connections join one after another, as a tool opens them when it needs them; a tunnel takes further sessions meanwhile. */
const joinIntervalMs = 500;

/**
 * Downloads on several connections at once; gives MB/s of all together, while all of them were at it.
 * @param {Settings} settings
 * @param {{ connections: number, megabytesEach: number }} load
 */
export async function download(settings, { connections, megabytesEach }) {
  // 32 digests of 32 characters a row, a thousand rows a megabyte.
  const rows = `select (select string_agg(md5((row * 32 + part)::text), '' order by part) from generate_series(1, 32) part) as text
    from generate_series(1, ${megabytesEach * 1_000}) row order by row`;
  const digest = await withClient(settings, async client => {
    const answer = await client.query(`select md5(string_agg(text, '')) as digest from (${rows}) rows`);
    return /** @type {{ digest: string }} */ (answer.rows[0]).digest;
  });

  let active = 0;
  let bytes = 0;
  let startedMs = 0;
  let endedMs = 0;
  await Promise.all(
    Array.from({ length: connections }, async (_, i) => {
      await delay(i * joinIntervalMs);
      await withClient(settings, async client => {
        const received = createHash('md5');
        const query = client.query(new pg.Query(rows));
        query.on('row', row => {
          const { text } = /** @type {{ text: string }} */ (row);
          received.update(text);
          if (startedMs > 0 && endedMs === 0) bytes += text.length;
        });
        if (++active === connections) startedMs = performance.now();
        await new Promise((resolve, reject) => {
          query.on('end', resolve).on('error', reject);
        });
        endedMs ||= performance.now();
        same(received, digest);
      });
    }),
  );
  return megabytesPerSecond(bytes, endedMs - startedMs);
}

/** Uploads on one connection; gives MB/s. @param {Settings} settings @param {number} megabytes */
export function upload(settings, megabytes) {
  return withClient(settings, async client => {
    const text = 'a row of the orders table; '.repeat(Math.ceil((megabytes * 1_000_000) / 27)).slice(0, megabytes * 1_000_000);
    const started = performance.now();
    const { rows } = await client.query('select md5($1::text) as digest', [text]);
    const ms = performance.now() - started;
    same(createHash('md5').update(text), /** @type {{ digest: string }} */ (rows[0]).digest);
    return megabytesPerSecond(text.length, ms);
  });
}

/** @param {import('node:crypto').Hash} received @param {string} digest */
function same(received, digest) {
  if (received.digest('hex') !== digest) throw new Error('What arrived is not what was sent.');
}

/** @param {number} bytes @param {number} ms */
const megabytesPerSecond = (bytes, ms) => bytes / 1_000 / ms;

/**
 * @template T
 * @param {Settings} settings
 * @param {(client: pg.Client) => Promise<T>} use
 */
async function withClient(settings, use) {
  const client = new pg.Client(settings);
  // A connection that breaks fails the query that runs on it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end();
  }
}
