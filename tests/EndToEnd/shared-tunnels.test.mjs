import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startEmulator } from './emulator.mjs';
import { connectAndEcho, eventually, hangMs, startEcho } from './ports.mjs';
import { databaseHost, freePort, temporaryFolder } from './peers.mjs';
import { startSidecar } from './sidecar.mjs';

/** @typedef {import('./sidecar.mjs').Sidecar} Sidecar */

/** Kills for this long; CONTRIBUTING.md says how to do it for minutes. */
const killingMs = 1_000 * Number(process.env.RDS_TUNNEL_KILLING_SECONDS ?? '15');

/**
 * How long a port may be away when its holder was killed, on a machine where whoever looks each few
 * milliseconds can do so. On a busy one both take longer.
 */
const [awayMs, lookMs] = [500, 5];

const skip = process.platform === 'win32' || process.platform === 'darwin' ? 'it looks at /proc' : false;

describe('Windows share tunnels', { skip }, () => {
  /** @type {Awaited<ReturnType<typeof startEcho>>} */
  let echo;
  /** @type {import('./emulator.mjs').Emulator} */
  let emulator;
  /** @type {string} */
  let home;

  before(async () => {
    echo = await startEcho();
    emulator = await startEmulator({ unpaced: true });
    home = await temporaryFolder('home');
  });

  after(async () => {
    echo.stop();
    await emulator.stop();
  });

  /** @param {NodeJS.ProcessEnv} [env] */
  const startWindow = (env = {}) => startSidecar({ ...emulator.env, XDG_STATE_HOME: home, XDG_RUNTIME_DIR: home, ...env });

  /** @param {Sidecar} window @param {number} localPort @param {object} [request] */
  const open = (window, localPort, request = {}) =>
    window.open({
      target: emulator.target,
      host: databaseHost,
      port: echo.port,
      region: emulator.region,
      endpointUrl: emulator.endpoint,
      localPort,
      ...request,
    });

  const sockets = () => readdirSync(`${home}/rds-tunnel`, { recursive: true, encoding: 'utf8' }).filter(name => /\/\d+$/.test(name));

  it('same port, same session, same numbers; closing one ends nothing of the other', async () => {
    const [first, second] = await Promise.all([startWindow(), startWindow()]);
    const localPort = await freePort();
    const { id } = await open(first, localPort);
    const connection = await connectAndEcho(localPort);
    await open(second, localPort, { openNow: true, name: 'its own name' });
    for (const window of [first, second]) {
      assert.ok(
        await eventually(async () => {
          const [tunnel] = await window.list();
          return (
            tunnel?.state === 'Open' &&
            tunnel.localPort === localPort &&
            tunnel.windows === 2 &&
            tunnel.statistics.connectionsTotal === 1 &&
            tunnel.statistics.bytesDown === 1
          );
        }),
      );
    }
    assert.deepEqual(
      [(await first.list()).map(({ name }) => name), (await second.list()).map(({ name }) => name)],
      [[`${databaseHost}:${echo.port}`], ['its own name']],
    );
    await first.close(id);
    assert.deepEqual(await first.list(), []);
    assert.ok(await eventually(async () => (await second.list())[0]?.windows === undefined));
    assert.deepEqual(await first.request('shutdown'), { tunnelsOfOthers: 1 });
    first.running.child.stdin?.end();
    connection.write('y');
    assert.equal(String((await once(connection, 'data'))[0]), 'y');
    assert.equal((await emulator.sessions()).filter(({ state }) => state !== 'Terminated').length, 1);
    // Once nothing runs through the process that has no window, it is gone, and the other one has the port.
    connection.end();
    assert.deepEqual(await first.running.exited, { code: 0, signal: null });
    assert.ok(await eventually(() => listeners(localPort) === 1));
    (await connectAndEcho(localPort)).destroy();
    assert.equal((await second.list())[0]?.name, 'its own name');
    await second.shutdown();
    assert.deepEqual([listeners(localPort), sockets()], [0, []]);
  });

  it('one without a port joins the tunnel that is there', async () => {
    const [first, second] = await Promise.all([startWindow(), startWindow()]);
    const { localPort } = await open(first, 0);
    assert.equal((await open(second, 0)).localPort, localPort);
    // Another one gets another port.
    assert.notEqual((await open(second, 0, { port: echo.port + 1 })).localPort, localPort);
    await Promise.all([first.shutdown(), second.shutdown()]);
  });

  it('a window that is gone without a word leaves its tunnels to the others', async () => {
    const editor = await startWindow();
    const second = await startWindow();
    const localPort = await freePort();
    await open(editor, localPort);
    await open(second, localPort);
    const connection = await connectAndEcho(localPort);
    editor.running.child.stdin?.destroy();
    editor.running.child.stdout?.destroy();
    assert.ok(await eventually(() => editor.running.tail.some(line => line.includes('going on for other windows'))));
    connection.write('y');
    assert.equal(String((await once(connection, 'data'))[0]), 'y');
    await second.shutdown();
    await editor.running.exited;
  });

  it('only the same tunnel in the same environment is shared, and the refusal says what differs', async () => {
    const [first, other, opted] = await Promise.all([
      startWindow(),
      startWindow({ HTTPS_PROXY: 'http://127.0.0.1:1' }),
      startWindow({ RDS_TUNNEL_SHARE: 'false' }),
    ]);
    const localPort = await freePort();
    await open(first, localPort);
    await assert.rejects(open(other, localPort), { message: /in use by another window.*environment/ });
    await assert.rejects(open(first, localPort, { port: echo.port + 1 }), { message: /in use by another window.*another database/ });
    await assert.rejects(open(opted, localPort), { message: /in use by .*Close that program/ });
    await Promise.all([first.shutdown(), other.shutdown(), opted.shutdown()]);
  });

  it('five of them, killed at random: the port comes back at once, one listens, nothing is left', async test => {
    const localPort = await freePort();
    const start = async () => {
      const window = await startWindow();
      await open(window, localPort);
      return window;
    };
    const windows = await Promise.all(Array.from({ length: 5 }, start));
    /** @type {{ ms: number, looks: number }[]} */
    const away = [];
    // On a busy machine another one holds it before anybody has looked.
    let holders = 0;
    const until = Date.now() + killingMs;
    let kills = 0;
    for (; Date.now() < until || kills < 5; kills++) {
      // Each second one is the one that listens.
      const index =
        kills % 2 === 0 ? windows.findIndex(({ running }) => holds(running.pid, localPort)) : Math.floor(Math.random() * windows.length);
      const { running } = /** @type {Sidecar} */ (windows.splice(index, 1)[0]);
      if (holds(running.pid, localPort)) holders++;
      process.kill(running.pid, 'SIGKILL');
      const gap = await gapOf(localPort, running.exited);
      if (gap !== undefined) away.push(gap);
      windows.push(await start());
      assert.ok(listeners(localPort) <= 1, 'two listen');
    }
    const told = away.map(({ ms, looks }) => `${ms} ms (${looks} looks)`).join(', ');
    const sorted = away.map(({ ms }) => ms).sort((a, b) => a - b);
    test.diagnostic(
      `${kills} kills; the port was away ${sorted.length} times: median ${sorted[sorted.length >> 1]} ms, longest ${sorted.at(-1)} ms`,
    );
    assert.ok(holders > 0, 'none of those that were killed held it');
    assert.ok(
      away.every(({ looks }) => looks < awayMs / lookMs),
      told,
    );
    for (const window of windows) assert.ok(await eventually(async () => (await window.list())[0]?.windows === 5));
    (await connectAndEcho(localPort)).destroy();
    await Promise.all(windows.map(window => window.shutdown()));
    assert.deepEqual([listeners(localPort), sockets()], [0, []]);
  });
});

/**
 * How long nobody listens there (ms), after a kill that may have hit the listener.
 * @param {number} port
 * @param {Promise<unknown>} exited
 */
async function gapOf(port, exited) {
  let [gone, looks, lastSeen, isOver] = [0, 0, performance.now(), false];
  void exited.then(() => {
    isOver = true;
  });
  // Of one that did not hold the port nothing is seen, for some looks after its end.
  for (let quiet = 0; quiet < 20;) {
    await delay(lookMs);
    const now = performance.now();
    if (listeners(port) > 0) {
      if (gone > 0) return { ms: Math.round(now - gone), looks };
      lastSeen = now;
      if (isOver) quiet++;
    } else {
      if (gone === 0) gone = lastSeen;
      looks++;
      assert.ok(now - gone < hangMs, 'nobody took the port over');
    }
  }
  return undefined;
}

/** How many sockets of this machine listen on a port of 127.0.0.1. @param {number} port */
const listeners = port => listening(port).length;

/** @param {number} pid @param {number} port */
const holds = (pid, port) =>
  listening(port).some(inode => readdirSync(`/proc/${pid}/fd`).some(fd => linkOf(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`));

/** @param {string} path */
function linkOf(path) {
  try {
    return readlinkSync(path);
  } catch {
    // Closed in the meantime.
    return undefined;
  }
}

/** Their inodes. @param {number} port */
function listening(port) {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(fields => fields[1] === local && fields[3] === '0A')
    .map(fields => fields[9]);
}
