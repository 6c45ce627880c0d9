import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import mysql from 'mysql2/promise';
import { mariadbMissing, startMariaDB } from './mariadb.mjs';
import { databaseHost } from './peers.mjs';
import { startStack } from './stack.mjs';

describe('MariaDB through a tunnel', () => {
  /** @type {Awaited<ReturnType<typeof startMariaDB>>} */
  let database;
  /** @type {import('./stack.mjs').Stack} */
  let stack;
  /** @type {mysql.ConnectionOptions} */
  let settings;

  before(async () => {
    if (mariadbMissing !== false) return;
    database = await startMariaDB();
    stack = await startStack();
    const { localPort } = await stack.open(database.port);
    const { user, password } = database;
    settings = {
      // The name is what the certificate is checked against; the bytes go to the tunnel.
      host: databaseHost,
      stream: () => connect(localPort, '127.0.0.1'),
      user,
      password,
      database: database.database,
      ssl: { ca: await readFile(database.authority, 'utf8'), verifyIdentity: true },
    };
  });

  after(async () => {
    if (mariadbMissing !== false) return;
    await stack.stop();
    await database.stop();
  });

  it('greets first, over TLS with its real name', { skip: mariadbMissing }, async () => {
    await connected(async connection => {
      const [rows] = await connection.query("show status like 'Ssl_version'");
      assert.deepEqual(rows, [{ Variable_name: 'Ssl_version', Value: 'TLSv1.3' }]);
    });
  });

  it('is refused by a driver that expects another name', { skip: mariadbMissing }, async () => {
    await assert.rejects(mysql.createConnection({ ...settings, host: 'invoices.example' }), /altnames/);
  });

  it('carries large values both ways, byte for byte', { skip: mariadbMissing }, async () => {
    const value = Buffer.alloc(8_000_000, 'every byte of an order counts\0');
    await connected(async connection => {
      await connection.query('create table notes (id int primary key, body longblob)');
      await connection.execute('insert into notes values (1, ?)', [value]);
      const [rows] = await connection.query('select body, sha2(body, 256) as digest from notes');
      const [{ body, digest }] = /** @type {[{ body: Buffer, digest: string }]} */ (/** @type {unknown} */ (rows));
      assert.equal(digest, createHash('sha256').update(value).digest('hex'));
      assert.equal(createHash('sha256').update(body).digest('hex'), digest);
    });
  });

  it('serves 20 connections at once', { skip: mariadbMissing }, async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        connected(async connection => {
          const [rows] = await connection.execute('select ? + sleep(0.2) as i', [i]);
          return Number(/** @type {{ i: number }[]} */ (/** @type {unknown} */ (rows))[0]?.i);
        }),
      ),
    );
    assert.deepEqual(
      answers,
      Array.from({ length: 20 }, (_, i) => i),
    );
  });

  /**
   * @template T
   * @param {(connection: mysql.Connection) => Promise<T>} use
   */
  async function connected(use) {
    const connection = await mysql.createConnection(settings);
    try {
      return await use(connection);
    } finally {
      await connection.end();
    }
  }
});
