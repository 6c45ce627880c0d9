// Whoever leads a connection through a tunnel, and takes that back, has the settings that were there before: every byte of them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { authorityFile } from '../../scripts/lib/authorities.mjs';
import { fakeEditor, fakeMemory, target } from './fake-editor.mjs';
import { load } from './load.mjs';

const hostOf = (/** @type {string} */ name) => `${name}.abc123.eu-central-1.rds.amazonaws.com`;
/** @param {string} host @param {object} [more] */
const connection = (host, more) => ({ name: 'orders', driver: 'PostgreSQL', server: hostOf(host), port: 5432, database: 'shop', ...more });
const documents = (/** @type {string} */ user) => ({
  name: 'docs',
  connectionString: `mongodb://${user}@docs.cluster-abc.eu-central-1.docdb.amazonaws.com`,
});
/** As routing names it. @param {string} host @param {object} [more] */
const tunnel = (host, more) => ({
  name: 'mine',
  host: hostOf(host),
  port: 5432,
  localPort: 15_432,
  profile: 'work',
  region: 'eu-central-1',
  ...more,
});

/** @param {{ user?: Record<string, any>, workspace?: Record<string, any>, folders?: Record<string, Record<string, any>> }} settings */
async function setUp({ user = {}, workspace = {}, folders = {} }) {
  const editor = fakeEditor();
  for (const id of ['mtxr.sqltools', 'mongodb.mongodb-vscode', 'ms-ossdata.vscode-pgsql']) editor.installed.add(id);
  Object.assign(editor.stored, { [target.Global]: user, [target.Workspace]: workspace });
  Object.assign(editor.folders, folders);
  if (Object.keys(folders).length > 0)
    Object.assign(editor.vscode.workspace, { workspaceFile: {}, workspaceFolders: Object.keys(folders).map(uri => ({ uri })) });
  editor.choose = items => items;
  editor.user.type = () => 'jane';
  const { reviewConnections } = await load('databaseTools/offers', editor.vscode);
  const { pickAndUndoRouting } = await load('databaseTools/routing', editor.vscode);
  const { addConnection, toolsFor } = await load('databaseTools/addConnection', editor.vscode);
  const { tunnelForImported } = await load('databaseTools/imports', editor.vscode);
  const { WorkspaceTunnels } = await load('workspace/workspaceTunnels', editor.vscode);
  const { TunnelStore } = await load('state/tunnels');
  const globalMemory = fakeMemory();
  const known = ['a', 'b'].map(hostOf).concat('docs.cluster-abc.eu-central-1.docdb.amazonaws.com');
  globalMemory.all.set('knownDatabases', Object.fromEntries(known.map(host => [host, { engine: 'postgres', name: 'x', profile: 'work' }])));
  const tunnels = new TunnelStore();
  let ports = 40_000;
  const services = {
    tunnels,
    globalMemory,
    memory: fakeMemory(),
    authority: () => Promise.resolve(authorityFile),
    log: { warn: () => undefined, error: () => undefined },
    sidecar: {
      request: (/** @type {string} */ method, /** @type {any} */ params) =>
        Promise.resolve(
          method === 'tunnel/close' ? null : { id: String(ports), state: 'Listening', ...params, localPort: params.localPort ?? ports++ },
        ),
    },
  };
  const workspaceTunnels = new WorkspaceTunnels(services, {
    claim: () => Promise.resolve(),
    release: () => Promise.resolve(),
    dispose: () => undefined,
  });
  const all = { ...services, workspaceTunnels };
  const settings = () => JSON.stringify([editor.stored, editor.folders]);
  return {
    editor,
    settings,
    before: settings(),
    user: () => editor.stored[target.Global] ?? {},
    /** Every connection that can be. */
    route: () => reviewConnections(all),
    /** @param {(routing: any, index: number) => boolean} [which] the first of those */
    undo: (which = () => true) => {
      editor.choose = items => items.find(({ routing }, index) => which(routing, index));
      return pickAndUndoRouting(all);
    },
    import: (/** @type {string} */ host) =>
      tunnelForImported(all, { program: 'DataGrip', connection: { name: 'orders', host: hostOf(host), port: 5432 } }),
    /** Adds a database to a tool, through the tunnel on a port. @param {RegExp} tool @param {string} host @param {number} localPort */
    add: (tool, host, localPort) => {
      const request = { name: 'orders', host: hostOf(host), port: 5432, profile: 'work', region: 'eu-central-1' };
      const opened = { id: `added ${localPort}`, state: 'Open', localPort, ...request };
      tunnels.opened(opened, request);
      return addConnection(
        all,
        toolsFor(opened, 'postgres').filter((/** @type {any} */ { name }) => tool.test(name)),
        opened,
        { openNow: true, ...request },
        'postgres',
      );
    },
  };
}

describe('Undoing a routed connection', () => {
  /** @type {[string, Record<string, any>][]} */
  const cases = [
    ['no list of tunnels', {}],
    ['an empty list of tunnels', { 'rdsTunnel.tunnels': [] }],
    ['another tunnel', { 'rdsTunnel.tunnels': [tunnel('c'), { unknown: true }] }],
    ["a tunnel of the user's to the same database", { 'rdsTunnel.tunnels': [tunnel('a', { reason: 'mine' })] }],
    ['one in another profile', { 'rdsTunnel.tunnels': [tunnel('a', { profile: 'other' })] }],
  ];
  for (const [name, user] of cases) {
    it(`leaves the settings as they were, with ${name}`, async () => {
      const {
        route,
        undo,
        settings,
        before,
        user: now,
      } = await setUp({ user: { ...user, 'sqltools.connections': [connection('a')], 'editor.tabSize': 2 } });
      await route();
      assert.equal(now()['sqltools.connections'][0].server, '127.0.0.1');
      await undo();
      assert.equal(settings(), before);
    });

    it(`leaves the workspace's settings as they were, with ${name}`, async () => {
      const { route, undo, settings, before } = await setUp({ workspace: { ...user, 'sqltools.connections': [connection('a')] } });
      await route();
      assert.notEqual(settings(), before);
      await undo();
      assert.equal(settings(), before);
    });
  }

  for (const order of ['first', 'last']) {
    it(`keeps the tunnel while another connection goes through it, and leaves nothing after the other (the ${order} is undone first)`, async () => {
      const { route, undo, settings, before, user } = await setUp({
        user: {
          'sqltools.connections': [connection('a'), connection('a', { name: 'figures', database: 'figures' })],
          'pgsql.connections': [{ profileName: 'orders', server: hostOf('a'), port: '5432' }],
        },
      });
      await route();
      assert.equal(user()['rdsTunnel.tunnels'].length, 1);
      for (let left = 2; left >= 0; left--) {
        await undo((_, index) => order === 'first' || index === left);
        assert.equal(user()['rdsTunnel.tunnels']?.length, left === 0 ? undefined : 1);
      }
      assert.equal(settings(), before);
    });

    it(`takes the list away with its last entry (the ${order} is undone first)`, async () => {
      const { route, undo, settings, before } = await setUp({ user: { 'sqltools.connections': [connection('a'), connection('b')] } });
      await route();
      await undo((_, index) => order === 'first' || index === 1);
      await undo();
      assert.equal(settings(), before);
    });
  }

  it('keeps a tunnel that was written before by adding a database', async () => {
    const { add, route, undo, settings, user, editor } = await setUp({});
    await add(/SQLTools/, 'a', 41_000);
    editor.stored[target.Global] = { ...user(), 'pgsql.connections': [{ profileName: 'orders', server: hostOf('a'), port: '5432' }] };
    const before = settings();
    await route();
    await undo();
    assert.equal(settings(), before);
  });

  it('keeps a tunnel that a program, or a tool that does not show its connections, has got since', async () => {
    for (const use of ['DBCode', 'DataGrip']) {
      const {
        add,
        import: importIt,
        route,
        undo,
        user,
        editor,
      } = await setUp({ [use === 'DBCode' ? 'user' : 'workspace']: { 'sqltools.connections': [connection('a')] } });
      editor.installed.add('dbcode.dbcode');
      editor.exported['dbcode.dbcode'] = { api: { addConnections: () => Promise.resolve({ success: true }) } };
      await route();
      if (use === 'DBCode') await add(/DBCode/, 'a', 41_000);
      else await importIt('a');
      await undo();
      const [left] = { ...user(), ...editor.stored[target.Workspace] }['rdsTunnel.tunnels'];
      assert.equal(left.localPort, 40_000, use);
    }
  });

  it('writes no settings in which nothing changes', async () => {
    const { route, undo, editor } = await setUp({
      user: { 'rdsTunnel.tunnels': [tunnel('a')], 'sqltools.connections': [connection('a')] },
    });
    await route();
    await undo();
    assert.deepEqual(editor.writes, ['sqltools.connections', 'sqltools.connections']);
  });

  it('twice, by its button and by the command, changes nothing the second time', async () => {
    const { route, undo, add, editor, settings } = await setUp({ user: { 'sqltools.connections': [connection('a')] } });
    await route();
    await add(/PostgreSQL/, 'a', 41_000);
    await undo();
    await add(/SQLTools/, 'a', 41_000);
    const before = settings();
    editor.shown.find(({ message }) => message.includes('now connects through'))?.press('Undo');
    await turn();
    assert.equal(settings(), before);
  });

  it('finds a connection that was renamed, and no other that goes through its tunnel', async () => {
    const { route, undo, user } = await setUp({
      user: { 'mdb.presetConnections': [{ ...documents('jim'), name: 'others' }, documents('jane')] },
    });
    await route();
    user()['mdb.presetConnections'][1].name = 'renamed';
    await undo(({ name }) => name === 'docs');
    assert.equal(user()['mdb.presetConnections'][0].connectionString.includes('127.0.0.1'), true);
    assert.deepEqual(user()['mdb.presetConnections'][1], { ...documents('jane'), name: 'renamed' });
  });

  it('also of an address that was written otherwise since', async () => {
    const { route, undo, user } = await setUp({ user: { 'sqltools.connections': [connection('a')] } });
    await route();
    user()['sqltools.connections'][0].server = 'localhost';
    await undo();
    assert.deepEqual(user()['sqltools.connections'], [connection('a')]);
  });
});

describe('Connections of two folders', () => {
  const folders = () => ({
    'file:///one': { 'mdb.presetConnections': [documents('jane')], 'sqltools.connections': [connection('a')] },
    'file:///two': { 'mdb.presetConnections': [documents('jim')], 'sqltools.connections': [connection('b')] },
  });

  it("are led through tunnels, and back, each in its own folder's settings", async () => {
    const { route, undo, editor, settings, before } = await setUp({ folders: folders() });
    await route();
    const routed = structuredClone(editor.folders);
    for (const [folder, user] of [
      ['file:///one', 'jane'],
      ['file:///two', 'jim'],
    ]) {
      assert.match(routed[folder ?? '']?.['mdb.presetConnections'][0].connectionString, new RegExp(`^mongodb://${user}@127\\.0\\.0\\.1:`));
      assert.equal(routed[folder ?? '']?.['sqltools.connections'][0].server, '127.0.0.1');
    }
    assert.deepEqual(Object.keys(editor.stored[target.Workspace] ?? {}), ['rdsTunnel.tunnels']);
    assert.deepEqual(editor.stored[target.Global], {});
    for (const tool of ['mdb', 'sqltools']) await undo(routing => routing.tool === tool && routing.place.folder === 'file:///two');
    assert.deepEqual(editor.folders['file:///one'], routed['file:///one']);
    assert.deepEqual(editor.folders['file:///two'], folders()['file:///two']);
    await undo();
    await undo();
    assert.equal(settings(), before);
  });
});
