import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { sidecarCommand } from '../../scripts/lib/paths.mjs';
import { run } from '../../scripts/lib/processes.mjs';
import { freePort } from './peers.mjs';
import { connectAndEcho, eventually, hangMs, startEcho } from './ports.mjs';
import { startStack } from './stack.mjs';

const unknownTarget = 'i-0fffffffffffffff0';

describe('What goes wrong is said', () => {
  /** @type {Awaited<ReturnType<typeof startEcho>>} */
  let echo;
  /** @type {import('./stack.mjs').Stack} */
  let stack;

  before(async () => {
    echo = await startEcho();
    stack = await startStack();
  });

  after(async () => {
    echo.stop();
    await stack.stop();
  });

  it('names the port that is in use, and the process that uses it', async () => {
    await assert.rejects(stack.open(5432, { localPort: echo.port }), error => {
      const { code, message, data } = /** @type {Error & { code: number, data: unknown }} */ (error);
      assert.equal(code, 1003);
      assert.deepEqual(data, { code: 'LocalPortInUse' });
      assert.match(message, new RegExp(`\\b${echo.port}\\b`));
      if (process.platform === 'linux') assert.match(message, new RegExp(`\\b${process.pid}\\b|\\bnode\\b`));
      return true;
    });
    assert.deepEqual(await stack.sidecar.list(), []);
  });

  it('closes a connection whose database cannot be reached, and says why', async () => {
    const tunnel = await stack.open(await freePort());
    const socket = connect(tunnel.localPort, '127.0.0.1');
    socket.on('error', () => undefined);
    await new Promise(resolve => {
      socket.once('close', resolve);
    });
    const said = () => stack.sidecar.logs.some(({ message }) => /cannot reach|refused|unreachable/i.test(message));
    assert.equal(await eventually(said), true, stack.sidecar.logs.map(log => log.message).join('\n'));
    await stack.sidecar.close(tunnel.id);
  });

  it('refuses to open a tunnel through a jump host that is not there', async () => {
    await assert.rejects(stack.open(5432, { target: unknownTarget, openNow: true }), error => {
      const { code, message } = /** @type {Error & { code: number }} */ (error);
      assert.equal(code, 2007);
      assert.match(message, new RegExp(unknownTarget));
      return true;
    });
  });

  it('says what the agent refuses, with its version, and not in its words', async () => {
    const tunnel = await stack.open(80, { host: '169.254.169.254', openNow: true });
    const fault = () => stack.sidecar.changes.find(({ id, fault }) => id === tunnel.id && fault !== undefined)?.fault;
    assert.equal(await eventually(() => fault() !== undefined), true);
    assert.equal(fault()?.code, 'HostForbidden');
    assert.match(
      String(fault()?.message),
      /agent 3\.3\.5068\.0 doesn't forward to 169\.254\.169\.254: it is the address of instance metadata/,
    );
    await stack.sidecar.close(tunnel.id);
  });

  it('says at once that AWS wants a newer client, in the editor, at the command line and in the check', async () => {
    await stack.emulator.control('channel', { minimumClientVersion: '1.2.900.0' });
    await assert.rejects(stack.open(5432, { openNow: true }), error => {
      const { code, message, data } = /** @type {Error & { code: number, data: unknown }} */ (error);
      assert.equal(code, 3013);
      assert.deepEqual(data, { code: 'ChannelRefused' });
      assert.match(message, /^AWS refused .*reports, 1\.2\.896\.0.*"Client version is below 1\.2\.900\.0"\. Update RDS Tunnel\.$/);
      return true;
    });
    const { target, region, endpoint } = stack.emulator;
    const where = ['--target', target, '--port', '5432', '--region', region, '--endpoint-url', endpoint];
    const opened = await run(sidecarCommand.file, [...sidecarCommand.args, 'open', ...where, '--open-now'], {
      env: stack.emulator.env,
      timeoutMs: hangMs,
    });
    assert.equal(opened.code, 3);
    assertSentence(opened.tail, /reports, 1\.2\.896\.0.*\(ChannelRefused\)/);
    const checked = await run(sidecarCommand.file, [...sidecarCommand.args, 'check', ...where], {
      env: stack.emulator.env,
      timeoutMs: hangMs,
    });
    assert.equal(checked.code, 1);
    assert.match(checked.tail.join('\n'), /Failed {2}Channel +AWS refused .*Client version is below 1\.2\.900\.0/);
    await stack.emulator.control('channel', {});
    assert.deepEqual(
      (await stack.emulator.sessions()).filter(({ state }) => state !== 'ended'),
      [],
    );
  });

  it('asks for the jump host where the host is the jump host itself', async () => {
    await assert.rejects(stack.open(5432, { host: 'localhost', target: undefined }), error => {
      const { code, message, data } = /** @type {Error & { code: number, data: { field?: string } }} */ (error);
      assert.equal(code, -32602);
      assert.equal(data.field, 'target');
      assert.match(message, /localhost means the jump host itself/);
      return true;
    });
  });

  it('goes by the document for the jump host itself, and tells the account why', async () => {
    const tunnel = await stack.open(echo.port, { host: ' 127.1 ', name: 'Echo', reason: 'TICKET-1: ${name} on ${target}' });
    (await connectAndEcho(tunnel.localPort)).destroy();
    const session = /** @type {{ document: string, host?: string, reason: string }} */ (
      /** @type {unknown} */ ((await stack.emulator.sessions()).at(-1))
    );
    assert.equal(session.document, 'AWS-StartPortForwardingSession');
    assert.equal(session.host, undefined);
    assert.equal(session.reason, `TICKET-1: Echo on ${stack.emulator.target}`);
    await stack.sidecar.close(tunnel.id);
  });

  describe('on the command line', () => {
    it("in one sentence, with the error's name, when the jump host is not there", async () => {
      const { code, tail } = await open(['--target', unknownTarget], stack.emulator.env);
      assert.equal(code, 3);
      assertSentence(tail, /TargetNotConnected/);
    });

    it('without the secret, when it is wrong', async () => {
      const secret = 'A1b2C3d4E5f6G7h8I9j0A1b2C3d4E5f6G7h8I9j0';
      const { code, tail } = await open(['--target', stack.emulator.target], { ...stack.emulator.env, AWS_SECRET_ACCESS_KEY: secret });
      assert.equal(code, 3);
      assertSentence(tail, /CredentialsInvalid/);
      assert.doesNotMatch(tail.join('\n'), new RegExp(secret));
    });

    it('when the option that is needed is missing', async () => {
      const { code, tail } = await open([], stack.emulator.env);
      assert.equal(code, 2);
      assert.match(tail.join('\n'), /--host is missing/);
    });

    it('when the reason has a placeholder that does not exist', async () => {
      const { code, tail } = await open(['--target', stack.emulator.target, '--reason', 'for ${nobody}'], stack.emulator.env);
      assert.equal(code, 2);
      assert.match(tail.join('\n'), /--reason has an unknown placeholder, \$\{nobody\}; use \$\{name\}, /);
    });

    it('when the host is the jump host itself and no jump host is named', async () => {
      const { code, tail } = await open(['--host', '::1'], stack.emulator.env);
      assert.equal(code, 2);
      assert.match(tail.join('\n'), /--target is missing/);
    });
  });

  /** @param {string[]} args @param {NodeJS.ProcessEnv} env */
  function open(args, env) {
    const { region, endpoint } = stack.emulator;
    const options = ['--port', '5432', '--region', region, '--endpoint-url', endpoint, '--open-now', ...args];
    return run(sidecarCommand.file, [...sidecarCommand.args, 'open', ...options], { env, timeoutMs: hangMs });
  }

  /** @param {string[]} lines @param {RegExp} name */
  function assertSentence(lines, name) {
    const sentence = lines.find(line => line.startsWith('rds-tunnel: '));
    assert.ok(sentence, lines.join('\n'));
    assert.match(sentence, name);
    assert.ok(!lines.some(line => /^\s+at /.test(line)), 'It printed a stack.');
  }
});
