// A tunnel with a login: tools speak plain text to 127.0.0.1 and have no password; the sidecar
// signs in to a real PostgreSQL over TLS that it verifies.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { connectionStringsAssembly, sidecarCommand } from '../../scripts/lib/paths.mjs';
import { run, start } from '../../scripts/lib/processes.mjs';
import { startDirectory } from './directory.mjs';
import { startEmulator } from './emulator.mjs';
import { askJdbc, jdbcMissing } from './jdbc.mjs';
import { databaseHost, findProgram, freePort, skipWithout, temporaryFolder } from './peers.mjs';
import { eventually } from './ports.mjs';
import { pgDump, postgresClientsMissing, postgresMissing, psql, startPostgres } from './postgres.mjs';
import { startSidecar } from './sidecar.mjs';

const skip = process.platform === 'linux' ? postgresMissing : 'the servers of this test are started on Linux alone';
const pgbench = findProgram('pgbench');
const pgRestore = findProgram('pg_restore');
const skipClients = skip || postgresClientsMissing;
const secretId = 'rds!cluster-orders';
const secretPassword = 'correct horse battery'; // world.json's
const localPasswordText = randomBytes(24).toString('base64url');

describe('A tunnel with a login', () => {
  /** @type {Awaited<ReturnType<typeof startPostgres>>} */
  let database;
  /** @type {Awaited<ReturnType<typeof startDirectory>>} */
  let directory;
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {import('./sidecar.mjs').Sidecar} */
  let sidecar;
  /** Tokens that the database was given. @type {string[]} */
  const tokens = [];

  before(async () => {
    if (skip !== false) return;
    directory = await startDirectory((user, token) => {
      tokens.push(token);
      return (
        token.startsWith(`${databaseHost}:${database.port}/?Action=connect&`) &&
        token.includes(`DBUser=${user}&`) &&
        token.includes('X-Amz-Signature=')
      );
    });
    database = await startPostgres({
      rules: [
        `hostssl all app,denied 127.0.0.1/32 ldap ldapserver=127.0.0.1 ldapport=${directory.port} ldapprefix="cn="`,
        'hostssl all old 127.0.0.1/32 md5',
        'hostssl all plain 127.0.0.1/32 password',
      ],
    });
    await asOwner(`create user app; create user old; create user plain; create user admin password '${secretPassword}'`);
    await asOwner(
      `set password_encryption to md5; alter user old password '${secretPassword}'; alter user plain password '${secretPassword}'`,
    );
    await asOwner('create database bench owner admin');
    await asOwner('create database restored owner admin');
    emulator = await startEmulator({ unpaced: true, world: true });
    sidecar = await startSidecar({ ...emulator.env, AWS_CA_BUNDLE: database.authority });
  });

  after(async () => {
    if (skip !== false) return;
    await sidecar.running.stop();
    await emulator.stop();
    await database.stop();
    await directory.stop();
  });

  it('signs in with a token of IAM, and the tool sends no password', { skip }, async () => {
    const { localPort } = await open({ login: 'iam', user: 'app' });
    assert.deepEqual(await query(localPort, 'select current_user as "user", ssl from pg_stat_ssl where pid = pg_backend_pid()'), [
      { user: 'app', ssl: true },
    ]);
    assert.equal(tokens.length, 1);
  });

  it('makes a token for each connection', { skip }, async () => {
    const { localPort } = await open({ login: 'iam', user: 'app' });
    const before = tokens.length;
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => query(localPort, 'select current_user as "user", $1::int as i', [i])),
    );
    assert.deepEqual(
      answers,
      Array.from({ length: 40 }, (_, i) => [{ user: 'app', i }]),
    );
    assert.equal(tokens.length, before + 40);
  });

  // SCRAM with channel binding, for both ends are PostgreSQL's own; MD5; plain text.
  for (const [user, method] of [
    [undefined, 'SCRAM-SHA-256'],
    ['old', 'MD5'],
    ['plain', 'a password in plain text'],
  ]) {
    it(`signs in with a secret, by ${method}`, { skip }, async () => {
      const { localPort } = await open({ login: 'secret', secretId, ...(user === undefined ? {} : { user }) });
      assert.deepEqual(await query(localPort, 'select current_user as "user"'), [{ user: user ?? 'admin' }]);
    });
  }

  it('leaves signing in to the tool with TLS alone', { skip }, async () => {
    const { localPort } = await open({ login: 'tls' });
    assert.deepEqual(
      await query(localPort, 'select current_user as "user", ssl from pg_stat_ssl where pid = pg_backend_pid()', [], {
        user: database.user,
        password: database.password,
      }),
      [{ user: database.user, ssl: true }],
    );
    await assert.rejects(query(localPort, 'select 1', [], { user: database.user, password: 'wrong' }), /password authentication failed/);
  });

  it('serves psql and pg_dump, which ask for encryption first', { skip: skipClients }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    const env = { ...process.env, PGPASSFILE: '/nonexistent' };
    const address = ['--host', '127.0.0.1', '--port', String(localPort), '--username', 'jane', '--no-password'];
    const asked = await run(
      psql ?? '',
      [...address, '--no-psqlrc', '--tuples-only', '--no-align', '--dbname', 'postgres', '--command', 'select current_user'],
      { env },
    );
    assert.deepEqual([asked.code, asked.tail.filter(line => line !== '')], [0, ['admin']]);
    const dumped = await run(pgDump ?? '', [...address, '--schema-only', 'postgres'], { env });
    assert.equal(dumped.code, 0, dumped.tail.join('\n'));
  });

  it(
    'serves pgbench, and pg_restore with several connections',
    { skip: skipClients || skipWithout(pgbench && pgRestore, 'pgbench and pg_restore') },
    async () => {
      const { localPort } = await open({ login: 'secret', secretId });
      const at = ['--host=127.0.0.1', `--port=${localPort}`, '--username=jane'];
      const folder = await temporaryFolder('restore');
      for (const [program, args] of /** @type {const} */ ([
        [pgbench, ['--initialize', '--quiet', 'bench']],
        [pgbench, ['--client=10', '--transactions=20', 'bench']],
        [pgDump, ['--format=directory', '--jobs=2', `--file=${folder}/dump`, 'bench']],
        [pgRestore, ['--jobs=4', '--dbname=restored', `${folder}/dump`]],
      ])) {
        const { code, tail } = await run(program ?? '', [...at, ...args]);
        assert.equal(code, 0, tail.join('\n'));
      }
      const of = (/** @type {string} */ database) =>
        query(localPort, "select count(*), sum(abalance), md5(string_agg(a::text, '' order by aid)) from pgbench_accounts a", [], {
          database,
        });
      assert.deepEqual(await of('restored'), await of('bench'));
    },
  );

  it('serves JDBC and Npgsql', { skip: skip || jdbcMissing }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    assert.match(
      await askJdbc(`jdbc:postgresql://127.0.0.1:${localPort}/postgres`, 'org.postgresql.Driver', 'select current_user', {
        user: 'jane',
        password: '',
      }),
      /\| admin /,
    );
    const program = await start('dotnet', [connectionStringsAssembly, 'Npgsql']);
    program.child.stdin?.end(`Host=127.0.0.1;Port=${localPort};Username=jane;Database=postgres\n`);
    assert.equal((await program.exited).code, 0, program.tail.join('\n'));
    assert.match(program.tail.join('\n'), /PostgreSQL/);
  });

  it('signs 200 connections in at once', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => query(localPort, 'select current_user as "user", $1::int as i', [i])),
    );
    assert.deepEqual(
      answers,
      Array.from({ length: 200 }, (_, i) => [{ user: 'admin', i }]),
    );
  });

  it('asks tools for its local password where it has one, and no other is right', { skip: skipClients || jdbcMissing }, async () => {
    const tunnel = await open({ login: 'secret', secretId, localPassword: true, localPasswordText });
    assert.equal(tunnel.localPassword, true);
    const { localPort } = tunnel;
    const asked = 'select current_user as "user"';
    assert.deepEqual(await query(localPort, asked, [], { password: localPasswordText }), [{ user: 'admin' }]);
    for (const password of [secretPassword, `${localPasswordText}x`]) {
      await assert.rejects(query(localPort, asked, [], { password }), { code: '28P01', message: /The local password is wrong/ });
    }
    await assert.rejects(query(localPort, asked), /password must be a string/);

    const address = [
      '--host',
      '127.0.0.1',
      '--port',
      String(localPort),
      '--username',
      'jane',
      '--no-password',
      '--no-psqlrc',
      '--tuples-only',
      '--no-align',
      '--dbname',
      'postgres',
      '--command',
      asked,
    ];
    /** @param {string} PGPASSWORD */
    const byPsql = PGPASSWORD => run(psql ?? '', address, { env: { ...process.env, PGPASSFILE: '/nonexistent', PGPASSWORD } });
    const right = await byPsql(localPasswordText);
    assert.deepEqual([right.code, right.tail.filter(line => line !== '')], [0, ['admin']]);
    const wrong = await byPsql('wrong');
    assert.equal(wrong.code, 2);
    assert.match(wrong.tail.join('\n'), /The local password is wrong/);

    assert.match(
      await askJdbc(`jdbc:postgresql://127.0.0.1:${localPort}/postgres`, 'org.postgresql.Driver', asked, {
        user: 'jane',
        password: localPasswordText,
      }),
      /\| admin /,
    );
    const program = await start('dotnet', [connectionStringsAssembly, 'Npgsql']);
    program.child.stdin?.end(`Host=127.0.0.1;Port=${localPort};Username=jane;Password=${localPasswordText};Database=postgres\n`);
    assert.equal((await program.exited).code, 0, program.tail.join('\n'));
    // A wrong guess says nothing of the tunnel.
    assert.equal((await sidecar.list()).find(({ id }) => id === tunnel.id)?.fault, undefined);
  });

  it('lets nobody guess its local password, however many connections try at once', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId, localPassword: true, localPasswordText });
    const guesses = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        query(localPort, 'select 1', [], { password: `guess-${i}` }).then(
          () => 'let in',
          (/** @type {unknown} */ error) => String(error),
        ),
      ),
    );
    assert.ok(
      guesses.every(answer => /local password/.test(answer)),
      guesses.join('\n'),
    );
    assert.deepEqual(await query(localPort, 'select current_user as "user"', [], { password: localPasswordText }), [{ user: 'admin' }]);
  });

  it('takes its local password from a file on the command line', { skip }, async () => {
    const file = `${await temporaryFolder('local-password')}/password`;
    await writeFile(file, `${localPasswordText}\n`, { mode: 0o600 });
    const program = await start(
      sidecarCommand.file,
      [
        ...sidecarCommand.args,
        'open',
        '--host',
        databaseHost,
        '--port',
        String(database.port),
        '--target',
        emulator.target,
        '--region',
        emulator.region,
        '--endpoint-url',
        emulator.endpoint,
        '--login',
        'secret',
        '--secret-id',
        secretId,
        '--local-password-file',
        file,
      ],
      { env: { ...process.env, ...emulator.env, AWS_CA_BUNDLE: database.authority } },
    );
    const port = () => Number(/Listening on 127\.0\.0\.1:(\d+)/.exec(program.tail.join('\n'))?.[1] ?? 0);
    assert.ok(await eventually(() => port() > 0), program.tail.join('\n'));
    try {
      assert.deepEqual(await query(port(), 'select current_user as "user"', [], { password: localPasswordText }), [{ user: 'admin' }]);
      await assert.rejects(query(port(), 'select 1', [], { password: 'wrong' }), { code: '28P01' });
      assert.ok(!program.tail.join('\n').includes(localPasswordText));
    } finally {
      await program.stop();
    }
  });

  it('cancels a running query', { skip }, async () => {
    const { localPort } = await open({ login: 'iam', user: 'app' });
    const client = new pg.Client({ host: '127.0.0.1', port: localPort, user: 'jane', database: 'postgres' });
    await client.connect();
    try {
      const sleeping = assert.rejects(client.query('select pg_sleep(60)'), /canceling statement due to user request/);
      const { processID, secretKey } = /** @type {{ processID: number, secretKey: number }} */ (/** @type {unknown} */ (client));
      const request = Buffer.alloc(16);
      [16, 80877102, processID, secretKey].forEach((value, i) => request.writeInt32BE(value, 4 * i));
      // The query may not have begun yet: a driver's user would press the button again.
      const asking = setInterval(() => {
        connect(localPort, '127.0.0.1')
          .on('error', () => undefined)
          .end(request);
      }, 250);
      await sleeping.finally(() => {
        clearInterval(asking);
      });
    } finally {
      await client.end();
    }
  });

  it('passes the words of a database that refuses, and says in its state what may help', { skip }, async () => {
    const tunnel = await open({ login: 'iam', user: 'denied' });
    await assert.rejects(query(tunnel.localPort, 'select 1'), /authentication failed for user "denied"|role "denied" does not exist/);
    const fault = await faultOf(tunnel.id);
    assert.equal(fault.code, 'LoginFailed');
    assert.match(fault.message, /rds_iam/);
    const other = await open({ login: 'secret', secretId });
    await assert.rejects(query(other.localPort, 'select 1', [], { database: 'missing' }), /database "missing" does not exist/);
  });

  it('tells the tool that the jump host could not reach the database', { skip }, async () => {
    const { localPort } = await open({ port: await freePort(), login: 'iam', user: 'app' });
    await assert.rejects(query(localPort, 'select 1'), /RDS Tunnel: The jump host .* could not connect/);
  });

  it('tells the tool why there is no password for it', { skip }, async () => {
    const tunnel = await open({ login: 'secret', secretId: 'no-such-secret' });
    await assert.rejects(query(tunnel.localPort, 'select 1'), /RDS Tunnel: .*no-such-secret/);
  });

  it('sends nothing to a server whose certificate bears another name', { skip }, async () => {
    const stranger = await startPostgres({ certificateHost: 'reports.cluster-abc123.eu-central-1.rds.amazonaws.com' });
    const trusting = await startSidecar({ ...emulator.env, AWS_CA_BUNDLE: stranger.authority });
    try {
      const { localPort } = await trusting.open(request({ port: stranger.port, login: 'iam', user: 'app' }));
      await assert.rejects(query(localPort, 'select 1'), /RDS Tunnel: .*certificate is for another host name/);
    } finally {
      await trusting.running.stop();
      await stranger.stop();
    }
  });

  it('closes what a browser sends, and asks AWS for nothing', { skip }, async () => {
    const { localPort } = await open({ login: 'iam', user: 'app' });
    const before = tokens.length;
    const socket = connect(localPort, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    /** @type {Buffer[]} */
    const said = [];
    socket.on('data', bytes => {
      said.push(bytes);
    });
    await new Promise(resolve => {
      socket.on('close', resolve);
    });
    assert.equal(Buffer.concat(said).length, 0);
    assert.equal(tokens.length, before);
    assert.ok(
      await eventually(() =>
        sidecar.logs.some(({ message }) => message.includes("doesn't speak a database's protocol (PostgreSQL, MySQL, Redis)")),
      ),
      'it was logged',
    );
  });

  it('is refused without what it needs', { skip }, async () => {
    for (const [login, field] of /** @type {const} */ ([
      [{ login: 'iam' }, 'user'],
      [{ login: 'secret' }, 'secretId'],
      [{ user: 'app' }, 'user'],
      [{ login: 'magic' }, 'login'],
      [{ login: 'tls', port: 1433 }, 'login'],
    ])) {
      await assert.rejects(open(login), error => /** @type {any} */ (error).data.field === field, field);
    }
  });

  it('is written nowhere', { skip }, async () => {
    assert.ok(tokens.length > 0);
    const written = JSON.stringify([sidecar.running.tail, sidecar.logs, sidecar.changes, sidecar.notifications, await sidecar.list()]);
    const signatures = tokens.map(token => new URLSearchParams(token).get('X-Amz-Signature') ?? assert.fail('a token without a signature'));
    for (const secret of [secretPassword, localPasswordText, ...signatures]) assert.ok(!written.includes(secret));
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

  /** Once it has one. @param {string} id @returns {Promise<import('./sidecar.mjs').Fault>} */
  async function faultOf(id) {
    /** @type {import('./sidecar.mjs').Fault | undefined} */
    let fault;
    await eventually(async () => (fault = (await sidecar.list()).find(tunnel => tunnel.id === id)?.fault) !== undefined);
    return fault ?? assert.fail('the tunnel has no fault');
  }

  /** @param {string} sql */
  async function asOwner(sql) {
    const { port, user, password } = database;
    const client = new pg.Client({
      host: '127.0.0.1',
      port,
      user,
      password,
      database: 'postgres',
      ssl: { ca: await readFile(database.authority, 'utf8'), servername: databaseHost },
    });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  }
});

/** @param {number} port @param {string} sql @param {unknown[]} [values] @param {pg.ClientConfig} [as] */
async function query(port, sql, values = [], as = {}) {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'jane', database: 'postgres', ...as });
  await client.connect();
  try {
    return /** @type {Record<string, unknown>[]} */ ((await client.query(sql, values)).rows);
  } finally {
    await client.end();
  }
}
