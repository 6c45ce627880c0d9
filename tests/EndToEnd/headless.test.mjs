// `rds-tunnel serve --config`: the tunnels of a file, with nobody to ask, as servers and containers run it.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { root, sidecarCommand } from '../../scripts/lib/paths.mjs';
import { run, start } from '../../scripts/lib/processes.mjs';
import { startEmulator } from './emulator.mjs';
import { databaseHost, findProgram, freePort, skipWithout, temporaryFolder } from './peers.mjs';
import { connectAndEcho, eventually, isListening, startEcho } from './ports.mjs';
import { postgresMissing, startPostgres } from './postgres.mjs';
import { allow } from './portal.mjs';
import { ssoProfile } from './profiles.mjs';
import { startSidecar, stateFolder, withoutAws } from './sidecar.mjs';

const skip = process.platform === 'win32' ? 'signals and socket files of Unix' : false;
const exitCut = 5;

/** @typedef {Awaited<ReturnType<typeof startEmulator>>} Emulator */

describe('rds-tunnel serve --config', { skip }, () => {
  /** @type {Awaited<ReturnType<typeof startEcho>>} */
  let echo;
  /** @type {Emulator} */
  let emulator;

  before(async () => {
    echo = await startEcho();
    emulator = await startEmulator({ unpaced: true });
  });

  after(async () => {
    echo.stop();
    await emulator.stop();
  });

  /** @param {object} [tunnel] */
  const entry = (tunnel = {}) => ({ name: 'orders', host: databaseHost, port: echo.port, target: emulator.target, ...tunnel });

  /**
   * Starts it with these tunnels and options, and with probes.
   * @param {object[]} tunnels
   * @param {string[]} [args]
   * @param {NodeJS.ProcessEnv} [env]
   * @param {number} [port] of the probes
   */
  async function serve(tunnels, args = [], env = {}, port) {
    const httpPort = port ?? (await freePort());
    const file = join(await temporaryFolder('headless'), 'tunnels.json');
    await writeFile(file, JSON.stringify({ tunnels }));
    /** @type {string[]} */
    const lines = [];
    const running = await start(
      sidecarCommand.file,
      [...sidecarCommand.args, 'serve', '--config', file, '--health-check', '--http-port', String(httpPort), ...args],
      {
        env: {
          ...withoutAws,
          ...emulator.env,
          XDG_STATE_HOME: await stateFolder(),
          AWS_REGION: emulator.region,
          AWS_ENDPOINT_URL: emulator.endpoint,
          ...env,
        },
        onLine: line => lines.push(line),
      },
    );
    const log = () => lines.join('\n');
    return {
      running,
      lines,
      log,
      httpPort,
      /** @param {string} path @param {import('node:http').RequestOptions} [options] */
      probe: (path, options) => ask(httpPort, path, options),
      /** Until this probe answers so. @param {string} path @param {number} status */
      becomes: async (path, status) => {
        assert.ok(
          await eventually(
            async () => running.child.exitCode !== null || (await ask(httpPort, path).catch(() => undefined))?.status === status,
          ),
          log(),
        );
        assert.equal(running.child.exitCode, null, log());
      },
      /** It may have ended before. @param {NodeJS.Signals} name */
      signal: name => running.child.kill(name),
      /** Its exit code. */
      ended: async () => (await running.exited).code,
      end: async () => {
        const { code, signal } = await running.exited;
        return code ?? signal ?? '';
      },
    };
  }

  const twoPorts = async () => /** @type {const} */ ([await freePort(), await freePort()]);
  const nothingIsOpen = async () => {
    assert.ok(await eventually(async () => (await emulator.sessions()).every(({ state }) => state === 'ended')), 'every session is ended');
  };

  it('opens each tunnel of the file on its port, with a session, and answers probes', async () => {
    const [first, second] = await twoPorts();
    const before = (await emulator.sessions()).length;
    const served = await serve([entry({ localPort: first }), entry({ name: 'billing', localPort: second })]);
    await served.becomes('/startup', 200);
    await served.becomes('/readiness', 200);
    assert.deepEqual(await served.probe('/liveness'), { status: 200, body: 'ok\n', allow: undefined });
    assert.equal((await emulator.sessions()).length, before + 2);
    for (const port of [first, second]) (await connectAndEcho(port)).destroy();

    served.signal('SIGTERM');
    assert.equal(await served.ended(), 0, served.log());
    assert.match(served.log(), /orders is ready/);
    assert.equal(await isListening(first), false);
    await nothingIsOpen();
  });

  it('ends its sessions also when two signals come for one reason', async () => {
    for (const pause of [0, 5, 50]) {
      const served = await serve([entry({ localPort: await freePort() })]);
      await served.becomes('/readiness', 200);
      served.signal('SIGTERM');
      if (pause > 0) await delay(pause);
      served.signal('SIGINT');
      // When all is closed, the runtime takes its leave, and a signal may end it earlier.
      assert.ok([0, 'SIGINT'].includes(await served.end()), served.log());
      await nothingIsOpen();
    }
  });

  it('answers nobody but probes: no other name, no web page, no other method, no body, and silence waits for its time alone', async () => {
    const served = await serve([entry({ localPort: await freePort() })]);
    await served.becomes('/readiness', 200);
    const silent = Array.from({ length: 40 }, () => connect(served.httpPort, '127.0.0.1').on('error', () => undefined));
    await Promise.all(silent.map(socket => once(socket, 'connect')));
    assert.equal((await served.probe('/readiness', { headers: { host: 'attacker.example:9090' } })).status, 403);
    assert.equal((await served.probe('/readiness', { headers: { origin: 'http://127.0.0.1:8080' } })).status, 403);
    assert.deepEqual(await served.probe('/readiness', { method: 'POST' }), { status: 405, body: 'Use GET.\n', allow: 'GET' });
    assert.equal((await served.probe('/quitquitquit', { method: 'POST' })).status, 404);
    assert.equal((await served.probe('/readiness', { headers: { 'content-length': '5' } })).status, 413);
    assert.equal((await served.probe('/readiness', { headers: { x: 'x'.repeat(10_000) } })).status, 431);
    assert.equal((await served.probe('/readiness?verbose', { headers: { host: `localhost:${served.httpPort}` } })).status, 200);
    for (const socket of silent) socket.destroy();
    served.signal('SIGINT');
    assert.equal(await served.ended(), 0);
  });

  it('is waited for by another process, which says what is amiss when it takes too long', async () => {
    const port = await freePort();
    const wait = (/** @type {string[]} */ ...args) =>
      run(sidecarCommand.file, [...sidecarCommand.args, 'wait', '--http-port', String(port), ...args]);
    const early = await wait('--max', '200ms');
    assert.equal(early.code, 1);
    assert.match(early.tail.join('\n'), /not ready after 0\.2 s: the connection was refused\. Check/);
    assert.equal((await wait('--max', 'soon')).code, 2);

    const [waiting, served] = await Promise.all([wait('--max', '5m'), serve([entry({ localPort: await freePort() })], [], {}, port)]);
    assert.equal(waiting.code, 0, waiting.tail.join('\n'));
    served.signal('SIGTERM');
    assert.equal(await served.ended(), 0);

    const lost = await serve([entry({ localPort: await freePort(), target: 'i-0fffffffffffffff0' })], [], {}, port);
    await lost.becomes('/startup', 200);
    const late = await wait('--max', '1s');
    assert.equal(late.code, 1);
    assert.match(late.tail.join('\n'), /not ready after 1 s: the response is 503, orders: /);
    lost.signal('SIGTERM');
    assert.equal(await lost.ended(), 0);
  });

  it("isn't ready while a sign-in is missing, says what to do, and becomes ready when somebody has signed in; and again later", async () => {
    const home = await temporaryFolder('headless-home');
    const certificateAuthority = join(home, 'authority.pem');
    const signedOut = await startEmulator({ unpaced: true, world: true, certificateAuthority });
    await mkdir(join(home, '.aws'));
    await writeFile(join(home, '.aws', 'config'), ssoProfile('dev'));
    const env = {
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_ENDPOINT_URL: undefined,
      HOME: home,
      AWS_PROFILE: 'dev',
      AWS_CA_BUNDLE: certificateAuthority,
      AWS_EC2_METADATA_DISABLED: 'true',
      HTTPS_PROXY: signedOut.proxy,
      NO_PROXY: '127.0.0.1,localhost',
    };
    const served = await serve([entry({ localPort: await freePort(), profile: 'dev' })], [], env);
    await served.becomes('/startup', 200);
    const isMissing = async () => (await served.probe('/readiness')).body.startsWith('orders: NeedsSignIn: ');
    assert.ok(await eventually(isMissing), served.log());
    assert.equal((await served.probe('/readiness')).status, 503);
    assert.match(served.log(), /orders isn't ready: .*[Ss]ign in/);

    const editor = await startSidecar({ ...withoutAws, ...env });
    const signIn = async () => {
      const asked = editor.progress.length;
      const signedIn = editor.request('sso/signIn', { session: { profile: 'dev' }, flow: 'AuthorizationCode' });
      const url = () => editor.progress.slice(asked).find(({ method }) => method === 'sso/signIn')?.value.url;
      assert.ok(await eventually(() => url() !== undefined));
      await allow(url(), signedOut.endpoint);
      await signedIn;
    };
    await signIn();
    await served.becomes('/readiness', 200);

    await signedOut.control('expire-sign-ins');
    for (const { id } of await signedOut.sessions()) await signedOut.control(`sessions/${id}/terminate`);
    assert.ok(await eventually(isMissing), served.log());
    await signIn();
    await served.becomes('/readiness', 200);
    served.signal('SIGTERM');
    assert.equal(await served.ended(), 0);
    assert.equal(await editor.shutdown(), 0);
    await signedOut.stop();
  });

  it('loses no byte of downloads that run when it drains, and lets nobody in any more', async () => {
    const download = await startDownload();
    const localPort = await freePort();
    const served = await serve([entry({ localPort, port: download.port })], ['--max-sigterm-delay', '1h']);
    await served.becomes('/readiness', 200);
    const clients = await Promise.all(Array.from({ length: 8 }, () => download.begin(localPort)));

    served.signal('SIGTERM');
    assert.ok(await eventually(async () => !(await isListening(localPort))));
    assert.deepEqual(await served.probe('/readiness'), { status: 503, body: 'draining\n', allow: undefined });
    assert.equal((await served.probe('/liveness')).status, 200);
    assert.match(served.log(), /no more connections are accepted; open ones, \d+, may go on/);

    download.goOn();
    for (const { ended } of clients) assert.equal(await ended, download.digest);
    assert.equal(await served.ended(), 0, served.log());
    download.stop();
    await nothingIsOpen();
  });

  it('resets connections that are still open when their time is over, says how many, and exits with 5', async () => {
    const localPort = await freePort();
    const served = await serve([entry({ localPort })], ['--max-sigterm-delay', '100ms']);
    await served.becomes('/startup', 200);
    const connection = await connectAndEcho(localPort);
    const failure = new Promise(resolve => connection.once('error', resolve));
    served.signal('SIGTERM');
    assert.equal(/** @type {NodeJS.ErrnoException} */ (await failure).code, 'ECONNRESET');
    assert.equal(await served.ended(), exitCut);
    assert.match(served.log(), /Connections that are still open are reset: 1/);
    await nothingIsOpen();
  });

  it('still accepts connections for a while where it is asked to, and a second signal ends it', async () => {
    const localPort = await freePort();
    const served = await serve([entry({ localPort })], ['--min-sigterm-delay', '1h']);
    await served.becomes('/readiness', 200);
    served.signal('SIGTERM');
    await served.becomes('/readiness', 503);
    (await connectAndEcho(localPort)).destroy();
    served.signal('SIGTERM');
    assert.equal(await served.ended(), 0);
    await nothingIsOpen();
  });

  it('ends on POST /quitquitquit, and not on GET', async () => {
    const adminPort = await freePort();
    const served = await serve([entry({ localPort: await freePort() })], ['--quitquitquit', '--admin-port', String(adminPort)]);
    await served.becomes('/readiness', 200);
    assert.equal((await ask(adminPort, '/quitquitquit')).status, 405);
    assert.equal((await ask(adminPort, '/quitquitquit', { method: 'POST' })).status, 200);
    assert.equal(await served.ended(), 0);
  });

  it('logs an object on each line', async () => {
    const served = await serve([entry({ localPort: await freePort() })], ['--structured-logs', '--debug-logs']);
    await served.becomes('/readiness', 200);
    served.signal('SIGTERM');
    assert.equal(await served.ended(), 0);
    const entries = served.lines.map(line => JSON.parse(line));
    for (const { severity, timestamp, message } of entries) {
      assert.match(severity, /^(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)$/);
      assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 3_600_000, timestamp);
      assert.equal(typeof message, 'string');
    }
    const ready = entries.find(({ message }) => message === 'orders is ready');
    assert.deepEqual(ready?.fields, { Tunnel: 'orders' }, served.log());

    const failed = await serve([entry({ localPort: 0, host: 'no host' })], ['--structured-logs']);
    assert.equal(await failed.ended(), 2);
    assert.match(JSON.parse(failed.lines[0] ?? '').message, /tunnels\[0\] "orders": "host" contains a space/);
  });

  it('listens on socket files in a folder for neighbors', async () => {
    const folder = await temporaryFolder('sockets');
    const served = await serve([entry()], ['--unix-socket', folder]);
    await served.becomes('/readiness', 200);
    const path = join(folder, 'orders', '.s.PGSQL.5432');
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    const socket = connect(path);
    socket.write('x');
    assert.equal(String((await once(socket, 'data'))[0]), 'x');
    socket.destroy();
    served.signal('SIGTERM');
    assert.equal(await served.ended(), 0);
    await assert.rejects(stat(path), { code: 'ENOENT' });

    const shared = await serve([entry()], ['--unix-socket', folder], { RDS_TUNNEL_ALLOW_OTHER_USERS: 'true' });
    await shared.becomes('/readiness', 200);
    assert.equal((await stat(path)).mode & 0o777, 0o666);
    shared.signal('SIGTERM');
    assert.equal(await shared.ended(), 0);
    await nothingIsOpen();
  });

  it('listens beyond the loopback only where it is told to, with a warning, and never with a login that anybody could use', async () => {
    const localPort = await freePort();
    const served = await serve([entry({ localPort })], ['--address', '0.0.0.0', '--allow-network']);
    await served.becomes('/readiness', 200);
    assert.match(served.log(), new RegExp(`Every program that can reach 0\\.0\\.0\\.0:${localPort} can connect`));
    (await connectAndEcho(localPort)).destroy();
    served.signal('SIGTERM');
    assert.equal(await served.ended(), 0);

    const login = entry({ localPort, login: 'iam', user: 'app' });
    const refused = await serve([login], ['--address', '0.0.0.0', '--allow-network']);
    assert.equal(await refused.ended(), 3);
    assert.match(refused.log(), /orders: A login isn't possible on 0\.0\.0\.0: .*localPassword/);
    const missing = await serve([{ ...login, localPassword: true }], ['--address', '0.0.0.0', '--allow-network']);
    assert.equal(await missing.ended(), 2);
    assert.match(missing.log(), /tunnels\[0\] "orders": "localPassword": The local password in RDS_TUNNEL_LOCAL_PASSWORD is missing/);
    const protectedLogin = await serve([{ ...login, localPassword: true }], ['--address', '0.0.0.0', '--allow-network'], {
      RDS_TUNNEL_LOCAL_PASSWORD: 'correct-horse-battery',
    });
    await protectedLogin.becomes('/readiness', 200);
    protectedLogin.signal('SIGTERM');
    assert.equal(await protectedLogin.ended(), 0);
    assert.ok(!protectedLogin.log().includes('correct-horse'));
    await nothingIsOpen();
  });

  it('ends with 3 when a port is in use, for tunnels and for probes', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (taken.address());
    const served = await serve([entry({ localPort: port })]);
    assert.equal(await served.ended(), 3);
    assert.match(served.log(), /Couldn't start: orders: Port 127\.0\.0\.1:\d+ is in use by/);
    const probes = await serve([entry({ localPort: await freePort() })], [], {}, port);
    assert.equal(await probes.ended(), 3);
    assert.match(probes.log(), /Couldn't listen on 127\.0\.0\.1:\d+ for HTTP: /);
    taken.close();
    await nothingIsOpen();
  });

  it('tests the connections first where it is asked to: a database that is down ends it with 3', { skip: postgresMissing }, async () => {
    const database = await startPostgres();
    const served = await serve([entry({ port: database.port, localPort: await freePort() })], ['--run-connection-test']);
    await served.becomes('/startup', 200);
    served.signal('SIGTERM');
    assert.equal(await served.ended(), 0);
    await database.stop();

    const silent = createServer(socket => socket.destroy()).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (silent.address());
    const failed = await serve([entry({ port, localPort: await freePort() })], ['--run-connection-test'], {});
    assert.equal(await failed.ended(), 3);
    assert.match(failed.log(), /Couldn't start: The connection test of orders failed: /);
    silent.close();
    await nothingIsOpen();
  });
});

const systemdAnalyze = findProgram('systemd-analyze');

describe('The systemd unit', { skip: skip || skipWithout(systemdAnalyze, 'systemd') }, () => {
  it('is valid, leaves the service few rights, and starts the program with options that it has', async () => {
    const unit = await readFile(`${root}deploy/systemd/rds-tunnel.service`, 'utf8');
    const file = join(await temporaryFolder('unit'), 'rds-tunnel.service');
    await writeFile(file, unit.replace('ExecStart=/usr/bin/rds-tunnel', `ExecStart=${process.execPath}`));
    const verified = await run(systemdAnalyze ?? '', ['verify', '--man=no', '--recursive-errors=no', file]);
    assert.deepEqual([verified.code, verified.tail.filter(line => line !== '')], [0, []]);
    const rights = await run(systemdAnalyze ?? '', ['security', '--offline=true', '--no-pager', '--threshold=20', file]);
    assert.equal(rights.code, 0, rights.tail.join('\n'));

    const help = (await run(sidecarCommand.file, [...sidecarCommand.args, 'serve', '--help'])).tail.join('\n');
    const options = (/^ExecStart=(.*)$/m.exec(unit)?.[1] ?? '').split(' ').filter(word => word.startsWith('--'));
    assert.ok(options.length > 1);
    for (const option of options) assert.match(help, new RegExp(`${option} `));
  });
});

/**
 * @param {number} port
 * @param {string} path
 * @param {import('node:http').RequestOptions} [options]
 * @returns {Promise<{ status: number | undefined, body: string, allow: string | undefined }>}
 */
const ask = (port, path, options = {}) =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, agent: false, ...options }, answer => {
      let body = '';
      answer
        .setEncoding('utf8')
        .on('data', (/** @type {string} */ text) => {
          body += text;
        })
        .on('end', () => {
          resolve({ status: answer.statusCode, body, allow: answer.headers.allow });
        });
    })
      .on('error', reject)
      .end();
  });

/** A server that sends each client the first half of a download, and the rest when it is told to. */
async function startDownload() {
  const [first, rest] = [randomBytes(4 << 20), randomBytes(4 << 20)];
  let goOn = () => undefined;
  /** @type {Promise<void>} */
  const mayGoOn = new Promise(resolve => {
    goOn = () => {
      resolve();
      return undefined;
    };
  });
  const server = createServer(socket => {
    socket.on('error', () => undefined).write(first);
    void mayGoOn.then(() => socket.end(rest));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: /** @type {import('node:net').AddressInfo} */ (server.address()).port,
    digest: createHash('sha256').update(first).update(rest).digest('hex'),
    goOn,
    /**
     * Connects, and reads until something has come.
     * @param {number} localPort
     * @returns {Promise<{ ended: Promise<string> }>} the digest of all that comes
     */
    begin: async localPort => {
      const socket = connect(localPort, '127.0.0.1');
      const hash = createHash('sha256');
      const begun = once(socket, 'data');
      /** @type {Promise<string>} */
      const ended = new Promise((resolve, reject) => {
        socket
          .on('data', data => hash.update(data))
          .on('end', () => {
            resolve(hash.digest('hex'));
          })
          .on('error', reject);
      });
      await begun;
      return { ended };
    },
    stop: () => {
      server.close();
    },
  };
}
