import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { signalGroup, start } from '../../scripts/lib/processes.mjs';
import { startEmulator } from './emulator.mjs';
import { connectAndEcho, eventually, hangMs, isListening, startEcho } from './ports.mjs';
import { startSidecar } from './sidecar.mjs';

const idleTimeoutSeconds = 3;
/** By TerminateSession, or, before that arrived, by the agent, which had been told by a flag. */
const ended = /^(Terminated|AgentFinished)$/;

/** @typedef {import('./sidecar.mjs').Sidecar} Sidecar */

/** @type {{ name: string, end: (sidecar: Sidecar) => unknown }[]} */
const ways = [
  { name: 'standard input is closed', end: ({ running }) => running.child.stdin?.end() },
  { name: 'it gets SIGTERM', end: ({ running }) => process.kill(running.pid, 'SIGTERM') },
  { name: 'it gets SIGINT', end: ({ running }) => process.kill(running.pid, 'SIGINT') },
  { name: 'it gets SIGHUP', end: ({ running }) => process.kill(running.pid, 'SIGHUP') },
  { name: 'it is asked to shut down', end: ({ shutdown }) => shutdown() },
];

describe('A sidecar that has ended leaves nothing behind', () => {
  /** @type {Awaited<ReturnType<typeof startEcho>>} */
  let echo;
  /** @type {import('./emulator.mjs').Emulator} */
  let emulator;

  before(async () => {
    echo = await startEcho();
    emulator = await startEmulator({ idleTimeoutSeconds });
  });

  after(async () => {
    echo.stop();
    await emulator.stop();
  });

  for (const { name, end } of ways) {
    it(`when ${name}`, async () => {
      const sidecar = await startSidecar(emulator.env);
      const { localPort, connection, session } = await openTunnel(sidecar);
      // Closed or reset: once() would fail with the reset.
      const closed = new Promise(resolve => {
        connection.once('close', resolve);
      });
      await end(sidecar);
      assert.deepEqual(await exitOf(sidecar), { code: 0, signal: null });
      await closed;
      await assertNothingIsLeft(sidecar, localPort);
      assert.match(String(await endReasonOf(session)), ended);
    });
  }

  it('when its parent is gone, though standard input stays open', async () => {
    const editor = await start(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const sidecar = await startSidecar(emulator.env, { parentProcessId: editor.pid });
    const { localPort, session } = await openTunnel(sidecar);
    process.kill(editor.pid, 'SIGKILL');
    assert.deepEqual(await exitOf(sidecar), { code: 0, signal: null });
    await assertNothingIsLeft(sidecar, localPort);
    assert.match(String(await endReasonOf(session)), ended);
  });

  it('when it closes one tunnel of two, only the other', async () => {
    const sidecar = await startSidecar(emulator.env);
    const first = await openTunnel(sidecar);
    const second = await openTunnel(sidecar);
    await sidecar.close(first.id);
    assert.equal(await isListening(first.localPort), false);
    assert.match(String(await endReasonOf(first.session)), ended);
    (await connectAndEcho(second.localPort)).destroy();
    assert.deepEqual(
      (await sidecar.list()).map(tunnel => tunnel.id),
      [second.id],
    );
    assert.equal(await sidecar.shutdown(), 0);
  });

  it('but a session until its idle timeout, when it is killed', async () => {
    const sidecar = await startSidecar(emulator.env);
    const { localPort, session } = await openTunnel(sidecar);
    process.kill(sidecar.running.pid, 'SIGKILL');
    assert.deepEqual(await exitOf(sidecar), { code: null, signal: 'SIGKILL' });
    await assertNothingIsLeft(sidecar, localPort);
    assert.equal(await endReasonOf(session), undefined);
    assert.equal(await eventually(async () => (await endReasonOf(session)) !== undefined), true);
    assert.equal(await endReasonOf(session), 'IdleTimeout');
  });

  /** A tunnel to the echo server, with a session and a connection that has carried a byte. @param {Sidecar} sidecar */
  async function openTunnel(sidecar) {
    const before = new Set((await emulator.sessions()).map(session => session.id));
    const { id, localPort } = await sidecar.open({
      target: emulator.target,
      port: echo.port,
      region: emulator.region,
      endpointUrl: emulator.endpoint,
      openNow: true,
    });
    const connection = await connectAndEcho(localPort);
    const [session] = (await emulator.sessions()).filter(one => !before.has(one.id));
    assert.ok(session, 'The local AWS knows of no session.');
    return { id, localPort, connection, session: session.id };
  }

  /** @param {string} id */
  async function endReasonOf(id) {
    const session = (await emulator.sessions()).find(one => one.id === id);
    assert.ok(session, `The local AWS has forgotten ${id}.`);
    return session.endReason;
  }
});

/** @param {Sidecar} sidecar */
async function exitOf(sidecar) {
  const timeout = AbortSignal.timeout(hangMs);
  return Promise.race([
    sidecar.running.exited,
    once(timeout, 'abort').then(() => {
      throw new Error(`It still runs after ${hangMs} ms.\n${sidecar.running.tail.join('\n')}`);
    }),
  ]);
}

/** @param {Sidecar} sidecar @param {number} port */
async function assertNothingIsLeft({ running }, port) {
  assert.equal(await isListening(port), false, `Port ${port} still listens.`);
  assert.equal(await eventually(() => !signalGroup(running.pid, 0)), true, 'Its process group still exists.');
}
