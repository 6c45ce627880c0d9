// What PostgreSQL's own programs do through a login, and what happens to tokens, passwords and certificates meanwhile.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, connect } from 'node:net';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { parse } from 'jsonc-parser';
import pg from 'pg';
import { run } from '../../scripts/lib/processes.mjs';
import { startDirectory } from './directory.mjs';
import { startEmulator } from './emulator.mjs';
import { databaseHost, skipWithout, temporaryFolder } from './peers.mjs';
import { eventually } from './ports.mjs';
import { findPostgresProgram, pgDump, postgresClientsMissing, postgresMissing, psql, startPostgres } from './postgres.mjs';
import { installPostgres18, postgres18Missing } from './postgres18.mjs';
import { startSidecar } from './sidecar.mjs';

const linuxAlone = process.platform === 'linux' ? false : 'the servers of this test are started on Linux alone';
const skip = linuxAlone || postgresMissing;
const skip18 = linuxAlone || postgres18Missing;
const recvlogical = findPostgresProgram('pg_recvlogical');

/** As people type them. What PostgreSQL stores of each is not what it looks like. */
const passwords = {
  german: 'pässwörd',
  mac: 'pa\u0308sswo\u0308rd', // each dot apart, as a Mac's file names have them
  ligatures: 'ﬁﬂ of Ⅸ',
  hyphens: 'soft\u00adhyphen',
  spaces: 'a\u00a0b\u3000c',
  emoji: 'ﬁ 😀', // too young to be prepared: taken as it is
  hangul: '\u1112\u1161\u11ab글',
  mixed: 'ﻻx', // both directions are forbidden: taken as it is
};

/** @typedef {Awaited<ReturnType<typeof startPostgres>>} Database */

describe('A login to PostgreSQL', () => {
  /** @type {Database} */
  let database;
  /** @type {Awaited<ReturnType<typeof startDirectory>>} */
  let directory;
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {import('./sidecar.mjs').Sidecar} */
  let sidecar;
  /** What the database still takes: tokens made since then. */
  let since = '';
  /** @type {string[]} */
  const tokens = [];
  const isGood = (/** @type {string} */ token) => (new URLSearchParams(token).get('X-Amz-Date') ?? '') >= since;

  before(async () => {
    if (skip !== false) return;
    directory = await startDirectory((user, token) => {
      tokens.push(token);
      return token.includes(`DBUser=${user}&`) && isGood(token);
    });
    database = await startPostgres({
      rules: [`hostssl all app 127.0.0.1/32 ldap ldapserver=127.0.0.1 ldapport=${directory.port} ldapprefix="cn="`],
      // With commits in the log once they are told, so that the log's end is behind them.
      settings: { wal_level: 'logical', max_wal_senders: 4, max_replication_slots: 4, synchronous_commit: 'on' },
    });
    await asOwner(
      database,
      "create user app; create user admin password 'correct horse battery' replication; create database sales owner admin",
    );
    const world = `${await temporaryFolder('world')}/world.json`;
    const known = /** @type {{ regions: { secrets: object[] }[] }} */ (
      parse(await readFile(new URL('world.json', import.meta.url), 'utf8'), [], { allowTrailingComma: true })
    );
    for (const [name, password] of Object.entries(passwords)) {
      await asOwner(database, `create user ${name} password '${password}'`);
      known.regions[0]?.secrets.push({
        arn: `arn:aws:secretsmanager:eu-central-1:111122223333:secret:${name}-AbCdEf`,
        name,
        value: JSON.stringify({ username: name, password }),
      });
    }
    await writeFile(world, JSON.stringify(known));
    emulator = await startEmulator({ unpaced: true, world });
    sidecar = await startSidecar({ ...emulator.env, AWS_CA_BUNDLE: database.authority });
  });

  after(async () => {
    if (skip !== false) return;
    await sidecar.running.stop();
    await emulator.stop();
    await database.stop();
    await directory.stop();
  });

  for (const name of Object.keys(passwords)) {
    it(`prepares passwords as the database does: ${name}`, { skip }, async () => {
      const { localPort } = await open({ login: 'secret', secretId: name });
      assert.deepEqual(await query(localPort, 'select current_user as "user"'), [{ user: name }]);
    });
  }

  it('makes a new token once the database takes the old ones no more; what is open goes on', { skip }, async () => {
    const { localPort } = await open({ login: 'iam', user: 'app' });
    const first = await connected(localPort);
    try {
      const used = tokens.at(-1) ?? assert.fail('no token was used');
      const date = new URLSearchParams(used).get('X-Amz-Date') ?? '';
      const now = () => new Date().toISOString().replace(/[-:]|\.\d+/g, '');
      assert.ok(await eventually(() => now() > date));
      since = now();
      assert.ok(!isGood(used), 'the database would refuse it');
      assert.deepEqual(await query(localPort, 'select current_user as "user"'), [{ user: 'app' }]);
      assert.deepEqual((await first.query('select 1 as one')).rows, [{ one: 1 }]);
    } finally {
      since = '';
      await first.end();
    }
  });

  it('passes dumps and COPY both ways, byte for byte', { skip: skip || postgresClientsMissing }, async () => {
    const { localPort } = await open({ login: 'secret', secretId: 'rds!cluster-orders' });
    const through = ['--host=127.0.0.1', `--port=${localPort}`, '--username=jane', '--no-password'];
    const folder = await temporaryFolder('dump');
    await query(
      localPort,
      "create table items as select i, md5(i::text) || repeat(' row', 8) as note from generate_series(1, 400000) i",
      'sales',
    );
    const dump = async (/** @type {string} */ file, /** @type {string[]} */ at, env = {}) => {
      const { code, tail } = await run(pgDump ?? '', [...at, '--table=items', `--file=${file}`, 'sales'], { env });
      assert.equal(code, 0, tail.join('\n'));
      // Newer versions write a random word at both ends.
      const text = (await readFile(file, 'utf8')).replace(/^\\(un)?restrict .*$/gm, '');
      return { bytes: text.length, digest: createHash('sha256').update(text).digest('hex') };
    };
    const ours = await dump(`${folder}/ours`, through);
    assert.ok(ours.bytes > 25_000_000, `${ours.bytes} bytes`);
    assert.deepEqual(
      ours,
      await dump(`${folder}/direct`, ['--host=127.0.0.1', `--port=${database.port}`, '--username=orders'], {
        PGPASSWORD: database.password,
        PGSSLMODE: 'require',
      }),
    );
    const copied = await run(psql ?? '', [
      ...through,
      '--no-psqlrc',
      '--dbname=sales',
      `--command=\\copy (select * from items order by i) to '${folder}/rows'`,
      '--command=create table copied (like items)',
      `--command=\\copy copied from '${folder}/rows'`,
    ]);
    assert.equal(copied.code, 0, copied.tail.join('\n'));
    const of = (/** @type {string} */ table) =>
      query(localPort, `select count(*), md5(string_agg(i || note, '' order by i)) from ${table}`, 'sales');
    assert.deepEqual(await of('copied'), await of('items'));
  });

  it('leaves replication alone', { skip: skip || skipWithout(recvlogical, 'pg_recvlogical') }, async () => {
    const { localPort } = await open({ login: 'secret', secretId: 'rds!cluster-orders' });
    const at = ['--host=127.0.0.1', `--port=${localPort}`, '--username=jane', '--dbname=sales', '--slot=changes'];
    const receive = async (/** @type {string[]} */ ...args) => {
      const { code, tail } = await run(recvlogical ?? '', [...at, ...args]);
      assert.equal(code, 0, tail.join('\n'));
      return tail.join('\n');
    };
    await query(localPort, 'create table events (note text)', 'sales');
    await receive('--create-slot', '--plugin=test_decoding');
    await query(localPort, "insert into events values ('seen by the slot')", 'sales');
    const [{ lsn }] = /** @type {[{ lsn: string }]} */ (await query(localPort, 'select pg_current_wal_lsn() as lsn', 'sales'));
    assert.match(await receive('--start', '--file=-', `--endpos=${lsn}`), /INSERT: note\[text\]:'seen by the slot'/);
  });

  it('refuses a man in the middle, who has the right name of another authority', { skip }, async () => {
    const stranger = await startPostgres();
    try {
      const { localPort } = await open({ port: stranger.port, login: 'iam', user: 'app' });
      const before = tokens.length;
      await assert.rejects(query(localPort, 'select 1'), /RDS Tunnel: .*issuer isn't trusted/);
      assert.equal(tokens.length, before);
    } finally {
      await stranger.stop();
    }
  });

  /** @param {Partial<import('./sidecar.mjs').OpenTunnel>} login */
  const open = login =>
    sidecar.open({
      target: emulator.target,
      host: databaseHost,
      port: database.port,
      region: emulator.region,
      endpointUrl: emulator.endpoint,
      ...login,
    });
});

describe('A login to PostgreSQL 18', { skip: skip18 }, () => {
  it('begins with TLS at once, from the second connection on', async () => {
    const database = await startPostgres({ install: installPostgres18 });
    await asOwner(database, "create user admin password 'correct horse battery'");
    const watched = await watch(database.port);
    const emulator = await startEmulator({ unpaced: true, world: true });
    const sidecar = await startSidecar({ ...emulator.env, AWS_CA_BUNDLE: database.authority });
    try {
      const { localPort } = await sidecar.open({
        target: emulator.target,
        host: databaseHost,
        port: watched.port,
        region: emulator.region,
        endpointUrl: emulator.endpoint,
        login: 'secret',
        secretId: 'rds!cluster-orders',
      });
      for (let i = 0; i < 3; i++) {
        assert.deepEqual(
          await query(
            localPort,
            'select current_user as "user", ssl, current_setting(\'server_version_num\')::int >= 180000 as new from pg_stat_ssl where pid = pg_backend_pid()',
          ),
          [{ user: 'admin', ssl: true, new: true }],
        );
      }
      assert.deepEqual(watched.begun, ['asks for TLS', 'TLS', 'TLS']);
    } finally {
      await sidecar.running.stop();
      await emulator.stop();
      watched.stop();
      await database.stop();
    }
  });
});

/** A port that leads to another one, and how the connections through it have begun. @param {number} to */
async function watch(to) {
  /** @type {string[]} */
  const begun = [];
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const server = createServer(near => {
    const far = connect(to, '127.0.0.1');
    for (const [one, other] of /** @type {const} */ ([
      [near, far],
      [far, near],
    ])) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.pipe(other);
    }
    near.once('data', (/** @type {Buffer} */ first) => {
      begun.push(first[0] === 0x16 ? 'TLS' : first.readInt32BE(4) === 80_877_103 ? 'asks for TLS' : 'something else');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: /** @type {import('node:net').AddressInfo} */ (server.address()).port,
    begun,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** @param {Database} database @param {string} sql */
async function asOwner({ port, user, password, authority }, sql) {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user,
    password,
    database: 'postgres',
    ssl: { ca: await readFile(authority, 'utf8'), servername: databaseHost },
  });
  await client.connect();
  // Each by itself: a database cannot be made within a transaction.
  for (const each of sql.split('; ')) await client.query(each);
  await client.end();
}

/** @param {number} port @param {string} [database] */
async function connected(port, database = 'postgres') {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'jane', database });
  await client.connect();
  return client;
}

/** @param {number} port @param {string} sql @param {string} [database] */
async function query(port, sql, database) {
  const client = await connected(port, database);
  try {
    return /** @type {Record<string, unknown>[]} */ ((await client.query(sql)).rows);
  } finally {
    await client.end();
  }
}
