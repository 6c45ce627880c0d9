// What a login costs: the tool's own TLS and password through a plain tunnel, beside a tunnel that signs in.
import { readFile } from 'node:fs/promises';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { mariadbMissing, startMariaDB } from '../EndToEnd/mariadb.mjs';
import { databaseHost } from '../EndToEnd/peers.mjs';
import { postgresMissing, startPostgres } from '../EndToEnd/postgres.mjs';
import { cpuSeconds } from './process-usage.mjs';

/** @typedef {import('../EndToEnd/emulator.mjs').Emulator} Emulator */
/** @typedef {import('../EndToEnd/sidecar.mjs').Sidecar} Sidecar */
/**
 * A connection of a driver.
 * @typedef {{ query: (sql: string) => Promise<unknown>, end: () => Promise<void> }} Connection
 */
/**
 * @typedef {object} Engine
 * @property {string} name
 * @property {number} port the usual one
 * @property {import('../EndToEnd/peers.mjs').Address & { authority: string, stop: () => Promise<void> }} database
 * @property {(port: number, plain: boolean) => Promise<Connection>} connect `plain`: with TLS and password of its own
 */

const secret = { secretId: 'rds!cluster-orders', user: 'admin', password: 'correct horse battery' }; // world.json's
const connectionsAtATime = 10;
const values = 40;
/** Each of a million bytes. */
const value = "repeat('a value ', 125000)";
/** Rows as sales have them: numbers, names and dates. @param {string} series */
const sales =
  series => `create table sales as select seq as id, md5(seq) as reference, concat('customer', seq % 997, '@example.com') as email,
  elt(1 + seq % 4, 'Berlin', 'Hamburg', 'Munich', 'Cologne') as city, elt(1 + seq % 3, 'paid', 'open', 'sent') as status,
  round(rand(seq) * 1000, 2) as amount, date_add('2026-01-01', interval seq minute) as sold,
  date_add('2026-01-02', interval seq minute) as paid, if(seq % 4 = 0, 'please deliver in the afternoon', null) as note from ${series}`;
const salesRows = 20_000;

/** The engines whose server is on this machine, each with a user for the secret. @returns {Promise<Engine[]>} */
export async function startEngines() {
  /** @type {Engine[]} */
  const engines = [];
  if (postgresMissing === false) {
    const database = await startPostgres();
    const ssl = { ca: await readFile(database.authority, 'utf8'), servername: databaseHost };
    /** @param {pg.ClientConfig} as @returns {Promise<Connection>} */
    const connected = async as => {
      const client = new pg.Client({ host: '127.0.0.1', database: 'postgres', ...as });
      await client.connect();
      return { query: async sql => (await client.query(sql)).rows, end: () => client.end() };
    };
    const owner = await connected({ port: database.port, user: database.user, password: database.password, ssl });
    await owner.query(`create user ${secret.user} password '${secret.password}'`);
    await owner.end();
    engines.push({
      name: 'PostgreSQL',
      port: 5432,
      database,
      connect: (port, plain) => connected({ port, user: secret.user, ...(plain ? { password: secret.password, ssl } : {}) }),
    });
  }
  if (mariadbMissing === false) {
    const database = await startMariaDB({ users: { [secret.user]: `BY '${secret.password}'` } });
    const ca = await readFile(database.authority, 'utf8');
    engines.push({
      name: 'MariaDB',
      port: 3306,
      database,
      connect: (port, plain) =>
        mysql.createConnection({
          host: '127.0.0.1',
          port,
          user: secret.user,
          database: 'orders',
          ...(plain ? { password: secret.password, ssl: { ca } } : {}),
        }),
    });
  }
  return engines;
}

/**
 * @param {Sidecar} sidecar
 * @param {Emulator} emulator
 * @param {Engine} engine
 * @param {object} [login]
 */
const open = (sidecar, emulator, { port }, login = {}) =>
  sidecar.open({
    target: emulator.target,
    host: databaseHost,
    port,
    region: emulator.region,
    endpointUrl: emulator.endpoint,
    openNow: true,
    maxSessions: 1,
    ...login,
  });

/** A tunnel of each way, in this order. @param {Sidecar} sidecar @param {Emulator} emulator @param {Engine} engine */
export async function openBothWays(sidecar, emulator, engine) {
  const ways = [];
  for (const [way, login] of /** @type {const} */ ([
    ['plain', undefined],
    ['with a login', { login: 'secret', secretId: secret.secretId }],
  ])) {
    const { id, localPort } = await open(sidecar, emulator, engine, login);
    const connect = () => engine.connect(localPort, way === 'plain');
    // The first one compiles what it runs.
    await (await connect()).end();
    ways.push({ way, connect, stop: () => sidecar.close(id) });
  }
  return ways;
}

/** Milliseconds until connected and signed in. @param {() => Promise<Connection>} connect */
export async function signIns(connect) {
  const times = [];
  for (let i = 0; i < connectionsAtATime; i++) {
    const started = performance.now();
    const connection = await connect();
    times.push(performance.now() - started);
    await connection.end();
  }
  return times;
}

/** @param {() => Promise<Connection>} connect @param {number} pid the sidecar's */
export async function download(connect, pid) {
  const connection = await connect();
  const [started, used] = [performance.now(), cpuSeconds(pid)];
  for (let i = 0; i < values; i++) await connection.query(`select ${value} as a`);
  const [seconds, usedEnd] = [(performance.now() - started) / 1_000, cpuSeconds(pid)];
  await connection.end();
  return {
    megabytesPerSecond: values / seconds,
    cpuSecondsPerMegabyte: used === undefined || usedEnd === undefined ? undefined : (usedEnd - used) / values,
  };
}

/**
 * Rows a second, plain and compressed, through a paced agent.
 * @param {Sidecar} sidecar
 * @param {Emulator} emulator
 * @param {Engine} engine MariaDB
 */
export async function compressedRows(sidecar, emulator, engine) {
  const results = [];
  for (const compress of [false, true]) {
    const { id, localPort } = await open(sidecar, emulator, engine, { login: 'secret', secretId: secret.secretId, compress });
    const connection = await engine.connect(localPort, false);
    await connection.query('drop table if exists sales');
    await connection.query(sales(`seq_1_to_${salesRows}`));
    const [started, used] = [performance.now(), cpuSeconds(sidecar.running.pid)];
    await connection.query('select * from sales');
    const [seconds, usedEnd] = [(performance.now() - started) / 1_000, cpuSeconds(sidecar.running.pid)];
    await connection.end();
    await sidecar.close(id);
    results.push({
      way: compress ? 'compressed' : 'plain',
      rowsPerSecond: salesRows / seconds,
      cpuMs: used === undefined || usedEnd === undefined ? undefined : (usedEnd - used) * 1_000,
    });
  }
  return results;
}
