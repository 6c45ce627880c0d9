// Tunnels of the settings in several windows of one user: one serves each port, and another takes it over.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { freePort, temporaryFolder } from '../EndToEnd/peers.mjs';
import { eventually } from '../EndToEnd/ports.mjs';
import { fakeEditor, fakeMemory } from './fake-editor.mjs';
import { load } from './load.mjs';

/** @type {(() => unknown)[]} */
const ends = [];

/** A window with a sidecar of its own, which only listens. @param {{ folder: string, tunnels: object[], pid: number }} options */
async function openWindow({ folder, tunnels: wanted, pid }) {
  const editor = fakeEditor();
  editor.stored[1] = { 'rdsTunnel.tunnels': wanted };
  const { WorkspaceTunnels } = await load('workspace/workspaceTunnels', editor.vscode);
  const { ServedPorts } = await load('workspace/servedPorts');
  const { TunnelStore } = await load('state/tunnels');
  const tunnels = new TunnelStore();
  /** @type {Map<string, import('node:net').Server>} */
  const servers = new Map();
  const close = (/** @type {string} */ id) => {
    servers.get(id)?.close();
    servers.delete(id);
    tunnels.stateChanged({ ...tunnels.find(id), state: 'Closed' });
  };
  const services = {
    tunnels,
    memory: fakeMemory(),
    log: { error: () => undefined, warn: () => undefined },
    sidecar: {
      request: async (/** @type {string} */ method, /** @type {any} */ params) => {
        if (method === 'tunnel/close') {
          close(params.id);
          return null;
        }
        const server = createServer();
        try {
          server.listen(params.localPort, '127.0.0.1');
          await once(server, 'listening');
        } catch {
          throw Object.assign(new Error(`Port ${params.localPort} is in use.`), { data: { code: 'LocalPortInUse' } });
        }
        const id = String(servers.size + Math.random());
        servers.set(id, server);
        return { ...params, id, state: 'Listening', statistics: {} };
      },
    },
  };
  const workspaceTunnels = new WorkspaceTunnels(services, new ServedPorts(`${folder}/ports`, pid));
  let isOpen = true;
  const window = {
    workspaceTunnels,
    tunnels,
    shown: editor.shown,
    editor,
    closeTunnel: close,
    dormant: () => workspaceTunnels.dormant.map((/** @type {any} */ { localPort, reason }) => [localPort, reason]),
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      workspaceTunnels.dispose();
      for (const server of servers.values()) server.close();
    },
  };
  ends.push(window.close);
  workspaceTunnels.sync();
  return window;
}

describe('A tunnel of the settings', () => {
  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });

  it('is served by one window, and by another when that is closed', async () => {
    const [folder, port] = [await temporaryFolder('windows'), await freePort()];
    const tunnels = [{ host: 'db', port: 5432, localPort: port }];
    // Processes that live: this one, and the one that has started it.
    const first = await openWindow({ folder, tunnels, pid: process.pid });
    assert.ok(await eventually(() => first.tunnels.all.length === 1));
    const second = await openWindow({ folder, tunnels, pid: process.ppid });
    assert.ok(await eventually(() => second.dormant().length === 1));
    assert.deepEqual(second.dormant(), [[port, 'OtherWindow']]);
    first.close();
    assert.ok(await eventually(() => second.tunnels.all.length === 1), 'it listens there');
    assert.deepEqual(second.dormant(), []);
    assert.deepEqual([...first.shown, ...second.shown], []);
  });

  it('says once that another program has its port, and takes it when that ends', async () => {
    const folder = await temporaryFolder('windows');
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (other.address());
    const window = await openWindow({ folder, tunnels: [{ host: 'db', port: 5432, localPort: port }], pid: process.pid });
    assert.ok(await eventually(() => window.dormant().length === 1));
    window.workspaceTunnels.sync();
    window.workspaceTunnels.sync();
    assert.deepEqual(window.dormant(), [[port, 'PortInUse']]);
    other.close();
    assert.ok(await eventually(() => window.tunnels.all.length === 1));
    assert.deepEqual(
      window.shown.map(({ message }) => message),
      [`Port ${port} is in use.`],
    );
  });

  it('that was closed is shown, and can be opened again', async () => {
    const [folder, port] = [await temporaryFolder('windows'), await freePort()];
    const window = await openWindow({ folder, tunnels: [{ host: 'db', port: 5432, localPort: port }], pid: process.pid });
    assert.ok(await eventually(() => window.tunnels.all.length === 1));
    assert.deepEqual(window.dormant(), []);
    window.closeTunnel(window.tunnels.all[0].id);
    window.workspaceTunnels.sync();
    assert.deepEqual(window.dormant(), [[port, 'Closed']]);
    window.workspaceTunnels.reopen(window.workspaceTunnels.dormant[0]);
    assert.ok(await eventually(() => window.tunnels.all.length === 1));
    assert.deepEqual(window.dormant(), []);
  });

  it('that stands twice, once without its port, is one', async () => {
    const [folder, port] = [await temporaryFolder('windows'), await freePort()];
    const window = await openWindow({
      folder,
      tunnels: [
        { host: 'db', port: 5432 },
        { host: 'DB.', port: 5432, localPort: port },
      ],
      pid: process.pid,
    });
    assert.ok(await eventually(() => window.tunnels.all.length > 0));
    assert.deepEqual(
      window.tunnels.all.map((/** @type {any} */ { localPort }) => localPort),
      [port],
    );
  });
});

describe('A claim of a port', () => {
  it('of a process that is gone counts for nothing, and one that cannot be read neither', async () => {
    const { ServedPorts } = await load('workspace/servedPorts');
    const folder = await temporaryFolder('claims');
    const [mine, gone] = [new ServedPorts(folder), new ServedPorts(folder, 2 ** 30)];
    await gone.claim(1, 'a');
    assert.equal(await mine.ofAnotherWindow(1), undefined);
    assert.equal(await mine.ofAnotherWindow(2), undefined);
    await mine.claim(1, 'b');
    await gone.release(1);
    assert.equal(await new ServedPorts(folder, process.ppid).ofAnotherWindow(1), 'b');
    mine.dispose();
    assert.equal(await new ServedPorts(folder, process.ppid).ofAnotherWindow(1), undefined);
  });
});
