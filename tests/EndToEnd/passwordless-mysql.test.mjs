// A tunnel with a login to a real MariaDB: tools speak plain text to 127.0.0.1 and have no
// password; the sidecar signs in over TLS that it verifies.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import mysql from 'mysql2/promise';
import { connectionStringsAssembly } from '../../scripts/lib/paths.mjs';
import { run, start } from '../../scripts/lib/processes.mjs';
import { startEmulator } from './emulator.mjs';
import { askJdbc, jdbcMissing } from './jdbc.mjs';
import { mariadbMissing, startMariaDB } from './mariadb.mjs';
import { pamMissing } from './pam.mjs';
import { databaseHost, findProgram, skipWithout } from './peers.mjs';
import { eventually } from './ports.mjs';
import { startSidecar } from './sidecar.mjs';

const skip = process.platform === 'linux' ? mariadbMissing : 'the servers of this test are started on Linux alone';
const skipTokens = skip || pamMissing;
const client = findProgram('mysql');
const dump = findProgram('mysqldump');
const skipClients = skip || skipWithout(client && dump, 'mysql and mysqldump');
const secretId = 'rds!cluster-orders';
const lines = Array.from({ length: 50_000 }, (_, i) => `${i},note ${i}\n`).join('');
const secretPassword = 'correct horse battery'; // world.json's, of the user admin
const localPasswordText = randomBytes(24).toString('base64url');

describe('A tunnel with a login to MariaDB', () => {
  /** @type {Awaited<ReturnType<typeof startMariaDB>>} */
  let database;
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {import('./sidecar.mjs').Sidecar} */
  let sidecar;

  before(async () => {
    if (skip !== false) return;
    database = await startMariaDB({
      users: {
        admin: `BY '${secretPassword}'`,
        modern: `VIA ed25519 USING PASSWORD('${secretPassword}')`,
        changed: "VIA ed25519 USING PASSWORD('the one after')",
        old: "VIA mysql_old_password USING '0123456789abcdef'",
      },
      ...(pamMissing === false ? { tokensFor: 'app' } : {}),
    });
    emulator = await startEmulator({ unpaced: true, world: true });
    sidecar = await startSidecar({ ...emulator.env, AWS_CA_BUNDLE: database.authority });
  });

  after(async () => {
    if (skip !== false) return;
    await sidecar.running.stop();
    await emulator.stop();
    await database.stop();
  });

  it('signs in with a token of IAM in clear text, over TLS', { skip: skipTokens }, async () => {
    const { localPort } = await open({ login: 'iam', user: 'app' });
    assert.deepEqual(await query(localPort, 'select current_user() as user, database() as db'), [{ user: 'app@%', db: 'orders' }]);
    const [{ Value: cipher }] = /** @type {[{ Value: string }]} */ (await query(localPort, "show status like 'Ssl_cipher'"));
    assert.notEqual(cipher, '');
  });

  it('signs in with a secret, whatever password the tool sends', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    for (const password of ['', 'typed by habit']) {
      assert.deepEqual(await query(localPort, 'select current_user() as user', [], { password }), [{ user: 'admin@%' }]);
    }
  });

  it('leaves signing in to the tool with TLS alone', { skip }, async () => {
    const { localPort } = await open({ login: 'tls' });
    const { user, password } = database;
    assert.deepEqual(await query(localPort, 'select current_user() as user', [], { user, password }), [{ user: 'orders@%' }]);
    await assert.rejects(query(localPort, 'select 1', [], { user, password: 'wrong' }), { code: 'ER_ACCESS_DENIED_ERROR' });
  });

  it('serves mysql and mysqldump', { skip: skipClients }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    const address = ['--no-defaults', '--host=127.0.0.1', `--port=${localPort}`, '--user=jane'];
    const asked = await run(client ?? '', [...address, '--skip-column-names', '--execute=select current_user()']);
    assert.deepEqual([asked.code, asked.tail], [0, ['admin@%']]);
    await query(localPort, 'create table if not exists notes (id int primary key, body longblob)');
    const dumped = await run(dump ?? '', [...address, '--no-data', 'orders']);
    assert.equal(dumped.code, 0, dumped.tail.join('\n'));
    assert.ok(dumped.tail.some(line => line.includes('CREATE TABLE `notes`')));
  });

  it('serves MySqlConnector, its pool included', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    const program = await start('dotnet', [connectionStringsAssembly, 'MySqlConnector']);
    program.child.stdin?.end(`Server=127.0.0.1;Port=${localPort};User ID=jane;Database=orders;SslMode=None\n`);
    assert.equal((await program.exited).code, 0, program.tail.join('\n'));
    assert.match(program.tail.join('\n'), /MariaDB/);
  });

  it('asks tools for its local password where it has one, and no other is right', { skip: skipClients || jdbcMissing }, async () => {
    const { localPort, id } = await open({ login: 'secret', secretId, localPassword: true, localPasswordText });
    assert.deepEqual(await query(localPort, 'select current_user() as user', [], { password: localPasswordText }), [{ user: 'admin@%' }]);
    for (const password of [secretPassword, 'wrong', '']) {
      await assert.rejects(query(localPort, 'select 1', [], { password }), {
        code: 'ER_ACCESS_DENIED_ERROR',
        message: /The local password is wrong/,
      });
    }

    const address = [
      '--no-defaults',
      '--host=127.0.0.1',
      `--port=${localPort}`,
      '--user=jane',
      '--skip-column-names',
      '--execute=select current_user()',
    ];
    // Clients that know another plugin, too, are asked for the one that they name.
    for (const plugin of [[], ['--default-auth=mysql_native_password'], ['--default-auth=mysql_clear_password']]) {
      const right = await run(client ?? '', [...address, ...plugin], { env: { ...process.env, MYSQL_PWD: localPasswordText } });
      assert.deepEqual([right.code, right.tail], [0, ['admin@%']], plugin.join(' '));
    }
    const wrong = await run(client ?? '', address, { env: { ...process.env, MYSQL_PWD: 'wrong' } });
    assert.equal(wrong.code, 1);
    assert.match(wrong.tail.join('\n'), /ERROR 1045 \(28000\): RDS Tunnel: The local password is wrong/);

    assert.match(
      await askJdbc(`jdbc:mariadb://127.0.0.1:${localPort}/orders`, 'org.mariadb.jdbc.Driver', 'select current_user()', {
        user: 'jane',
        password: localPasswordText,
      }),
      /admin@%/,
    );
    const program = await start('dotnet', [connectionStringsAssembly, 'MySqlConnector']);
    program.child.stdin?.end(
      `Server=127.0.0.1;Port=${localPort};User ID=jane;Password=${localPasswordText};Database=orders;SslMode=None\n`,
    );
    assert.equal((await program.exited).code, 0, program.tail.join('\n'));
    assert.equal((await sidecar.list()).find(tunnel => tunnel.id === id)?.fault, undefined);
    assert.ok(!JSON.stringify([sidecar.running.tail, sidecar.logs, sidecar.changes, sidecar.notifications]).includes(localPasswordText));
  });

  it('serves JDBC, compressed and plain', { skip: skip || jdbcMissing }, async () => {
    for (const compress of [false, true]) {
      const { localPort } = await open({ login: 'secret', secretId, compress });
      assert.match(
        await askJdbc(`jdbc:mariadb://127.0.0.1:${localPort}/orders`, 'org.mariadb.jdbc.Driver', 'select current_user()', {
          user: 'jane',
          password: '',
        }),
        /\| admin@% /,
      );
    }
  });

  it('carries values of more than one packet both ways', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    const value = randomBytes(17_000_000);
    await query(localPort, 'create table large (id int primary key, body longblob)');
    await query(localPort, 'insert into large values (1, ?)', [value]);
    const [{ body }] = /** @type {[{ body: Buffer }]} */ (await query(localPort, 'select body from large'));
    assert.equal(createHash('sha256').update(body).digest('hex'), createHash('sha256').update(value).digest('hex'));
  });

  it('compresses for tools that know nothing of it', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId, compress: true });
    const connection = await mysql.createConnection({
      host: '127.0.0.1',
      port: localPort,
      user: 'jane',
      database: 'orders',
      multipleStatements: true,
      infileStreamFactory: () => Readable.from(lines.match(/.{1,1500}/gs)?.map(piece => Buffer.from(piece)) ?? []),
      flags: ['+LOCAL_FILES'],
    });
    /** @type {string[]} */
    const warnings = [];
    // What the driver does about packets that are out of order.
    /** @type {{ connection: import('node:events').EventEmitter }} */ (/** @type {unknown} */ (connection)).connection.on(
      'warn',
      (/** @type {Error} */ { message }) => {
        warnings.push(message);
      },
    );
    const ask = async (/** @type {string} */ sql, /** @type {unknown[]} */ ...values) =>
      /** @type {any} */ ((await connection.query(sql, values))[0]);
    try {
      assert.deepEqual(await ask("show status like 'Compression'"), [{ Variable_name: 'Compression', Value: 'ON' }]);
      await ask('create table compressed (id int primary key, body longblob)');
      const value = Buffer.alloc(17_000_000, 'as rows are, this repeats. ');
      const noise = randomBytes(1_000_000);
      await ask('insert into compressed values (1, ?), (2, ?)', value, noise);
      const [one, two] = await ask('select body from compressed order by id');
      assert.ok(one.body.equals(value) && two.body.equals(noise));
      // The server flushes after each of them, and counts its packets otherwise then.
      const several = await ask('select seq from seq_1_to_3000; select 2 as b; select seq from seq_1_to_5');
      assert.deepEqual(
        several.map((/** @type {unknown[]} */ rows) => rows.length),
        [3000, 1, 5],
      );
      const [prepared] = await connection.execute('select body, ? as a from compressed where id = ?', [7, 2]);
      assert.ok(/** @type {any} */ (prepared)[0].body.equals(noise));
      await ask('create table loaded (id int primary key, note varchar(100))');
      assert.equal((await ask("load data local infile 'lines' into table loaded fields terminated by ','")).affectedRows, 50_000);
      assert.deepEqual(await ask('select count(*) as n, max(note) as m from loaded'), [{ n: 50_000, m: 'note 9999' }]);
      const status = async () => Number((await ask("show status like 'Bytes_sent'"))[0].Value);
      const before = await status();
      await ask("select repeat('x', 1000000)");
      assert.ok((await status()) - before < 20_000, 'it went compressed');
    } finally {
      await connection.end();
    }
    assert.deepEqual(warnings, []);
    const program = await start('dotnet', [connectionStringsAssembly, 'MySqlConnector']);
    program.child.stdin?.end(`Server=127.0.0.1;Port=${localPort};User ID=jane;Database=orders;SslMode=None\n`);
    assert.equal((await program.exited).code, 0, program.tail.join('\n'));
  });

  it('compresses beneath a sign-in of the tool, and what mysqldump reads', { skip: skipClients }, async () => {
    const { localPort } = await open({ login: 'tls', compress: true });
    const { user, password } = database;
    assert.deepEqual(await query(localPort, "show status like 'Compression'", [], { user, password }), [
      { Variable_name: 'Compression', Value: 'ON' },
    ]);
    await query(localPort, "create table if not exists dumped select seq, repeat('row ', 20) as body from seq_1_to_20000", [], {
      user,
      password,
    });
    const dumped = await run(dump ?? '', [
      '--no-defaults',
      '--host=127.0.0.1',
      `--port=${localPort}`,
      `--user=${user}`,
      `--password=${password}`,
      '--skip-ssl',
      '--skip-comments',
      'orders',
      'dumped',
    ]);
    const direct = await run(dump ?? '', [
      '--no-defaults',
      '--host=127.0.0.1',
      `--port=${database.port}`,
      `--user=${user}`,
      `--password=${password}`,
      '--ssl',
      '--skip-comments',
      'orders',
      'dumped',
    ]);
    assert.equal(dumped.code, 0, dumped.tail.join('\n'));
    assert.deepEqual(dumped.tail, direct.tail);
  });

  it('signs 200 connections in at once', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => query(localPort, 'select ? as i, current_user() as user', [i])),
    );
    assert.deepEqual(
      answers.map(([row]) => [Number(row?.i), row?.user]),
      Array.from({ length: 200 }, (_, i) => [i, 'admin@%']),
    );
  });

  it('lets a second connection end the query of the first', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    const connection = await mysql.createConnection({ host: '127.0.0.1', port: localPort, user: 'jane' });
    try {
      const sleeping = assert.rejects(connection.query('select sleep(60)'), { code: 'ER_QUERY_INTERRUPTED' });
      // The query may not have begun yet: a driver's user would press the button again.
      const asking = setInterval(() => {
        query(localPort, `kill query ${connection.threadId}`).catch(() => undefined);
      }, 250);
      await sleeping.finally(() => {
        clearInterval(asking);
      });
    } finally {
      await connection.end();
    }
  });

  it("passes the database's own words when it refuses", { skip }, async () => {
    const tunnel = await open({ login: 'iam', user: 'nobody' });
    await assert.rejects(query(tunnel.localPort, 'select 1'), {
      code: 'ER_ACCESS_DENIED_ERROR',
      message: /Access denied for user 'nobody'/,
    });
    const fault = await faultOf(tunnel.id);
    assert.equal(fault.code, 'LoginFailed');
    assert.match(fault.message, /access denied for this user \(error 1045, 28000\)/);
    const other = await open({ login: 'secret', secretId });
    await assert.rejects(query(other.localPort, 'select 1', [], { database: 'missing' }), { errno: 1044, sqlState: '42000' });
  });

  it("signs in with MariaDB's ed25519, which the tool need not have", { skip: skipClients || jdbcMissing }, async () => {
    for (const compress of [false, true]) {
      const { localPort } = await open({ login: 'secret', secretId, user: 'modern', compress });
      const [row] = await query(
        localPort,
        "select current_user() as user, variable_value as compressed from information_schema.session_status where variable_name = 'Compression'",
      );
      assert.deepEqual(row, { user: 'modern@%', compressed: compress ? 'ON' : 'OFF' });
      const address = ['--no-defaults', '--host=127.0.0.1', `--port=${localPort}`, '--user=jane', '--skip-column-names'];
      for (const plugin of [[], ['--default-auth=mysql_native_password'], ['--default-auth=client_ed25519']]) {
        const asked = await run(client ?? '', [...address, ...plugin, '--execute=select current_user()']);
        assert.deepEqual([asked.code, asked.tail], [0, ['modern@%']], plugin.join(' '));
      }
      assert.match(
        await askJdbc(`jdbc:mariadb://127.0.0.1:${localPort}/orders`, 'org.mariadb.jdbc.Driver', 'select current_user()', {
          user: 'jane',
          password: '',
        }),
        /\| modern@% /,
      );
      const program = await start('dotnet', [connectionStringsAssembly, 'MySqlConnector']);
      program.child.stdin?.end(`Server=127.0.0.1;Port=${localPort};User ID=jane;Database=orders;SslMode=None\n`);
      assert.equal((await program.exited).code, 0, program.tail.join('\n'));

      const connection = await mysql.createConnection({ host: '127.0.0.1', port: localPort, user: 'jane' });
      try {
        await connection.query('set @kept = 1');
        await connection.reset();
        assert.deepEqual((await connection.query('select @kept as kept, current_user() as user'))[0], [{ kept: null, user: 'modern@%' }]);
        const { user, password } = database;
        await connection.changeUser({ user, password });
        assert.deepEqual((await connection.query('select current_user() as user'))[0], [{ user: 'orders@%' }]);
      } finally {
        connection.destroy();
      }
    }
  });

  it("signs 100 connections in with ed25519 at once, each with the server's own nonce", { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId, user: 'modern' });
    const answers = await Promise.all(Array.from({ length: 100 }, () => query(localPort, 'select current_user() as user')));
    assert.ok(answers.every(([row]) => row?.user === 'modern@%'));
  });

  it("passes the database's own words when a signature is wrong", { skip }, async () => {
    const tunnel = await open({ login: 'secret', secretId, user: 'changed' });
    await assert.rejects(query(tunnel.localPort, 'select 1'), {
      code: 'ER_ACCESS_DENIED_ERROR',
      message: /Access denied for user 'changed'/,
    });
    assert.match((await faultOf(tunnel.id)).message, /access denied for this user \(error 1045, 28000\)/);
  });

  it('leaves ed25519 to a tool that signs in itself', { skip: skipClients }, async () => {
    const { localPort } = await open({ login: 'tls' });
    const address = ['--no-defaults', '--host=127.0.0.1', `--port=${localPort}`, '--user=modern', '--skip-column-names'];
    for (const [password, words] of /** @type {const} */ ([
      [secretPassword, /modern@%/],
      ['wrong', /Access denied/],
    ])) {
      const asked = await run(client ?? '', [...address, '--execute=select current_user()'], {
        env: { ...process.env, MYSQL_PWD: password },
      });
      assert.match(asked.tail.join('\n'), words);
    }
  });

  it('names a plugin that it does not have', { skip }, async () => {
    const tunnel = await open({ login: 'secret', secretId, user: 'old' });
    await assert.rejects(query(tunnel.localPort, 'select 1'), {
      code: 'ER_NOT_SUPPORTED_AUTH_MODE',
      message: /RDS Tunnel: .* sign in with mysql_old_password, .* use the login tls/,
    });
    assert.match((await faultOf(tunnel.id)).message, /mysql_old_password/);
  });

  it('leaves a change of user to tool and database', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    const connection = await mysql.createConnection({ host: '127.0.0.1', port: localPort, user: 'jane' });
    try {
      const { user, password } = database;
      await assert.rejects(connection.changeUser({ user, password: 'wrong' }), { code: 'ER_ACCESS_DENIED_ERROR' });
      await connection.changeUser({ user, password });
      assert.deepEqual((await connection.query('select current_user() as user'))[0], [{ user: 'orders@%' }]);
    } finally {
      connection.destroy();
    }
  });

  it('tells the tool why there is no password for it', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId: 'no-such-secret' });
    await assert.rejects(query(localPort, 'select 1'), /RDS Tunnel: .*no-such-secret/);
  });

  it('sends nothing to a server whose certificate bears another name', { skip }, async () => {
    const stranger = await startMariaDB({ certificateHost: 'reports.cluster-abc123.eu-central-1.rds.amazonaws.com' });
    const trusting = await startSidecar({ ...emulator.env, AWS_CA_BUNDLE: stranger.authority });
    try {
      const { localPort } = await trusting.open(request({ port: stranger.port, login: 'iam', user: 'app' }));
      await assert.rejects(query(localPort, 'select 1'), { errno: 2026, message: /RDS Tunnel: .*certificate is for another host name/ });
    } finally {
      await trusting.running.stop();
      await stranger.stop();
    }
  });

  it("closes what a browser sends, which speaks first as PostgreSQL's tools do", { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    const socket = connect(localPort, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    await new Promise(resolve => {
      socket.on('close', resolve);
    });
    assert.ok(
      await eventually(() =>
        sidecar.running.tail.some(line => line.includes("doesn't speak a database's protocol (PostgreSQL, MySQL, Redis)")),
      ),
    );
  });

  it('writes the password nowhere', { skip }, async () => {
    const written = JSON.stringify([sidecar.running.tail, sidecar.logs, sidecar.changes, sidecar.notifications, await sidecar.list()]);
    for (const secret of [secretPassword, 'X-Amz-Signature']) assert.ok(!written.includes(secret));
  });

  /** @param {Partial<import('./sidecar.mjs').OpenTunnel>} login */
  const request = login => ({
    target: emulator.target,
    host: databaseHost,
    port: database.port,
    region: emulator.region,
    endpointUrl: emulator.endpoint,
    ...login,
  });

  /** @param {Partial<import('./sidecar.mjs').OpenTunnel>} login */
  const open = login => sidecar.open(request(login));

  /** @param {string} id */
  async function faultOf(id) {
    const find = async () => (await sidecar.list()).find(tunnel => tunnel.id === id)?.fault;
    assert.ok(await eventually(async () => (await find()) !== undefined));
    return /** @type {import('./sidecar.mjs').Fault} */ (await find());
  }
});

/** @param {number} port @param {string} sql @param {unknown[]} [values] @param {mysql.ConnectionOptions} [as] */
async function query(port, sql, values = [], as = {}) {
  const connection = await mysql.createConnection({ host: '127.0.0.1', port, user: 'jane', database: 'orders', ...as });
  try {
    const [rows] = await connection.query(sql, values);
    return /** @type {Record<string, unknown>[]} */ (/** @type {unknown} */ (rows));
  } finally {
    await connection.end();
  }
}
