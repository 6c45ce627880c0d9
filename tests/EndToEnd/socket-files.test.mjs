// A tunnel's socket file: databases' own tools connect through it, with a login of the tunnel's and without, and nobody but this user can.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { after, before, describe, it } from 'node:test';
import mysql from 'mysql2/promise';
import { sidecarCommand } from '../../scripts/lib/paths.mjs';
import { run } from '../../scripts/lib/processes.mjs';
import { startEmulator } from './emulator.mjs';
import { mariadbMissing, startMariaDB } from './mariadb.mjs';
import { databaseHost, findProgram, freePort, skipWithout, temporaryFolder } from './peers.mjs';
import { eventually } from './ports.mjs';
import { postgresClientsMissing, psql, startPostgres } from './postgres.mjs';
import { startSidecar } from './sidecar.mjs';

const client = findProgram('mysql');
const skip = process.platform === 'win32' ? 'Windows has none' : postgresClientsMissing || mariadbMissing || skipWithout(client, 'mysql');
const secretId = 'rds!cluster-orders';
const secretPassword = 'correct horse battery'; // world.json's, of the user admin

describe('A socket file', { skip }, () => {
  /** @type {Awaited<ReturnType<typeof startPostgres>>} */
  let postgres;
  /** @type {Awaited<ReturnType<typeof startMariaDB>>} */
  let mariadb;
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  let home = '';

  before(async () => {
    [postgres, mariadb, emulator, home] = await Promise.all([
      startPostgres(),
      startMariaDB({ users: { admin: `BY '${secretPassword}'` } }),
      startEmulator({ unpaced: true, world: true }),
      temporaryFolder('run'),
    ]);
  });

  after(async () => {
    await emulator.stop();
    await postgres.stop();
    await mariadb.stop();
  });

  /** @param {NodeJS.ProcessEnv} [env] */
  const startWindow = (env = {}) => startSidecar({ ...emulator.env, XDG_RUNTIME_DIR: home, XDG_STATE_HOME: home, ...env });

  /** @param {import('./sidecar.mjs').Sidecar} window @param {{ port: number }} database @param {object} [request] */
  const open = (window, database, request = {}) =>
    window.open({
      target: emulator.target,
      host: databaseHost,
      port: database.port,
      region: emulator.region,
      endpointUrl: emulator.endpoint,
      socket: true,
      ...request,
    });

  /** @param {{ socketPath?: string, localPort: number }} tunnel @param {string} user @param {string} [password] */
  async function askPsql({ socketPath = '', localPort }, user, password) {
    const env = { ...process.env, PGPASSFILE: '/nonexistent', ...(password === undefined ? {} : { PGPASSWORD: password }) };
    const asked = await run(
      psql ?? '',
      [
        '--no-psqlrc',
        '--no-password',
        '-Atc',
        'select current_user',
        `host=${dirname(socketPath)} port=${localPort} user=${user} dbname=postgres`,
      ],
      { env },
    );
    return [asked.code, ...asked.tail.filter(line => line !== '')];
  }

  it('serves psql and mysql of a tunnel that signs in, without a password', async () => {
    const window = await startWindow({ AWS_CA_BUNDLE: postgres.authority });
    assert.deepEqual(await askPsql(await open(window, postgres, { login: 'tls' }), postgres.user, postgres.password), [0, postgres.user]);
    assert.equal(await window.shutdown(), 0);

    const other = await startWindow({ AWS_CA_BUNDLE: mariadb.authority });
    const { socketPath = '' } = await open(other, mariadb, { login: 'secret', secretId });
    const asked = await run(client ?? '', [
      '--no-defaults',
      `--socket=${socketPath}`,
      '--user=jane',
      '--skip-column-names',
      '--execute=select current_user()',
    ]);
    assert.deepEqual([asked.code, asked.tail.filter(line => line !== '')], [0, ['admin@%']]);
    const connection = await mysql.createConnection({ socketPath, user: 'jane' });
    assert.deepEqual((await connection.query('select 1 as one'))[0], [{ one: 1 }]);
    await connection.end();
    assert.equal(await other.shutdown(), 0);
  });

  it('is for this user alone, stands beside the port, and is gone with the tunnel', async () => {
    const window = await startWindow();
    const tunnel = await open(window, postgres);
    const { socketPath = '', id } = tunnel;
    assert.equal(socketPath, `${home}/rds-tunnel/sockets/.s.PGSQL.${tunnel.localPort}`);
    assert.equal(statSync(socketPath).mode & 0o777, 0o600);
    assert.equal(statSync(dirname(socketPath)).mode & 0o777, 0o700);
    assert.equal((await window.list())[0]?.socketPath, socketPath);
    await window.close(id);
    assert.equal(existsSync(socketPath), false);
    assert.equal(await window.shutdown(), 0);
  });

  it(
    'refuses another user whom the folder lets in',
    { skip: process.getuid?.() === 0 ? false : 'only root can be another user' },
    async () => {
      const window = await startWindow();
      const { socketPath = '', localPort } = await open(window, postgres);
      // Wide open, as nobody should leave it.
      spawnSync('chmod', ['a+rwx', home, `${home}/rds-tunnel`, dirname(socketPath), socketPath]);
      const knock = `const s = require('net').connect(${JSON.stringify(socketPath)}); s.on('connect', () => s.write('x')); s.on('data', () => console.log('answered')); s.on('error', () => {}); s.on('close', () => console.log('closed'));`;
      const stranger = spawnSync(process.execPath, ['-e', knock], { uid: 65_534, gid: 65_534, encoding: 'utf8' });
      spawnSync('chmod', ['go-rwx', home, `${home}/rds-tunnel`, dirname(socketPath), socketPath]);
      assert.equal(stranger.stdout, 'closed\n', stranger.stderr);
      assert.ok(
        await eventually(() =>
          window.logs.some(({ message }) =>
            message.includes(`port ${localPort} was refused: it isn't from this user, but from another one`),
          ),
        ),
      );
      assert.equal(await window.shutdown(), 0);
    },
  );

  it('comes back where a killed window had left one, and in the window that takes the tunnel over', async () => {
    const localPort = await freePort();
    const [first, second] = await Promise.all([startWindow(), startWindow()]);
    const { socketPath = '' } = await open(first, postgres, { localPort });
    assert.equal((await open(second, postgres, { localPort })).socketPath, socketPath);
    process.kill(-first.running.pid, 'SIGKILL');
    await first.running.exited;
    assert.ok(await eventually(() => answers(socketPath)));
    assert.equal((await second.list())[0]?.socketPath, socketPath);
    assert.equal(await second.shutdown(), 0);
    assert.equal(existsSync(socketPath), false);
  });

  it('refuses a path that is too long for a socket, and leaves no port open', async () => {
    const window = await startWindow({ XDG_RUNTIME_DIR: `${home}/${'x'.repeat(90)}` });
    await assert.rejects(open(window, postgres), /longer than 10[37] bytes.*XDG_RUNTIME_DIR/);
    assert.deepEqual(await window.list(), []);
    assert.equal(await window.shutdown(), 0);
  });

  it('is an option of the command line', async () => {
    const { file, args } = sidecarCommand;
    const help = await run(file, [...args, 'open', '--help']);
    assert.match(help.tail.join('\n'), /--socket +Also listen on a Unix-domain socket/);
  });
});

/** Whether somebody listens on a socket file. @param {string} path @returns {Promise<boolean>} */
const answers = path =>
  new Promise(resolve => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    }).on('error', () => {
      resolve(false);
    });
  });
