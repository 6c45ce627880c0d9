// Another user of this machine, at the ports that are only for us. Needs root, to be somebody else.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startEmulator } from './emulator.mjs';
import { sidecarCommand } from '../../scripts/lib/paths.mjs';
import { databaseHost, temporaryFolder } from './peers.mjs';
import { connectAndEcho, eventually, startEcho } from './ports.mjs';
import { startSidecar } from './sidecar.mjs';

const skip = process.getuid?.() === 0 && process.platform === 'linux' ? false : 'only root on Linux can be another user';

/**
 * Sends a byte, or something else in printf's spelling, as the user nobody.
 * @param {number} port
 * @returns {Promise<string>} the first byte that came back
 */
async function knock(port, words = 'x') {
  const stranger = spawn('bash', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${port} && printf '${words}' >&3 && head -c1 <&3`], {
    uid: 65_534,
    gid: 65_534,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let answer = '';
  stranger.stdout.setEncoding('utf8').on('data', text => {
    answer += String(text);
  });
  await once(stranger, 'close');
  return answer;
}

/** The sidecar with few descriptors. @param {number} limit @returns the program */
async function withDescriptors(limit) {
  const program = join(await temporaryFolder('limited'), 'rds-tunnel');
  const { file, args } = sidecarCommand;
  await writeFile(program, `#!/bin/sh\nulimit -n ${limit}\nexec ${[file, ...args].map(each => `'${each}'`).join(' ')} "$@"\n`, {
    mode: 0o755,
  });
  return program;
}

describe('Another user of this machine', { skip }, () => {
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {Awaited<ReturnType<typeof startSidecar>>} */
  let sidecar;
  /** @type {Awaited<ReturnType<typeof startEcho>>} */
  let echo;
  let port = 0;

  before(async () => {
    [emulator, echo] = await Promise.all([startEmulator({ unpaced: true }), startEcho()]);
    sidecar = await startSidecar(emulator.env);
    ({ localPort: port } = await sidecar.open({
      target: emulator.target,
      host: databaseHost,
      port: echo.port,
      region: emulator.region,
      endpointUrl: emulator.endpoint,
    }));
    (await connectAndEcho(port)).destroy();
  });

  after(async () => {
    await sidecar.shutdown();
    await emulator.stop();
    echo.stop();
  });

  it('is sent away from a tunnel, and this user is served as before', async () => {
    assert.equal(await knock(port), '');
    (await connectAndEcho(port)).destroy();
    assert.ok(await eventually(() => sidecar.logs.some(({ message }) => /isn't from this user/.test(message))));
  });

  it('is served where the setting allows it, but never by a tunnel that signs in to its database', async () => {
    const open = await startSidecar({ ...emulator.env, RDS_TUNNEL_ALLOW_OTHER_USERS: 'true' });
    const request = {
      target: emulator.target,
      host: databaseHost,
      port: echo.port,
      region: emulator.region,
      endpointUrl: emulator.endpoint,
    };
    const [plain, login] = [await open.open(request), await open.open({ ...request, login: 'tls' })];
    assert.equal(await knock(plain.localPort), 'x');
    assert.ok(open.logs.some(({ message }) => message.includes(`Every user of this computer can connect to port ${plain.localPort}`)));
    assert.equal(await knock(login.localPort), '');
    assert.ok(
      await eventually(() =>
        open.logs.some(({ message }) => message.includes(`port ${login.localPort} was refused: it isn't from this user`)),
      ),
    );
    assert.ok(!open.logs.some(({ message }) => message.includes(`can connect to port ${login.localPort}`)));
    assert.equal(await open.shutdown(), 0);
  });

  it('is asked for the local password by a tunnel that has one, where the setting lets others connect', async () => {
    const open = await startSidecar({ ...emulator.env, RDS_TUNNEL_ALLOW_OTHER_USERS: 'true' });
    const request = {
      target: emulator.target,
      host: databaseHost,
      port: 5432,
      region: emulator.region,
      endpointUrl: emulator.endpoint,
      login: 'iam',
      user: 'app',
      localPassword: true,
      localPasswordText: 'correct-horse-battery',
    };
    // PostgreSQL's startup message, and its request for an authentication.
    const startup = '\\x00\\x00\\x00\\x11\\x00\\x03\\x00\\x00user\\x00me\\x00\\x00';
    const before = (await emulator.sessions()).length;
    assert.equal(await knock((await open.open(request)).localPort, startup), 'R');
    assert.equal(await knock((await sidecar.open(request)).localPort, startup), '');
    assert.equal((await emulator.sessions()).length, before, 'nothing was opened for a stranger');
    assert.equal(await open.shutdown(), 0);
  });

  it('is sent away also while this user has as many connections open as the system allows', async () => {
    const limited = await startSidecar(emulator.env, { program: await withDescriptors(256) });
    const { localPort } = await limited.open({
      target: emulator.target,
      host: databaseHost,
      port: echo.port,
      region: emulator.region,
      endpointUrl: emulator.endpoint,
    });
    const sockets = [];
    let reset = 0;
    for (let i = 0; i < 300; i++) {
      const socket = connect(localPort, '127.0.0.1').on('error', () => undefined);
      socket.once('close', () => {
        reset++;
      });
      sockets.push(socket);
    }
    assert.ok(await eventually(() => reset === 300 - 81), `${reset} were reset`);
    for (let i = 0; i < 5; i++) assert.equal(await knock(localPort), '');
    for (const socket of sockets) socket.destroy();
    assert.ok(await eventually(async () => (await limited.list())[0]?.statistics.connectionsNow === 0));
    (await connectAndEcho(localPort)).destroy();
    assert.ok(limited.logs.some(({ message }) => /As many connections are open in all tunnels as/.test(message)));
    assert.equal(await limited.shutdown(), 0);
  });
});

describe('Few descriptors', () => {
  it('open as many tunnels as they allow, and no further one ends the others', async () => {
    const echo = await startEcho();
    const emulator = await startEmulator();
    const limited = await startSidecar(emulator.env, { program: await withDescriptors(256) });
    const request = {
      target: emulator.target,
      host: databaseHost,
      port: echo.port,
      region: emulator.region,
      endpointUrl: emulator.endpoint,
      openNow: true,
    };
    const opened = [];
    let refusal = '';
    while (refusal === '' && opened.length < 100) {
      try {
        opened.push(await limited.open(request));
      } catch (e) {
        refusal = String(e);
      }
    }
    assert.match(refusal, /open file limit/);
    for (let i = 0; i < 50; i++) await assert.rejects(limited.open(request), /open file limit/);
    for (const { localPort } of opened) (await connectAndEcho(localPort)).destroy();
    const [first] = opened;
    assert.ok(first !== undefined);
    await limited.close(first.id);
    (await connectAndEcho((await limited.open(request)).localPort)).destroy();
    assert.equal(await limited.shutdown(), 0);
    await emulator.stop();
    echo.stop();
  });
});
