import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { run } from '../../scripts/lib/processes.mjs';
import { databaseHost, temporaryFolder } from './peers.mjs';
import { hangMs } from './ports.mjs';
import { pgDump, postgresClientsMissing, postgresMissing, psql, startPostgres } from './postgres.mjs';
import { startStack } from './stack.mjs';

const rows = 20_000;

/** @param {string | Buffer} bytes */
const digest = bytes => createHash('sha256').update(bytes).digest('hex');

describe('PostgreSQL through a tunnel', () => {
  /** @type {Awaited<ReturnType<typeof startPostgres>>} */
  let database;
  /** @type {import('./stack.mjs').Stack} */
  let stack;
  /** @type {number} */
  let localPort;
  /** @type {pg.ClientConfig} */
  let verified;

  before(async () => {
    if (postgresMissing !== false) return;
    database = await startPostgres();
    stack = await startStack();
    ({ localPort } = await stack.open(database.port));
    const { user, password } = database;
    verified = {
      host: '127.0.0.1',
      port: localPort,
      user,
      password,
      database: database.database,
      ssl: { ca: await readFile(database.authority, 'utf8'), servername: databaseHost },
    };
    await query(
      { ...verified, port: database.port },
      `create table orders as select i as id, md5(i::text) as customer, repeat(md5(i::text), 10) as note from generate_series(1, ${rows}) i`,
    );
  });

  after(async () => {
    if (postgresMissing !== false) return;
    await stack.stop();
    await database.stop();
  });

  it('answers a driver that checks its certificate against its real name', { skip: postgresMissing }, async () => {
    const answer = await query(verified, 'select ssl, version from pg_stat_ssl where pid = pg_backend_pid()');
    assert.deepEqual(answer, [{ ssl: true, version: 'TLSv1.3' }]);
  });

  it('is refused by a driver that expects another name', { skip: postgresMissing }, async () => {
    const ssl = { .../** @type {object} */ (verified.ssl), servername: 'invoices.example' };
    await assert.rejects(query({ ...verified, ssl }, 'select 1'), /altnames/);
  });

  it('is refused by a driver that trusts another authority', { skip: postgresMissing }, async () => {
    await assert.rejects(query({ ...verified, ssl: { servername: databaseHost } }, 'select 1'), /self-signed|unable to (get|verify)/);
  });

  it('delivers a large answer byte for byte', { skip: postgresMissing }, async () => {
    const [expected] = await query(
      { ...verified, port: database.port },
      "select md5(string_agg(note, '' order by id)) as digest from orders",
    );
    const notes = /** @type {{ note: string }[]} */ (await query(verified, 'select note from orders order by id'));
    assert.equal(notes.length, rows);
    assert.equal(
      createHash('md5')
        .update(notes.map(row => row.note).join(''))
        .digest('hex'),
      expected?.digest,
    );
  });

  it('takes a large value byte for byte', { skip: postgresMissing }, async () => {
    const value = Buffer.alloc(8_000_000, 'every byte of an order counts\0');
    const [answer] = await query(verified, "select encode(sha256($1::bytea), 'hex') as digest, length($1::bytea) as bytes", [value]);
    assert.deepEqual(answer, { digest: digest(value), bytes: value.length });
  });

  it('serves 20 connections at once', { skip: postgresMissing }, async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => query(verified, 'select pg_sleep(0.2), $1::int as i', [i])));
    assert.deepEqual(
      answers.map(([row]) => row?.i),
      Array.from({ length: 20 }, (_, i) => i),
    );
  });

  it('lets a query be cancelled, over a second connection', { skip: postgresMissing }, async () => {
    const client = new pg.Client(verified);
    await client.connect();
    try {
      const sleeping = assert.rejects(client.query('select pg_sleep(60)'), /canceling statement/);
      const [cancelled] = await query(verified, 'select pg_cancel_backend($1) as done', [
        /** @type {{ processID: number }} */ (/** @type {unknown} */ (client)).processID,
      ]);
      assert.deepEqual(cancelled, { done: true });
      await sleeping;
    } finally {
      await client.end();
    }
  });

  it('gives psql with sslmode=verify-full what it gives it directly', { skip: postgresClientsMissing }, async () => {
    const command = ['--no-psqlrc', '--tuples-only', '--command', 'select * from orders order by id'];
    const direct = await tool(psql, command, database.port);
    assert.equal(direct.lines, rows);
    assert.deepEqual(await tool(psql, command, localPort), direct);
  });

  it('gives pg_dump what it gives it directly', { skip: postgresClientsMissing }, async () => {
    const direct = await tool(pgDump, [], database.port);
    assert.ok(direct.lines > rows, `pg_dump printed ${direct.lines} lines`);
    assert.deepEqual(await tool(pgDump, [], localPort), direct);
  });

  it('takes back with psql what pg_dump took, all of it', { skip: postgresClientsMissing }, async () => {
    const script = `${await temporaryFolder('dump')}/orders.sql`;
    await tool(pgDump, ['--file', script], localPort);
    await query(verified, 'create database copy');
    await tool(psql, ['--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1', '--file', script], localPort, 'copy');
    assert.deepEqual(await tool(pgDump, [], database.port, 'copy'), await tool(pgDump, [], database.port));
  });

  /**
   * A client program of PostgreSQL's, as a user would call it.
   * @param {string | undefined} program
   * @param {string[]} args
   * @param {number} port
   * @param {string} [name] of the database
   */
  async function tool(program, args, port, name = database.database) {
    const { user, authority, password } = database;
    const address = `host=${databaseHost} hostaddr=127.0.0.1 port=${port} user=${user} dbname=${name} sslmode=verify-full sslrootcert=${authority}`;
    const hash = createHash('sha256');
    let lines = 0;
    const { code, tail } = await run(program ?? '', [...args, '--dbname', address], {
      env: { PGPASSWORD: password },
      timeoutMs: hangMs,
      onLine: line => {
        // Some versions of pg_dump put a random word here, against injection.
        if (/^\\(un)?restrict /.test(line)) return;
        if (line !== '') lines++;
        hash.update(`${line}\n`);
      },
    });
    assert.equal(code, 0, tail.join('\n'));
    return { digest: hash.digest('hex'), lines };
  }
});

/**
 * @param {pg.ClientConfig} settings
 * @param {string} text
 * @param {unknown[]} [values]
 * @returns {Promise<Record<string, unknown>[]>}
 */
async function query(settings, text, values = []) {
  const client = new pg.Client(settings);
  try {
    await client.connect();
    return /** @type {Record<string, unknown>[]} */ ((await client.query(text, values)).rows);
  } finally {
    await client.end();
  }
}
