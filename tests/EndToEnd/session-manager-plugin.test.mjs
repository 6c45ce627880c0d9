// This program in place of AWS's session-manager-plugin: the AWS CLI starts it, and knows no difference.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { atEnd } from '../../scripts/lib/endings.mjs';
import { sidecarCommand } from '../../scripts/lib/paths.mjs';
import { startEmulator } from './emulator.mjs';
import { databaseHost, findProgram, freePort, skipWithout, temporaryFolder } from './peers.mjs';
import { eventually } from './ports.mjs';
import { postgresClientsMissing, postgresMissing, startPostgres } from './postgres.mjs';
import { stateFolder, withoutAws } from './sidecar.mjs';

const aws = findProgram('aws', ['/usr/bin', '/usr/local/bin']);
const skip =
  process.platform === 'win32'
    ? 'signals of Unix'
    : skipWithout(aws, 'the AWS CLI (aws; on Debian: apt-get install awscli)') || postgresMissing || postgresClientsMissing;
const [forwardPort, forwardHost] = ['AWS-StartPortForwardingSession', 'AWS-StartPortForwardingSessionToRemoteHost'];

describe('session-manager-plugin', { skip }, () => {
  /** @type {Awaited<ReturnType<typeof startPostgres>>} */
  let database;
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {NodeJS.ProcessEnv} */
  let env;
  let plugin = '';
  /** What runs, and is ended with the test that has failed to. @type {Set<(signal: NodeJS.Signals) => void>} */
  const running = new Set();

  before(async () => {
    database = await startPostgres();
    emulator = await startEmulator({ unpaced: true });
    const folder = await temporaryFolder('plugin');
    plugin = `${folder}/session-manager-plugin`;
    if (sidecarCommand.args.length === 0) {
      await symlink(sidecarCommand.file, plugin);
    } else {
      await writeFile(
        plugin,
        `#!/bin/sh\nexec ${[sidecarCommand.file, ...sidecarCommand.args].map(each => `'${each}'`).join(' ')} session-manager-plugin "$@"\n`,
      );
      await chmod(plugin, 0o755);
    }
    env = {
      ...process.env,
      ...withoutAws,
      ...emulator.env,
      PATH: `${folder}:${process.env.PATH}`,
      HOME: folder,
      XDG_STATE_HOME: await stateFolder(),
      AWS_REGION: emulator.region,
      AWS_EC2_METADATA_DISABLED: 'true',
    };
  });

  afterEach(() => {
    for (const signal of running) signal('SIGKILL');
  });

  after(async () => {
    await emulator.stop();
    await database.stop();
  });

  /** @param {string} file @param {string[]} args @param {{ env?: NodeJS.ProcessEnv, piped?: boolean }} [options] */
  function begin(file, args, options = {}) {
    // A group of its own: Ctrl-C reaches the AWS CLI and its plugin.
    const child = spawn(file, args, {
      env: { ...env, ...options.env },
      detached: true,
      stdio: [options.piped ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    });
    const group = /** @type {number} */ (child.pid);
    const signal = (/** @type {NodeJS.Signals} */ name) => {
      try {
        process.kill(-group, name);
      } catch (e) {
        if (/** @type {NodeJS.ErrnoException} */ (e).code !== 'ESRCH') throw e;
      }
    };
    const stop = atEnd(() => {
      signal('SIGKILL');
      return Promise.resolve();
    });
    running.add(signal);
    const written = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      written.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      written.stderr += text;
    });
    const ended = once(child, 'close').then(([code]) => {
      running.delete(signal);
      void stop();
      return { code: /** @type {number | null} */ (code), ...written };
    });
    return {
      child,
      signal,
      ended,
      written,
      /** @param {RegExp} text */
      says: async text => {
        assert.ok(await eventually(() => text.test(written.stdout) || child.exitCode !== null));
        return /** @type {RegExpExecArray} */ (text.exec(written.stdout) ?? assert.fail(`${written.stdout}\n${written.stderr}`));
      },
    };
  }

  /** @param {string} document @param {Record<string, string>} parameters @param {{ env?: NodeJS.ProcessEnv, piped?: boolean }} [options] */
  const startSession = (document, parameters, options) =>
    begin(
      String(aws),
      [
        '--endpoint-url',
        emulator.endpoint,
        'ssm',
        'start-session',
        '--target',
        emulator.target,
        '--document-name',
        document,
        '--parameters',
        JSON.stringify(Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]]))),
      ],
      options,
    );

  /** As the AWS CLI since 2.13.37. @param {{ response?: object, args?: string[], env?: NodeJS.ProcessEnv }} [options] */
  async function startPlugin({ response, args, env: own } = {}) {
    const parameters = {
      Target: emulator.target,
      DocumentName: forwardHost,
      Parameters: { host: [databaseHost], portNumber: [String(database.port)] },
    };
    const given =
      response ??
      JSON.parse(
        (
          await begin(
            String(aws),
            [
              '--endpoint-url',
              emulator.endpoint,
              '--output',
              'json',
              'ssm',
              'start-session',
              '--target',
              emulator.target,
              '--document-name',
              forwardHost,
              '--parameters',
              JSON.stringify(parameters.Parameters),
            ],
            { env: { PATH: await printer() } },
          ).ended
        ).stdout,
      );
    return begin(
      plugin,
      args ?? ['AWS_SSM_START_SESSION_RESPONSE', emulator.region, 'StartSession', '', JSON.stringify(parameters), emulator.endpoint],
      { env: { AWS_SSM_START_SESSION_RESPONSE: JSON.stringify(given), ...own } },
    );
  }

  /** A plugin that only prints the response that it is given. */
  async function printer() {
    const folder = await temporaryFolder('printer');
    await writeFile(`${folder}/session-manager-plugin`, '#!/bin/sh\nprintf %s "$1"\n');
    await chmod(`${folder}/session-manager-plugin`, 0o755);
    return `${folder}:${process.env.PATH}`;
  }

  /** @param {string} port */
  const row = async port => {
    const { code, stdout, stderr } = await begin(
      'psql',
      ['--no-psqlrc', '--tuples-only', '--no-align', '--command', 'select current_user'],
      { env: { PGHOST: '127.0.0.1', PGPORT: port, PGUSER: database.user, PGPASSWORD: database.password, PGDATABASE: 'postgres' } },
    ).ended;
    assert.deepEqual([code, stdout], [0, `${database.user}\n`], stderr);
  };

  const nothingIsOpen = async () => {
    assert.ok(await eventually(async () => (await emulator.sessions()).every(({ state }) => state === 'ended')));
  };

  it('serves the AWS CLI as its plugin: a row, Ctrl-C, and the same local port again', async () => {
    const localPortNumber = String(await freePort());
    for (let round = 1; round <= 2; round++) {
      const session = startSession(forwardHost, { host: databaseHost, portNumber: String(database.port), localPortNumber });
      await session.says(/^Waiting for connections\.\.\.$/m);
      await row(localPortNumber);
      await session.says(/Connection accepted/);
      await row(localPortNumber);
      session.signal('SIGINT');
      const { code, stdout, stderr } = await session.ended;
      assert.equal(code, 0, stderr);
      const id = (await emulator.sessions()).at(-1)?.id ?? '';
      assert.equal(
        stdout,
        `\nStarting session with SessionId: ${id}\nPort ${localPortNumber} opened for sessionId ${id}.\nWaiting for connections...\n\nConnection accepted for session [${id}]\nTerminate signal received, exiting.\n\n\nExiting session with sessionId: ${id}.\n\n`,
      );
      await nothingIsOpen();
    }
  });

  for (const [what, local] of /** @type {[string, Record<string, string>][]} */ ([
    ['no local port', {}],
    ['0', { localPortNumber: '0' }],
  ])) {
    it(`takes a free port for ${what}`, async () => {
      const session = startSession(forwardHost, { host: databaseHost, portNumber: String(database.port), ...local });
      await row(String((await session.says(/Port (\d+) opened[^]*Waiting/))[1]));
      session.signal('SIGINT');
      assert.equal((await session.ended).code, 0);
    });
  }

  it('forwards a port of the jump host itself', async () => {
    const session = startSession(forwardPort, { portNumber: String(database.port) });
    await row(String((await session.says(/Port (\d+) opened[^]*Waiting/))[1]));
    session.signal('SIGINT');
    assert.equal((await session.ended).code, 0);
  });

  it('says which program has the local port, and ends the session', async () => {
    const session = startSession(forwardHost, {
      host: databaseHost,
      portNumber: String(database.port),
      localPortNumber: String(database.port),
    });
    const { stdout, stderr } = await session.ended;
    assert.equal(stdout, '');
    assert.match(stderr, /^rds-tunnel: Port 127\.0\.0\.1:\d+ is in use by .*\(LocalPortInUse\)\n$/);
    await nothingIsOpen();
  });

  it('says that the jump host cannot reach the target, and stays', async () => {
    const session = startSession(forwardHost, { host: databaseHost, portNumber: String(await freePort()) });
    const [, port] = await session.says(/Port (\d+) opened[^]*Waiting/);
    const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined);
    socket.write('hello');
    await session.says(/Connection to destination port failed: the jump host i-/);
    await eventually(() => socket.destroyed);
    session.signal('SIGINT');
    assert.equal((await session.ended).code, 0);
  });

  it('lets connections live on when its link to AWS breaks', async () => {
    const session = startSession(forwardHost, { host: databaseHost, portNumber: String(database.port) });
    const [, port] = await session.says(/Port (\d+) opened[^]*Waiting/);
    const client = begin('psql', ['--no-psqlrc', '--tuples-only', '--no-align'], {
      piped: true,
      env: { PGHOST: '127.0.0.1', PGPORT: port, PGUSER: database.user, PGPASSWORD: database.password, PGDATABASE: 'postgres' },
    });
    client.child.stdin?.write('select 1;\n');
    await client.says(/^1$/m);
    await emulator.control(`sessions/${(await emulator.sessions()).at(-1)?.id}/faults`, { cutClient: true });
    client.child.stdin?.end('select 2;\n');
    assert.equal((await client.ended).stdout, '1\n2\n');
    session.signal('SIGINT');
    assert.equal((await session.ended).code, 0);
    await nothingIsOpen();
  });

  it("carries one connection over its standard streams, as SSH's ProxyCommand wants it", async () => {
    const server = createServer(socket => {
      socket.on('error', () => undefined);
      socket.write('SSH-2.0-test\r\n');
      socket.once('data', data => socket.end(`bye ${String(data)}`));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const session = startSession(
      'AWS-StartSSHSession',
      { portNumber: String(/** @type {import('node:net').AddressInfo} */ (server.address()).port) },
      { piped: true },
    );
    await session.says(/^SSH-2\.0-test\r\n$/);
    session.child.stdin?.write('hello');
    const { code, stdout, stderr } = await session.ended;
    assert.deepEqual([code, stdout], [0, 'SSH-2.0-test\r\nbye hello'], stderr);

    const other = startSession(
      'AWS-StartSSHSession',
      { portNumber: String(/** @type {import('node:net').AddressInfo} */ (server.address()).port) },
      { piped: true },
    );
    await other.says(/SSH-2/);
    other.child.stdin?.end();
    assert.equal((await other.ended).code, 0);
    server.close();
    await nothingIsOpen();
  });

  it('refuses a session that runs a command, and says what serves it', async () => {
    const { stdout, stderr } = await startSession('AWS-StartInteractiveCommand', { command: 'ls' }).ended;
    assert.equal(stdout, '');
    assert.match(stderr, /InteractiveCommands[^]*For shells and commands use AWS's own session-manager-plugin/);
    await nothingIsOpen();
  });

  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP', 'SIGTSTP', 'SIGQUIT'])) {
    it(`ends its session at ${signal}`, async () => {
      const session = await startPlugin();
      await session.says(/Waiting/);
      session.signal(signal);
      const { code, stdout } = await session.ended;
      assert.equal(code, 0);
      assert.match(stdout, /\nTerminate signal received, exiting\.\n\n\nExiting session/);
      await nothingIsOpen();
    });
  }

  it('takes the token from the environment, and exits with 1 after a failure; nothing holds the token', async () => {
    const session = await startPlugin({ env: { SSM_PLUGIN_LOCAL_HOST: '0.0.0.0' } });
    const { code, stdout, stderr } = await session.ended;
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^rds-tunnel: SSM_PLUGIN_LOCAL_HOST isn't an IPv4 address of this computer alone\./);
    await nothingIsOpen();
    for (const secret of await emulator.secrets()) assert.ok(!stderr.includes(secret));
  });

  it(
    'listens on another address of this computer',
    { skip: process.platform === 'linux' ? false : 'only Linux has the whole of 127.0.0.0/8' },
    async () => {
      const session = await startPlugin({ env: { SSM_PLUGIN_LOCAL_HOST: '127.0.0.2' } });
      const [, port] = await session.says(/Port (\d+) opened[^]*Waiting/);
      const socket = connect(Number(port), '127.0.0.2');
      socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])); // PostgreSQL's question for TLS
      assert.equal(String((await once(socket, 'data'))[0]), 'S');
      socket.destroy();
      session.signal('SIGTERM');
      assert.equal((await session.ended).code, 0);
    },
  );

  it('ends with the session, and says why', async () => {
    const session = await startPlugin();
    await session.says(/Waiting/);
    await emulator.control(`sessions/${(await emulator.sessions()).at(-1)?.id}/terminate`);
    const { code, stdout, stderr } = await session.ended;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Exiting session/);
    assert.match(stderr, /^rds-tunnel: AWS ended the session/m);
  });

  it('sends the token nowhere but to AWS', async () => {
    const token = 'a-token-that-goes-nowhere';
    const { code, stdout, stderr } = await (
      await startPlugin({
        response: {
          SessionId: 'jane-0123456789abcdef0',
          StreamUrl: 'wss://ssmmessages.example.com/v1/data-channel/jane',
          TokenValue: token,
        },
      })
    ).ended;
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /isn't|is not a message gateway/);
    assert.ok(!stderr.includes(token));
  });

  it('answers what the AWS CLI asks first, and says what is wrong with other arguments', async () => {
    assert.match((await begin(plugin, ['--version']).ended).stdout, /^1\.2\.\d{3}\.0\n$/);
    const none = await begin(plugin, []).ended;
    assert.deepEqual([none.code, /^RDS Tunnel .* in place of session-manager-plugin/.test(none.stdout)], [0, true], none.stdout);
    for (const [args, why] of /** @type {[string[], RegExp][]} */ ([
      [['x'], /needs at least/],
      [['{}', 'eu-central-1', 'ResumeSession'], /Only StartSession/],
      [['a secret', 'eu-central-1', 'StartSession'], /The first argument is no response/],
      [['AWS_SSM_START_SESSION_RESPONSE_1', 'eu-central-1', 'StartSession'], /variable AWS_SSM_START_SESSION_RESPONSE_1 holds no/],
    ])) {
      const { code, stdout, stderr } = await begin(plugin, args).ended;
      assert.deepEqual([code, stdout, stderr.includes('a secret')], [2, '', false]);
      assert.match(stderr, why);
    }
  });
});
