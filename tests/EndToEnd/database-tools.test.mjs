// The last step: what is written for a database tool connects as the tool does it, to real servers that take TLS and nothing else.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { authorityFile } from '../../scripts/lib/authorities.mjs';
import { load } from '../Extension/load.mjs';
import { mariadbMissing, startMariaDB } from './mariadb.mjs';
import { databaseHost } from './peers.mjs';
import { postgresMissing, startPostgres } from './postgres.mjs';
import { query } from './sqltools.mjs';

const { sqltools } = await load('databaseTools/sqltools');
const { routed } = await load('databaseTools/changes');

/** A server in the place of a tunnel's port. @typedef {Awaited<ReturnType<typeof startPostgres>>} Server */

/** @param {Server} server @param {string} engine @param {{ authority?: string, host?: string }} [way] */
const created = ({ port, user, database, authority }, engine, way = {}) =>
  sqltools.create({ name: 'orders', engine, user, database, host: databaseHost, port: 5432, localPort: port, authority, ...way });

describe('A connection added to SQLTools, to PostgreSQL', { skip: postgresMissing }, () => {
  /** @type {Server} */
  let server;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());

  it('gives a row', async () => {
    assert.match(await query(created(server, 'aurora-postgresql'), server.password), /^PostgreSQL /);
  });

  it("does not accept a certificate of an authority that is not AWS's", async () => {
    await assert.rejects(query(created(server, 'postgres', { authority: authorityFile }), server.password), /certificate/);
  });

  it('does not accept the certificate of another database', async () => {
    await assert.rejects(query(created(server, 'postgres', { host: `other-${databaseHost}` }), server.password), /altnames/);
  });

  for (const [name, entry] of /** @type {[string, (server: Server) => object][]} */ ([
    [
      'fields and ssl: true',
      ({ user, password, database }) => ({
        server: databaseHost,
        port: 5432,
        username: user,
        password,
        database,
        pgOptions: { ssl: true },
      }),
    ],
    [
      'a connection string that verifies',
      ({ user, password, database }) => ({
        connectString: `postgresql://${user}:${password}@${databaseHost}:5432/${database}?sslmode=require`,
      }),
    ],
    [
      'a connection string with its own authority',
      ({ user, password, database, authority }) => ({
        connectString: `postgres://${user}:${password}@${databaseHost}/${database}?application_name=x&sslrootcert=${encodeURIComponent(authority)}&sslmode=verify-full`,
      }),
    ],
    [
      'a connection string that does not verify',
      ({ user, password, database }) => ({ connectString: `postgres://${user}:${password}@${databaseHost}/${database}?sslmode=no-verify` }),
    ],
  ])) {
    it(`gives a row when it was there before, with ${name}`, async () => {
      const before = { name: 'orders', driver: 'PostgreSQL', ...entry(server) };
      const { entry: after } = routed(sqltools, before, {
        host: databaseHost,
        port: 5432,
        localPort: server.port,
        authority: server.authority,
      });
      assert.match(await query(after), /^PostgreSQL /);
    });
  }
});

describe('A connection added to SQLTools, to MySQL', { skip: mariadbMissing }, () => {
  /** @type {Server} */
  let server;
  before(async () => {
    server = await startMariaDB();
  });
  after(() => server.stop());

  it('gives a row', async () => {
    for (const engine of ['aurora-mysql', 'mariadb']) assert.match(await query(created(server, engine), server.password), /MariaDB/);
  });

  it("does not accept a certificate of an authority that is not AWS's", async () => {
    await assert.rejects(query(created(server, 'mysql', { authority: authorityFile }), server.password), /certificate/);
  });

  it('gives a row when it was there before', async () => {
    const { user, password, database, authority } = server;
    const fields = { name: 'orders', driver: 'MySQL', username: user, password, database, server: databaseHost, port: 3306 };
    for (const before of [
      { ...fields, mysqlOptions: { ssl: { verifyIdentity: true } } },
      {
        name: 'orders',
        driver: 'MySQL',
        connectString: `mysql://${user}:${password}@${databaseHost}:3306/${database}?ssl=${encodeURIComponent(JSON.stringify({ rejectUnauthorized: false }))}`,
      },
    ]) {
      const { entry: after } = routed(sqltools, before, { host: databaseHost, port: 3306, localPort: server.port, authority });
      assert.match(await query(after), /MariaDB/);
    }
  });
});
