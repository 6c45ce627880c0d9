// A tunnel with a login that offers TLS on its own port: tools that insist on it are served, others as before.
import assert from 'node:assert/strict';
import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { connectionStringsAssembly, sidecarCommand } from '../../scripts/lib/paths.mjs';
import { run, start } from '../../scripts/lib/processes.mjs';
import { startEmulator } from './emulator.mjs';
import { askJdbc, jdbcMissing } from './jdbc.mjs';
import { databaseHost } from './peers.mjs';
import { eventually } from './ports.mjs';
import { postgresClientsMissing, postgresMissing, psql, startPostgres } from './postgres.mjs';
import { startSidecar } from './sidecar.mjs';

const skip = process.platform === 'linux' ? postgresMissing : 'the servers of this test are started on Linux alone';
const secretId = 'rds!cluster-orders'; // of the user admin, in world.json
const localPasswordText = randomBytes(24).toString('base64url');
const asked = 'select current_user as "user"';

describe('A tunnel that signs in and offers TLS', () => {
  /** @type {Awaited<ReturnType<typeof startPostgres>>} */
  let database;
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {import('./sidecar.mjs').Sidecar} */
  let sidecar;

  before(async () => {
    if (skip !== false) return;
    database = await startPostgres();
    const { port, user, password, authority } = database;
    const ssl = { ca: await readFile(authority, 'utf8'), servername: databaseHost };
    await query({ port, user, password, ssl }, "create user admin password 'correct horse battery'");
    emulator = await startEmulator({ unpaced: true, world: true });
    sidecar = await startSidecar({ ...emulator.env, AWS_CA_BUNDLE: authority });
  });

  after(async () => {
    if (skip !== false) return;
    await sidecar.running.stop();
    await emulator.stop();
    await database.stop();
  });

  it('serves psql that requires TLS, that verifies it, and that wants none', { skip: skip || postgresClientsMissing }, async () => {
    const { localPort, file } = await open();
    const ask = async (/** @type {string} */ options) =>
      (
        await run(psql ?? '', [
          ...['--no-password', '--no-psqlrc', '--tuples-only', '--no-align', '--command', asked, '--command', '\\conninfo'],
          `host=127.0.0.1 port=${localPort} user=jane dbname=postgres ${options}`,
        ])
      ).tail.join('\n');
    const verifying = `sslmode=verify-full sslrootcert=${file}`;
    for (const options of ['sslmode=require', verifying, `host=localhost hostaddr=127.0.0.1 ${verifying}`])
      assert.match(await ask(options), /^admin\n[^]*^SSL connection \(protocol: TLSv1\.3/m, options);
    const plain = await ask('sslmode=disable');
    assert.match(plain, /^admin$/m);
    assert.doesNotMatch(plain, /SSL/);
    assert.match(await ask(`sslmode=verify-full sslrootcert=${database.authority}`), /certificate verify failed/);
    assert.ok(
      await eventually(() => sidecar.running.tail.some(line => line.includes('A program ended the TLS handshake on the local port'))),
      'the refused one was logged',
    );
  });

  it('serves JDBC and Npgsql, which verify its name', { skip: skip || jdbcMissing }, async () => {
    const { localPort, file } = await open();
    for (const mode of ['sslmode=require', `sslmode=verify-full&sslrootcert=${file}`]) {
      assert.match(
        await askJdbc(`jdbc:postgresql://127.0.0.1:${localPort}/postgres?${mode}`, 'org.postgresql.Driver', asked, {
          user: 'jane',
          password: '',
        }),
        /\| admin /,
      );
    }
    for (const mode of ['SSL Mode=Require', `SSL Mode=VerifyFull;Root Certificate=${file}`]) {
      const program = await start('dotnet', [connectionStringsAssembly, 'Npgsql']);
      program.child.stdin?.end(`Host=127.0.0.1;Port=${localPort};Username=jane;Database=postgres;${mode}\n`);
      assert.equal((await program.exited).code, 0, program.tail.join('\n'));
    }
  });

  it('asks for its local password within TLS', { skip }, async () => {
    const { localPort, ca } = await open({ localPassword: true, localPasswordText });
    const ssl = { ca };
    assert.deepEqual(await query({ port: localPort, password: localPasswordText, ssl }, asked), [{ user: 'admin' }]);
    await assert.rejects(query({ port: localPort, password: 'wrong', ssl }, asked), {
      code: '28P01',
      message: /The local password is wrong/,
    });
  });

  it('carries large values both ways, on many connections at once', { skip }, async () => {
    const { localPort, ca } = await open();
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const value = randomBytes(3_000_000).toString('hex');
        const [row] = await query({ port: localPort, ssl: { ca } }, 'select $1::text as value', [value]);
        assert.equal(digest(String(row?.value)), digest(value));
      }),
    );
  });

  it('tells within TLS what went wrong', { skip }, async () => {
    const { localPort, ca } = await open({ secretId: 'no-such-secret' });
    await assert.rejects(query({ port: localPort, ssl: { ca } }, asked), /RDS Tunnel: .*no-such-secret/);
  });

  it('has a certificate that vouches for this computer alone, in a file of this user, until it is closed', { skip }, async () => {
    const { id, file, ca } = await open();
    const certificate = new X509Certificate(ca);
    assert.deepEqual([certificate.subjectAltName, certificate.ca], ['DNS:localhost, IP Address:127.0.0.1', false]);
    assert.doesNotMatch(ca, /PRIVATE KEY/);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.equal((await stat(file.slice(0, file.lastIndexOf('/')))).mode & 0o777, 0o700);
    const other = await open();
    assert.notEqual(new X509Certificate(other.ca).fingerprint256, certificate.fingerprint256);
    await sidecar.close(id);
    assert.ok(!existsSync(file));
    assert.ok(existsSync(other.file));
  });

  it('is refused where tools sign in by themselves, and for other databases', { skip }, async () => {
    for (const other of /** @type {const} */ ([{ login: 'tls' }, { login: 'secret', secretId, port: 6379 }, {}])) {
      await assert.rejects(
        sidecar.open(request(other)),
        error => /** @type {any} */ (error).data.field === 'localTls',
        JSON.stringify(other),
      );
    }
  });

  it('is an option of the command line, which names the file', { skip }, async () => {
    const where = ['--host', databaseHost, '--port', String(database.port), '--target', emulator.target, '--region', emulator.region];
    const program = await start(
      sidecarCommand.file,
      [
        ...sidecarCommand.args,
        ...['open', ...where, '--endpoint-url', emulator.endpoint],
        ...['--login', 'secret', '--secret-id', secretId, '--local-tls'],
      ],
      { env: { ...process.env, ...emulator.env, AWS_CA_BUNDLE: database.authority } },
    );
    try {
      const said = (/** @type {RegExp} */ words) => words.exec(program.tail.join('\n'))?.[1];
      assert.ok(await eventually(() => said(/certificate is in (.*\.pem)/) !== undefined), program.tail.join('\n'));
      const ca = await readFile(said(/certificate is in (.*\.pem)/) ?? '', 'utf8');
      assert.deepEqual(await query({ port: Number(said(/Listening on 127\.0\.0\.1:(\d+)/)), ssl: { ca } }, asked), [{ user: 'admin' }]);
    } finally {
      await program.stop();
    }
  });

  /** @param {Partial<import('./sidecar.mjs').OpenTunnel>} [more] */
  const request = more => ({
    target: emulator.target,
    host: databaseHost,
    port: database.port,
    region: emulator.region,
    endpointUrl: emulator.endpoint,
    localTls: true,
    ...more,
  });

  /** @param {Partial<import('./sidecar.mjs').OpenTunnel>} [more] */
  const open = async more => {
    const tunnel = await sidecar.open(request({ login: 'secret', secretId, ...more }));
    const file = tunnel.certificatePath ?? assert.fail('it names no certificate');
    return { ...tunnel, file, ca: await readFile(file, 'utf8') };
  };
});

/** @param {string} text */
const digest = text => createHash('sha256').update(text).digest('hex');

/** @param {pg.ClientConfig} to @param {string} sql @param {unknown[]} [values] */
async function query(to, sql, values = []) {
  const client = new pg.Client({ host: '127.0.0.1', user: 'jane', database: 'postgres', ...to });
  await client.connect();
  try {
    return /** @type {Record<string, unknown>[]} */ ((await client.query(sql, values)).rows);
  } finally {
    await client.end();
  }
}
