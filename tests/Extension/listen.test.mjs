// The ports of tunnels that listen from the start: what names none keeps the one that it was given.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { fakeEditor } from './fake-editor.mjs';
import { load } from './load.mjs';

const request = { host: 'db', port: 5432, profile: 'work' };

/**
 * A sidecar that gives ports from 50000 on, and whose machine has some of them in use.
 * @param {number[]} [inUse] by other programs
 * @param {number[]} [served] by another window
 */
async function setUp(inUse = [], served = []) {
  const editor = fakeEditor();
  const { listenWhereItDid } = await load('workspace/listen', editor.vscode);
  const { KeptPorts } = await load('workspace/keptPorts', editor.vscode);
  /** @type {Map<string, unknown>} */
  const memory = new Map();
  const ports = new KeptPorts({
    get: (/** @type {string} */ key, /** @type {unknown} */ otherwise) => memory.get(key) ?? otherwise,
    update: (/** @type {string} */ key, /** @type {unknown} */ value) => {
      memory.set(key, value);
      return Promise.resolve();
    },
  });
  let next = 50_000;
  /** Whose entries were shown. @type {object[]} */
  const entries = [];
  /** @type {object[]} */
  const requests = [];
  /** @type {Error | undefined} */
  let failure;
  const services = {
    sidecar: {
      request: (/** @type {string} */ _, /** @type {{ localPort?: number }} */ sent) => {
        const { localPort = next++ } = sent;
        const error =
          failure ??
          (inUse.includes(localPort) || served.includes(localPort)
            ? Object.assign(new Error(`${localPort} is in use.`), { data: { code: 'LocalPortInUse' } })
            : undefined);
        failure = undefined;
        requests.push(sent);
        return error === undefined ? Promise.resolve({ name: 'orders', localPort }) : Promise.reject(error);
      },
    },
    tunnels: { opened: () => undefined },
    log: { error: () => undefined },
  };
  return {
    listen: async (/** @type {object} */ what) => {
      const result = await listenWhereItDid(
        services,
        ports,
        what,
        (/** @type {number} */ port) => Promise.resolve(served.includes(port)),
        () => {
          entries.push(what);
          return Promise.resolve();
        },
      );
      return result?.localPort ?? (result === undefined ? undefined : `${result.portInUse} is in use`);
    },
    /** The next request fails. @param {Error} error */
    fail: error => {
      failure = error;
    },
    shown: editor.shown,
    settings: editor.settings,
    requests,
    entries,
    inUse,
    served,
  };
}

describe('A tunnel that listens from the start', () => {
  it('without a port of its own keeps the first that it was given', async () => {
    const { listen } = await setUp();
    assert.equal(await listen(request), 50_000);
    assert.equal(await listen(request), 50_000);
    assert.equal(await listen({ ...request, host: 'another' }), 50_001);
    assert.equal(await listen({ ...request, name: 'renamed' }), 50_000);
  });

  it('gets another one while that is taken, says so, and comes back to it', async () => {
    const { listen, shown, inUse } = await setUp();
    await listen(request);
    inUse.push(50_000);
    assert.equal(await listen(request), 50_001);
    assert.deepEqual(
      shown.map(({ message }) => message),
      ['orders: port 50000 is in use by another program. Using port 50001 for now.'],
    );
    inUse.pop();
    assert.equal(await listen(request), 50_000);
  });

  it('shows its entry, which could name another port, to whoever wants that', async () => {
    const { listen, shown, inUse, entries } = await setUp();
    await listen(request);
    inUse.push(50_000);
    await listen(request);
    assert.deepEqual(shown[0]?.buttons, ['Show entry']);
    assert.deepEqual(entries, []);
    shown[0].press('Show entry');
    await turn();
    assert.deepEqual(entries, [request]);
  });

  it('says what else is wrong, and does not go to another port for that', async () => {
    const { listen, shown, fail } = await setUp();
    await listen(request);
    fail(new Error('No sidecar.'));
    assert.equal(await listen(request), undefined);
    assert.deepEqual(
      shown.map(({ message }) => message),
      ['No sidecar.'],
    );
    assert.equal(await listen(request), 50_000);
  });

  it('says why, as the settings have it, unless its entry does', async () => {
    const { listen, settings, requests } = await setUp();
    await listen(request);
    settings.reason = 'ours: ${name}';
    await listen({ ...request, localPort: 1 });
    await listen({ ...request, localPort: 2, reason: 'its own' });
    settings.document = 'Acme-Ports';
    await listen({ ...request, localPort: 3, reason: 'its own' });
    await listen({ target: 'i-1', port: 4, localPort: 4, reason: 'its own' });
    assert.deepEqual(requests.splice(3), [
      { ...request, localPort: 3, reason: 'its own', document: 'Acme-Ports' },
      { target: 'i-1', port: 4, localPort: 4, reason: 'its own' },
    ]);
    assert.deepEqual(requests, [
      request,
      { ...request, localPort: 1, reason: 'ours: ${name}' },
      { ...request, localPort: 2, reason: 'its own' },
    ]);
  });

  it('listens where its entry says, or not at all', async () => {
    const { listen, shown } = await setUp([15_432]);
    assert.equal(await listen({ ...request, localPort: 15_433 }), 15_433);
    assert.equal(await listen({ ...request, localPort: 15_432 }), '15432 is in use');
    assert.deepEqual(shown, []);
    assert.equal(await listen(request), 50_000);
  });

  it('leaves the port that it had to another window that has the same tunnel', async () => {
    const { listen, shown, served } = await setUp();
    await listen(request);
    served.push(50_000);
    assert.equal(await listen(request), '50000 is in use');
    assert.deepEqual(shown, []);
  });
});

describe('The entry of a tunnel', () => {
  const reveal = { revealSetting: { key: 'rdsTunnel.tunnels' } };
  for (const [where, places, shown] of /** @type {const} */ ([
    ["the user's settings", [1, 2], ['workbench.action.openSettingsJson', reveal]],
    ["the workspace's settings", [2], ['workbench.action.openWorkspaceSettingsFile', reveal]],
    ["the team's file", [], ["the team's file"]],
  ])) {
    it(`is shown in ${where}`, async () => {
      const editor = fakeEditor();
      for (const place of places) editor.stored[place] = { 'rdsTunnel.tunnels': [{ ...request, host: 'DB', name: 'orders' }] };
      /** @type {unknown[]} */
      const opened = [];
      Object.assign(editor.vscode.commands, {
        executeCommand: (/** @type {unknown[]} */ ...command) => {
          opened.push(...command);
          return Promise.resolve();
        },
      });
      Object.assign(editor.vscode.window, {
        showTextDocument: (/** @type {unknown} */ uri) => {
          opened.push(uri);
          return Promise.resolve();
        },
      });
      const { showEntry } = await load('workspace/showEntry', editor.vscode);
      await showEntry(request, "the team's file");
      assert.deepEqual(opened, shown);
    });
  }
});
