// The session of a tunnel begins when a connection of SQLTools is chosen, before anything connects.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { identityOf } from '../EndToEnd/sqltools.mjs';
import { fakeEditor, target } from './fake-editor.mjs';
import { load } from './load.mjs';

const orders = { name: 'the orders.db', driver: 'PostgreSQL', server: '127.0.0.1', port: 40_000, database: 'orders' };

async function setUp(/** @type {object[]} */ ...connections) {
  const editor = fakeEditor();
  editor.installed.add('mtxr.sqltools');
  editor.settings.connections = connections;
  editor.stored[target.Global] = { 'sqltools.connections': connections };
  /** @type {((event: object) => void)[]} */
  const hooks = [];
  editor.exported['mtxr.sqltools'] = {
    addBeforeCommandHook: (/** @type {string} */ command, /** @type {() => void} */ hook) => {
      if (command === 'selectConnection') hooks.push(hook);
    },
  };
  const { warmUpFor } = await load('databaseTools/warmUp', editor.vscode);
  /** @type {string[]} */
  const warmed = [];
  warmUpFor({
    tunnels: {
      all: [40_000, 40_001].map(localPort => ({ id: String(localPort), localPort, state: 'Listening' })),
      onChanged: () => () => undefined,
    },
    sidecar: {
      request: (/** @type {string} */ _, /** @type {{ id: string }} */ { id }) => {
        warmed.push(id);
        return Promise.resolve();
      },
    },
    log: { warn: () => undefined, error: () => undefined, debug: () => undefined, info: () => undefined },
  });
  await turn();
  return {
    hooks,
    choose: (/** @type {unknown[]} */ ...args) => {
      for (const hook of hooks) hook({ command: 'selectConnection', args });
      return warmed;
    },
  };
}

describe('A connection of SQLTools that is chosen', () => {
  it("opens the session of its tunnel, whether by SQLTools' id or by its row", async () => {
    const { choose } = await setUp(orders);
    assert.deepEqual(choose(identityOf(orders)), ['40000']);
    assert.deepEqual(choose({ conn: orders }), ['40000', '40000']);
  });

  it('opens that of its own tunnel where another has its name, and with a connection string, too', async () => {
    const sales = { ...orders, port: 40_001, database: 'sales' };
    const whole = { name: 'whole', driver: 'PostgreSQL', connectString: 'postgres://jane@127.0.0.1:40001/shop' };
    const { choose } = await setUp(orders, sales, whole);
    assert.deepEqual(choose(identityOf(sales)), ['40001']);
    assert.deepEqual(choose(identityOf(whole)), ['40001', '40001']);
  });

  it('opens nothing where it leads elsewhere, or SQLTools has yet to ask which', async () => {
    const { choose } = await setUp(orders);
    assert.deepEqual(
      [
        choose(),
        choose('another|PostgreSQL|127:0:0:1|x'),
        choose({ conn: { ...orders, port: 1 } }),
        choose(identityOf({ ...orders, database: 'x' })),
      ],
      [[], [], [], []],
    );
  });
});
