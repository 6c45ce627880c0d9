// Terminals, tasks and debug sessions find the databases of tunnels: which variables come when, and what stays the user's.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { beforeEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { root } from '../../scripts/lib/paths.mjs';
import { fakeEditor, fakeMemory } from './fake-editor.mjs';
import { load } from './load.mjs';
import { tunnel } from './tunnel.mjs';

const { takesVariables, withVariables, namesIn, envFilesOf } = await load('environment/debugEnvironment');
const { vscode } = fakeEditor();
const { suggestPrefix } = await load('environment/names', vscode);
const { environmentPrefix, problemOf, readNamed, readEntry } = await load('workspace/entries', vscode);
const url = new Map([['DATABASE_URL', 'postgresql://127.0.0.1']]);
const none = new Set();

describe('A debug configuration', () => {
  it('gets the variables where its type has them', () => {
    for (const type of ['node', 'pwa-node', 'python', 'debugpy', 'go', 'coreclr', 'java', 'php', 'lldb', 'rdbg']) {
      const configuration = { type, name: 'x', request: 'launch', program: 'a' };
      assert.ok(takesVariables(configuration), type);
      assert.deepEqual(withVariables(configuration, url, none).env, Object.fromEntries(url));
    }
    const native = withVariables({ type: 'cppdbg', name: 'x', request: 'launch', environment: [{ name: 'A', value: 'b' }] }, url, none);
    assert.deepEqual(native.environment, [
      { name: 'A', value: 'b' },
      { name: 'DATABASE_URL', value: 'postgresql://127.0.0.1' },
    ]);
    assert.equal(native.env, undefined);
  });

  it('gets none where no program is started, or nobody knows where its type has them', () => {
    for (const configuration of [
      { type: 'node', request: 'attach' },
      { type: 'chrome', request: 'launch' },
      { type: 'php', request: 'launch' },
    ])
      assert.equal(takesVariables({ name: 'x', ...configuration }), false);
  });

  it('keeps what it sets itself, also where that takes a variable away, and what its files set', () => {
    const configuration = { type: 'node', name: 'x', request: 'launch', env: { DATABASE_URL: 'mine', PGHOST: null } };
    const values = new Map([
      ['DATABASE_URL', 'ours'],
      ['PGHOST', '127.0.0.1'],
      ['PGPORT', '15432'],
      ['PGUSER', 'app'],
    ]);
    const { env } = withVariables(configuration, values, namesIn('# PGDATABASE=no\nexport PGPORT = 1\n'));
    assert.deepEqual(env, { DATABASE_URL: 'mine', PGHOST: null, PGUSER: 'app' });
    assert.deepEqual(configuration.env, { DATABASE_URL: 'mine', PGHOST: null }, 'the given one is left alone');
  });

  it('keeps names that Windows takes for the same', () => {
    const given = { type: 'node', name: 'x', request: 'launch', env: { database_url: 'mine' } };
    assert.deepEqual(withVariables(given, url, none, 'win32').env, given.env);
    assert.equal(withVariables(given, url, none, 'linux').env.DATABASE_URL, 'postgresql://127.0.0.1');
  });

  it('is left as it is where its variables have a form that nobody knows', () => {
    const given = { type: 'node', name: 'x', request: 'launch', env: 'A=b' };
    assert.equal(withVariables(given, url, none), given);
  });

  it('names its files: one, several, none', () => {
    assert.deepEqual(envFilesOf({ envFile: '/a' }), ['/a']);
    assert.deepEqual(envFilesOf({ envFile: ['/a', '', 5, '/b'] }), ['/a', '/b']);
    assert.deepEqual(envFilesOf({}), []);
    assert.deepEqual([...namesIn('A=1\r\n  export B=2\nC: 3\n#D=4\nE F=5\nnot\n')], ['A', 'B', 'C']);
  });
});

const folder = { uri: { toString: () => 'file:///orders', fsPath: '/orders' }, name: 'orders', index: 0 };
const open = (/** @type {object} */ changes = {}) => ({ ...tunnel, login: 'iam', user: 'app', ...changes });
/** As the sidecar answers. */
const answer = (/** @type {any} */ { localPort }) => ({
  variables: [
    { name: 'DATABASE_URL', value: `postgresql://127.0.0.1:${localPort}/` },
    { name: 'PGPORT', value: String(localPort) },
    { name: 'PGSERVICE' },
  ],
});

class Collection {
  /** @type {Map<string, string>} */
  values = new Map();
  writes = 0;
  persistent = true;
  description = '';
  replace(/** @type {string} */ name, /** @type {string} */ value) {
    this.writes++;
    this.values.set(name, value);
  }
  delete(/** @type {string} */ name) {
    this.writes++;
    this.values.delete(name);
  }
  clear() {
    this.values.clear();
  }
}

/** @type {ReturnType<typeof fakeEditor>} */
let editor;
/** @type {any} */
let world;

/** The editor's side, the tunnels' and the sidecar's, of which a test changes what it is about. */
async function start() {
  editor = fakeEditor();
  /** @type {any} */
  let provider;
  Object.assign(editor.vscode, {
    debug: {
      registerDebugConfigurationProvider: (/** @type {string} */ type, /** @type {any} */ given) => {
        assert.equal(type, '*');
        provider = given;
        return { dispose: () => undefined };
      },
    },
    ProgressLocation: { Notification: 15 },
    CancellationTokenSource: class {
      /** @type {Set<() => void>} */
      listeners = new Set();
      token = {
        isCancellationRequested: false,
        onCancellationRequested: (/** @type {() => void} */ run) => {
          this.listeners.add(run);
          return { dispose: () => this.listeners.delete(run) };
        },
      };
      cancel() {
        this.token.isCancellationRequested = true;
        for (const run of this.listeners) run();
      }
      dispose() {
        return undefined;
      }
    },
  });
  Object.assign(editor.vscode.workspace, { workspaceFolders: [folder] });
  const progress = { titles: /** @type {string[]} */ ([]), cancel: () => undefined };
  Object.assign(editor.vscode.window, {
    withProgress: (/** @type {any} */ options, /** @type {any} */ run) => {
      progress.titles.push(options.title);
      const source = new editor.vscode.CancellationTokenSource();
      progress.cancel = () => {
        /** @type {any} */ (source).cancel();
        return undefined;
      };
      return run({ report: () => undefined }, source.token);
    },
  });
  const listeners = new Set();
  const changed = new editor.vscode.EventEmitter();
  const tunnels = {
    all: /** @type {any[]} */ ([]),
    find: (/** @type {string} */ id) => tunnels.all.find(each => each.id === id),
    requestOf: (/** @type {string} */ id) => {
      const { host, port, profile, login, user, name, localPort } = tunnels.find(id);
      return { host, port, profile, login, user, name, localPort };
    },
    onChanged: (/** @type {() => void} */ run) => {
      listeners.add(run);
      return () => listeners.delete(run);
    },
    opened: (/** @type {any} */ opened) => {
      tunnels.all.push(opened);
      tunnels.changed();
    },
    changed: () => {
      for (const run of listeners) /** @type {() => void} */ (run)();
    },
  };
  const sidecar = {
    asked: /** @type {any[]} */ ([]),
    answer: /** @type {(params: any, token?: any) => any} */ (params => answer(tunnels.find(params.id))),
    open: (/** @type {any} */ params) => open({ id: 'opened', ...params }),
    request: (/** @type {string} */ method, /** @type {any} */ params, /** @type {any} */ token) => {
      sidecar.asked.push([method, params]);
      return Promise.resolve().then(() => (method === 'tunnel/open' ? sidecar.open(params) : sidecar.answer(params, token)));
    },
  };
  const collections = Object.assign(new Collection(), {
    scoped: new Collection(),
    getScoped: (/** @type {any} */ { workspaceFolder }) => {
      assert.equal(workspaceFolder, folder);
      return collections.scoped;
    },
  });
  const workspaceTunnels = {
    forPrograms: /** @type {any[]} */ ([]),
    onDidChange: changed.event,
    settled: () => Promise.resolve(),
    isWithheld: () => world.withheld === true,
  };
  const services = {
    sidecar,
    tunnels,
    workspaceTunnels,
    memory: fakeMemory(),
    globalMemory: fakeMemory(),
    log: { warn: () => undefined, error: () => undefined },
    secrets: {},
  };
  const { registerEnvironment } = await load('environment/register', editor.vscode);
  const begin = () => {
    const [variables] = registerEnvironment(services, collections);
    return { variables, choices: variables.choices };
  };
  world = {
    tunnels,
    sidecar,
    collections,
    services,
    workspaceTunnels,
    progress,
    ...begin(),
    begin,
    named: (/** @type {any[]} */ ...entries) => {
      workspaceTunnels.forPrograms = entries;
      changed.fire(undefined);
    },
    resolve: (/** @type {object} */ configuration, /** @type {any} */ token) =>
      provider.resolveDebugConfigurationWithSubstitutedVariables(folder, { name: 'x', request: 'launch', ...configuration }, token),
  };
}

const settle = async () => {
  for (let i = 0; i < 10; i++) await turn();
};
const shown = (/** @type {Collection} */ { values } = world.collections) => Object.fromEntries(values);
const entry = (/** @type {object} */ changes = {}) => ({
  named: { host: 'db.example', port: 5432, profile: 'work', login: 'iam', user: 'app', environment: true, ...changes },
  localPort: 15_432,
  folder: undefined,
});

describe('Terminals and tasks', () => {
  beforeEach(start);

  it('have nothing of a tunnel that nobody has chosen', async () => {
    world.tunnels.opened(open());
    await settle();
    assert.deepEqual([shown(), world.sidecar.asked], [{}, []]);
  });

  it('have the variables of a chosen tunnel while it is open, and nothing is kept for the next window', async () => {
    const { tunnels, choices, collections } = world;
    tunnels.opened(open());
    await choices.choose(tunnels.requestOf('a'), { prefix: '', database: 'shop' });
    await settle();
    assert.deepEqual(shown(), { DATABASE_URL: 'postgresql://127.0.0.1:15432/', PGPORT: '15432' });
    assert.deepEqual(world.sidecar.asked, [['tunnel/variables', { id: 'a', database: 'shop' }]]);
    assert.deepEqual([collections.persistent, collections.description], [false, 'orders (127.0.0.1:15432)']);
    tunnels.all = [];
    tunnels.changed();
    assert.deepEqual(shown(), {});
  });

  it('are left alone while only counters change: each write marks the terminals', async () => {
    const { tunnels, choices, collections, sidecar } = world;
    tunnels.opened(open());
    await choices.choose(tunnels.requestOf('a'), { prefix: '' });
    await settle();
    const { writes } = collections;
    for (let i = 0; i < 5; i++) tunnels.changed();
    await settle();
    assert.deepEqual([collections.writes, sidecar.asked.length], [writes, 1]);
  });

  it('lose them when somebody takes the choice back, also what an entry asks for', async () => {
    const { tunnels, choices, named } = world;
    tunnels.opened(open());
    named(entry());
    await settle();
    assert.notDeepEqual(shown(), {});
    await choices.takeBack(tunnels.requestOf('a'));
    assert.deepEqual([shown(), choices.all], [{}, []]);
    await choices.choose(tunnels.requestOf('a'), { prefix: '' });
    await settle();
    assert.notDeepEqual(shown(), {});
  });

  it("have those of a folder's file in that folder alone, with the entry's prefix", async () => {
    const { tunnels, named, collections } = world;
    tunnels.opened(open());
    named({ ...entry({ environment: 'ORDERS_', database: 'shop' }), folder });
    await settle();
    assert.deepEqual(shown(), {});
    assert.deepEqual(shown(collections.scoped), { ORDERS_DATABASE_URL: 'postgresql://127.0.0.1:15432/', ORDERS_PGPORT: '15432' });
    assert.equal(collections.scoped.persistent, false);
    assert.equal(world.sidecar.asked[0][1].database, 'shop');
  });

  it('have nothing in a workspace that is not trusted', async () => {
    editor.vscode.workspace.isTrusted = false;
    world.tunnels.opened(open());
    world.named(entry());
    await settle();
    assert.deepEqual([shown(), world.sidecar.asked], [{}, []]);
  });

  it('have those of one of two that set the same; the other is told of, and gets a prefix', async () => {
    const { tunnels, choices } = world;
    tunnels.opened(open({ id: 'b', name: 'billing', host: 'billing.example', localPort: 15_433 }));
    tunnels.opened(open());
    for (const id of ['b', 'a']) await choices.choose(tunnels.requestOf(id), { prefix: '' });
    await settle();
    assert.equal(shown().DATABASE_URL, 'postgresql://127.0.0.1:15432/');
    const { message, buttons, press } = /** @type {import('./fake-editor.mjs').Shown} */ (editor.shown[0]);
    assert.match(message, /^billing and orders both set DATABASE_URL/);
    assert.equal(editor.shown.length, 1);
    press(buttons.find((/** @type {string} */ each) => each === 'Use BILLING_DATABASE_URL'));
    await settle();
    assert.equal(shown().DATABASE_URL, 'postgresql://127.0.0.1:15432/');
    assert.equal(shown().BILLING_DATABASE_URL, 'postgresql://127.0.0.1:15433/');
    assert.equal(editor.shown.length, 1);
  });

  it('remember whether a database speaks TLS: it is asked once', async () => {
    const { tunnels, choices, sidecar } = world;
    sidecar.answer = (/** @type {any} */ params) => ({ ...answer(tunnels.find(params.id)), offersTls: true });
    tunnels.opened(open({ login: undefined, user: undefined }));
    await choices.choose(tunnels.requestOf('a'), { prefix: '', user: 'jane' });
    await settle();
    tunnels.all = [];
    tunnels.changed();
    tunnels.opened(open({ id: 'later', login: undefined, user: undefined }));
    await settle();
    assert.deepEqual(sidecar.asked, [
      ['tunnel/variables', { id: 'a', user: 'jane' }],
      ['tunnel/variables', { id: 'later', user: 'jane', offersTls: true }],
    ]);
  });

  it('get them later when the database could not be asked, once a session is open', async () => {
    const { tunnels, choices, sidecar } = world;
    sidecar.answer = () => {
      throw new Error('You are not signed in.');
    };
    tunnels.opened(open({ state: 'NeedsSignIn' }));
    await choices.choose(tunnels.requestOf('a'), { prefix: '' });
    await settle();
    assert.deepEqual(shown(), {});
    sidecar.answer = (/** @type {any} */ params) => answer(tunnels.find(params.id));
    tunnels.changed();
    await settle();
    assert.equal(sidecar.asked.length, 1, 'nothing has changed yet');
    tunnels.all = [open()];
    tunnels.changed();
    await settle();
    assert.equal(shown().PGPORT, '15432');
  });
});

describe('A debug session', () => {
  beforeEach(start);

  it('starts at once, as it is, where no tunnel is chosen', async () => {
    world.tunnels.opened(open());
    const configuration = { type: 'node', program: 'a.js' };
    assert.equal((await world.resolve(configuration)).env, undefined);
    assert.deepEqual(world.sidecar.asked, []);
  });

  it('waits until the database answers, and has the variables', async () => {
    const { tunnels, choices, sidecar, progress } = world;
    tunnels.opened(open());
    await choices.choose(tunnels.requestOf('a'), { prefix: '' });
    const { env } = await world.resolve({ type: 'node', env: { PGPORT: '1' } });
    assert.deepEqual(env, { PGPORT: '1', DATABASE_URL: 'postgresql://127.0.0.1:15432/' });
    assert.deepEqual(sidecar.asked.at(-1), ['tunnel/variables', { id: 'a', wait: true }]);
    assert.deepEqual(progress.titles, ['Waiting for orders before the debug session starts']);
  });

  it('opens a tunnel that is closed first, on its port', async () => {
    const { sidecar } = world;
    world.named(entry({ name: 'orders' }));
    const { env } = await world.resolve({ type: 'debugpy' });
    assert.equal(env.DATABASE_URL, 'postgresql://127.0.0.1:15432/');
    const [[method, params]] = sidecar.asked;
    assert.equal(method, 'tunnel/open');
    assert.deepEqual([params.host, params.localPort, params.environment], ['db.example', 15_432, undefined]);
  });

  it('opens nothing that was chosen before, and that nobody agrees to any more', async () => {
    world.withheld = true;
    await world.choices.choose(entry().named, { prefix: '' });
    assert.equal((await world.resolve({ type: 'node' })).env, undefined);
    assert.deepEqual(world.sidecar.asked, []);
  });

  it('does not start when the tunnel fails, which is told', async () => {
    const { sidecar } = world;
    world.named(entry({ name: 'orders' }));
    sidecar.answer = () => {
      throw new Error('The database does not answer. Waited 60 s.');
    };
    assert.equal(await world.resolve({ type: 'go' }), undefined);
    await settle();
    assert.match(editor.shown.at(-1)?.message ?? '', /does not answer/);
  });

  it('does not start when somebody cancels, and nothing is told', async () => {
    const { tunnels, choices, sidecar, progress } = world;
    tunnels.opened(open());
    await choices.choose(tunnels.requestOf('a'), { prefix: '' });
    await settle();
    sidecar.answer = (/** @type {any} */ _, /** @type {any} */ token) =>
      new Promise((_resolve, reject) => {
        token.onCancellationRequested(() => {
          reject(new editor.vscode.CancellationError());
        });
      });
    const resolving = world.resolve({ type: 'java' });
    await settle();
    progress.cancel();
    assert.equal(await resolving, undefined);
    assert.deepEqual(editor.shown, []);
  });

  it('leaves alone what its env file sets', async () => {
    const { tunnels, choices } = world;
    tunnels.opened(open());
    await choices.choose(tunnels.requestOf('a'), { prefix: '' });
    editor.files['/orders/.env'] = 'DATABASE_URL=mine\n';
    Object.assign(editor.vscode.Uri, { file: (/** @type {string} */ path) => ({ toString: () => path }) });
    for (const envFile of ['.env', '/orders/.env'])
      assert.deepEqual((await world.resolve({ type: 'node', envFile })).env, { PGPORT: '15432' });
  });
});

describe('The prefix of variables', () => {
  const entryWith = (/** @type {unknown} */ environment) => ({ host: 'db', port: 5432, environment });

  it('is suggested by the name', () => {
    for (const [name, prefix] of [
      ['orders', 'ORDERS_'],
      ['Orders (test)', 'ORDERS_TEST_'],
      ['1. Zürich', 'ZURICH_'],
      ['数据', 'DB_'],
      ['x'.repeat(100), `${'X'.repeat(28)}_`],
    ]) {
      assert.equal(suggestPrefix(name), prefix);
      assert.match(suggestPrefix(name), environmentPrefix);
    }
    assert.equal(
      suggestPrefix('orders', (/** @type {string} */ each) => each !== 'ORDERS_'),
      'ORDERS_2_',
    );
  });

  it('is bounded, so that it makes no name that another program reads', () => {
    for (const good of ['A_', 'ORDERS_', 'A1_B_', true, false]) assert.equal(problemOf(entryWith(good)), undefined, String(good));
    for (const bad of ['', '_', 'orders_', 'ORDERS', '1_', 'A-_', 'PATH=x\n_', 'A_\n', `${'A'.repeat(40)}_`, 5, {}])
      assert.equal(problemOf(entryWith(bad))?.field, 'environment', JSON.stringify(bad));
  });

  it('is the same in the schemas of settings and team file', async () => {
    const settings = JSON.parse(await readFile(`${root}package.json`, 'utf8')).contributes.configuration.properties['rdsTunnel.tunnels'];
    const team = JSON.parse(await readFile(`${root}extension/schemas/rds-tunnels.schema.json`, 'utf8')).properties.tunnels;
    for (const { items } of [settings, team]) assert.equal(items.properties.environment.anyOf[1].pattern, environmentPrefix.source);
  });

  it('goes with the entry, and never to the sidecar', () => {
    const given = { host: 'db', port: 5432, database: 'shop', environment: 'A_' };
    assert.deepEqual(readNamed(given), given);
    assert.deepEqual(readEntry(given), { host: 'db', port: 5432 });
    assert.equal(readNamed(entryWith(false)).environment, undefined);
  });
});
