// Tools for MySQL and MariaDB that insist on TLS, on a tunnel that signs in and offers it.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import mysql from 'mysql2/promise';
import { connectionStringsAssembly } from '../../scripts/lib/paths.mjs';
import { run, start } from '../../scripts/lib/processes.mjs';
import { startEmulator } from './emulator.mjs';
import { askJdbc, jdbcMissing } from './jdbc.mjs';
import { mariadbMissing, startMariaDB } from './mariadb.mjs';
import { databaseHost, findProgram, skipWithout } from './peers.mjs';
import { eventually } from './ports.mjs';
import { startSidecar } from './sidecar.mjs';

const skip = process.platform === 'linux' ? mariadbMissing : 'the servers of this test are started on Linux alone';
const client = findProgram('mysql');
const dump = findProgram('mysqldump');
const skipClients = skip || skipWithout(client && dump, 'mysql and mysqldump');
const secretId = 'rds!cluster-orders'; // of the user admin, in world.json
const localPasswordText = randomBytes(24).toString('base64url');
const asked = 'select current_user() as user';

describe('A tunnel that signs in to MariaDB and offers TLS', () => {
  /** @type {Awaited<ReturnType<typeof startMariaDB>>} */
  let database;
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {import('./sidecar.mjs').Sidecar} */
  let sidecar;

  before(async () => {
    if (skip !== false) return;
    database = await startMariaDB({ users: { admin: "BY 'correct horse battery'" } });
    emulator = await startEmulator({ unpaced: true, world: true });
    sidecar = await startSidecar({ ...emulator.env, AWS_CA_BUNDLE: database.authority });
  });

  after(async () => {
    if (skip !== false) return;
    await sidecar.running.stop();
    await emulator.stop();
    await database.stop();
  });

  it('serves mysql that requires TLS, that verifies it, and that wants none', { skip: skipClients }, async () => {
    const { localPort, file } = await open();
    const ask = async (/** @type {string[]} */ ...options) =>
      (
        await run(client ?? '', [
          ...['--no-defaults', '--host=127.0.0.1', `--port=${localPort}`, '--user=jane', '--skip-column-names'],
          ...options,
          `--execute=${asked}; \\s`,
        ])
      ).tail.join('\n');
    const verifying = ['--ssl-verify-server-cert', `--ssl-ca=${file}`];
    for (const options of [['--ssl'], verifying])
      assert.match(await ask(...options), /^admin@%\n[^]*^SSL:\s+Cipher in use/m, options.join(' '));
    const plain = await ask('--skip-ssl');
    assert.match(plain, /^admin@%\n[^]*^SSL:\s+Not in use/m);
    assert.match(await ask('--ssl-verify-server-cert', `--ssl-ca=${database.authority}`), /ERROR 2026 .*certificate/);
    assert.ok(
      await eventually(() => sidecar.running.tail.some(line => line.includes('A program ended the TLS handshake on the local port'))),
      'the refused one was logged',
    );
  });

  it('serves mysqldump, JDBC and MySqlConnector, which verify its name', { skip: skipClients || jdbcMissing }, async () => {
    const { localPort, file } = await open();
    await query({ port: localPort }, 'create table if not exists notes (id int primary key, body longblob)');
    const dumped = await run(dump ?? '', [
      ...['--no-defaults', '--host=127.0.0.1', `--port=${localPort}`, '--user=jane', '--ssl-verify-server-cert', `--ssl-ca=${file}`],
      ...['--no-data', 'orders'],
    ]);
    assert.equal(dumped.code, 0, dumped.tail.join('\n'));
    assert.ok(dumped.tail.some(line => line.includes('CREATE TABLE `notes`')));
    for (const mode of ['sslMode=trust', `sslMode=verify-full&serverSslCert=${file}`]) {
      assert.match(
        await askJdbc(`jdbc:mariadb://127.0.0.1:${localPort}/orders?${mode}`, 'org.mariadb.jdbc.Driver', asked, {
          user: 'jane',
          password: '',
        }),
        /\| admin@% /,
      );
    }
    for (const mode of ['SslMode=Required', `SslMode=VerifyFull;SslCa=${file}`]) {
      const program = await start('dotnet', [connectionStringsAssembly, 'MySqlConnector']);
      program.child.stdin?.end(`Server=127.0.0.1;Port=${localPort};User ID=jane;Database=orders;${mode}\n`);
      assert.equal((await program.exited).code, 0, program.tail.join('\n'));
    }
  });

  it('asks for its local password within TLS', { skip }, async () => {
    const { localPort, ca } = await open({ localPassword: true, localPasswordText });
    const ssl = { ca };
    assert.deepEqual(await query({ port: localPort, password: localPasswordText, ssl }, asked), [{ user: 'admin@%' }]);
    await assert.rejects(query({ port: localPort, password: 'wrong', ssl }, asked), {
      code: 'ER_ACCESS_DENIED_ERROR',
      message: /The local password is wrong/,
    });
  });

  it('carries large values both ways, on many connections at once, compressed and plain', { skip }, async () => {
    for (const compress of [false, true]) {
      const { localPort, ca } = await open({ compress });
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          const value = randomBytes(3_000_000);
          const [row] = await query({ port: localPort, ssl: { ca } }, 'select ? as value', [value]);
          assert.equal(digest(Buffer.from(/** @type {Buffer} */ (row?.value))), digest(value));
        }),
      );
    }
  });

  it('tells within TLS what went wrong', { skip }, async () => {
    const { localPort, ca } = await open({ secretId: 'no-such-secret' });
    await assert.rejects(query({ port: localPort, ssl: { ca } }, asked), /RDS Tunnel: .*no-such-secret/);
  });

  it('tells a tool that asks for TLS where it is not offered what to do', { skip: skipClients }, async () => {
    const { localPort } = await open({ localTls: false });
    await assert.rejects(query({ port: localPort, ssl: { rejectUnauthorized: false } }, asked), /does not support secure connection/i);
  });

  /** @param {Partial<import('./sidecar.mjs').OpenTunnel>} [more] */
  const open = async more => {
    const tunnel = await sidecar.open({
      target: emulator.target,
      host: databaseHost,
      port: database.port,
      region: emulator.region,
      endpointUrl: emulator.endpoint,
      login: 'secret',
      secretId,
      localTls: true,
      ...more,
    });
    const file = tunnel.certificatePath ?? '';
    return { ...tunnel, file, ca: file === '' ? '' : await readFile(file, 'utf8') };
  };
});

/** @param {Buffer} bytes */
const digest = bytes => createHash('sha256').update(bytes).digest('hex');

/** @param {mysql.ConnectionOptions} to @param {string} sql @param {unknown[]} [values] */
async function query(to, sql, values = []) {
  const connection = await mysql.createConnection({ host: '127.0.0.1', user: 'jane', database: 'orders', ...to });
  try {
    return /** @type {Record<string, unknown>[]} */ (/** @type {unknown} */ ((await connection.query(sql, values))[0]));
  } finally {
    await connection.end();
  }
}
