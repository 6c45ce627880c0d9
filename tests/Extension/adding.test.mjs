// A connection is added to a database tool, with a tunnel that is there in every later window.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { authorityFile } from '../../scripts/lib/authorities.mjs';
import { identityOf } from '../EndToEnd/sqltools.mjs';
import { back, fakeEditor, fakeMemory, target } from './fake-editor.mjs';
import { load } from './load.mjs';

const host = 'orders.cluster-abc123.eu-central-1.rds.amazonaws.com';

async function setUp() {
  const editor = fakeEditor();
  /** @type {any[][]} */
  const commands = [];
  Object.assign(editor.vscode.commands, {
    executeCommand: (/** @type {any[]} */ ...command) => {
      commands.push(command);
      return Promise.resolve();
    },
  });
  Object.assign(editor.vscode.window, { setStatusBarMessage: () => undefined });
  editor.installed.add('mtxr.sqltools');
  editor.user.type = ({ prompt, value }) => (prompt === 'Database user' ? 'jane' : value);
  const { addConnection, toolsFor } = await load('databaseTools/addConnection', editor.vscode);
  const { WorkspaceTunnels } = await load('workspace/workspaceTunnels', editor.vscode);
  const { TunnelStore } = await load('state/tunnels');
  const tunnels = new TunnelStore();
  const globalMemory = fakeMemory();
  const services = {
    tunnels,
    globalMemory,
    memory: fakeMemory(),
    authority: () => Promise.resolve(authorityFile),
    log: {
      warn: () => undefined,
      error: () => undefined,
      show: () => {
        commands.push(['the log']);
      },
    },
    sidecar: {},
  };
  const workspaceTunnels = new WorkspaceTunnels(services, { claim: () => Promise.resolve(), dispose: () => undefined });
  let ports = 40_000;
  return {
    editor,
    globalMemory,
    commands,
    messages: () => editor.shown.map(({ message }) => message),
    /** What settings hold. @param {string} name @param {number} [where] */
    stored: (name, where = target.Global) => editor.stored[where]?.[name] ?? [],
    /**
     * Opens a tunnel, and adds it: to the last tool that there is, or to one that the user chooses.
     * @param {object} [request]
     * @param {{ tools?: number, stepsBefore?: number }} [asking]
     */
    add: async (request = {}, { tools = 1, stepsBefore = 0 } = {}) => {
      const whole = { name: 'orders', host, port: 5432, profile: 'work', region: 'eu-central-1', ...request };
      const tunnel = { id: String(ports), state: 'Open', localPort: ports++, ...whole };
      tunnels.opened(tunnel, whole);
      return await addConnection(
        { ...services, workspaceTunnels },
        toolsFor(tunnel, 'aurora-postgresql').slice(-tools),
        tunnel,
        { openNow: true, ...whole },
        'aurora-postgresql',
        stepsBefore,
      );
    },
  };
}

describe('Adding a database to a tool', () => {
  it("writes the connection and its tunnel to the user's settings", async () => {
    const { add, stored, messages } = await setUp();
    await add();
    assert.deepEqual(stored('rdsTunnel.tunnels'), [
      { port: 5432, localPort: 40_000, name: 'orders', host, profile: 'work', region: 'eu-central-1' },
    ]);
    assert.deepEqual(stored('sqltools.connections'), [
      {
        name: 'orders (work, eu-central-1)',
        server: '127.0.0.1',
        port: 40_000,
        username: 'jane',
        askForPassword: true,
        connectionTimeout: 120,
        driver: 'PostgreSQL',
        database: 'postgres',
        pgOptions: { ssl: { rejectUnauthorized: true, ca: authorityFile, servername: host } },
      },
    ]);
    assert.deepEqual(messages(), ['"orders (work, eu-central-1)" was added to SQLTools.']);
  });

  it('proposes the users and takes the database that are known', async () => {
    const { add, stored, editor, globalMemory } = await setUp();
    globalMemory.all.set('knownDatabases', {
      [host]: { engine: 'aurora-postgresql', name: 'orders', masterUserName: 'admin', databaseName: 'shop' },
    });
    /** @type {string[][]} */
    const proposed = [];
    editor.user.pick = ({ items }) => {
      proposed.push(items.map((/** @type {{ label: string }} */ { label }) => label));
      return { label: 'jane' };
    };
    await add();
    await add();
    assert.deepEqual(proposed, [['admin'], ['jane', 'admin']]);
    assert.equal(stored('sqltools.connections')[0].database, 'shop');
  });

  it('a second time, from whatever port, updates the one that is there and its tunnel stays', async () => {
    const { add, stored, messages } = await setUp();
    await add();
    await add();
    assert.equal(stored('sqltools.connections').length, 1);
    assert.equal(stored('sqltools.connections')[0].port, 40_000);
    assert.equal(stored('rdsTunnel.tunnels').length, 1);
    assert.equal(messages()[1], '"orders (work, eu-central-1)" in SQLTools was updated.');
  });

  it('keeps two databases of one name in two accounts apart', async () => {
    const { add, stored } = await setUp();
    await add({ profile: 'production' });
    await add({ profile: 'staging', host: `staging-${host}` });
    const [one, other] = stored('sqltools.connections');
    assert.notEqual(identityOf(one), identityOf(other));
    assert.notEqual(one.port, other.port);
    assert.equal(stored('rdsTunnel.tunnels').length, 2);
  });

  it('goes where the tool sees it, and takes its tunnel there', async () => {
    const { add, stored, editor } = await setUp();
    editor.stored[target.Workspace] = { 'sqltools.connections': [{ name: 'local' }] };
    await add();
    assert.deepEqual(
      stored('sqltools.connections', target.Workspace).map((/** @type {{ name: string }} */ { name }) => name),
      ['local', 'orders (work, eu-central-1)'],
    );
    assert.equal(stored('rdsTunnel.tunnels', target.Workspace).length, 1);
    assert.deepEqual(stored('sqltools.connections'), []);
  });

  for (const [where, folder] of /** @type {[string, string?][]} */ ([
    ["the workspace's settings"],
    ["a folder's settings", 'file:///one'],
  ])) {
    it(`updates a connection in ${where}, whose tunnel stays as it is`, async () => {
      const { add, stored, editor, messages } = await setUp();
      editor.installed.delete('mtxr.sqltools');
      editor.installed.add('ms-ossdata.vscode-pgsql');
      await add();
      const moved = { 'pgsql.connections': [{ ...stored('pgsql.connections')[0], user: 'jim' }] };
      const tunnels = { 'rdsTunnel.tunnels': stored('rdsTunnel.tunnels') };
      if (folder !== undefined) Object.assign(editor.vscode.workspace, { workspaceFile: {}, workspaceFolders: [{ uri: folder }] });
      Object.assign(editor.stored, { [target.Global]: {}, [target.Workspace]: folder === undefined ? { ...moved, ...tunnels } : tunnels });
      if (folder !== undefined) editor.folders[folder] = moved;
      await add();
      const entries = folder === undefined ? stored('pgsql.connections', target.Workspace) : editor.folders[folder]?.['pgsql.connections'];
      assert.deepEqual(
        entries.map((/** @type {any} */ { user, port }) => [user, port]),
        [['jane', '40000']],
      );
      assert.deepEqual([editor.stored[target.Global], stored('rdsTunnel.tunnels', target.Workspace).length], [{}, 1]);
      assert.equal(messages()[1], '"orders (work, eu-central-1)" in PostgreSQL (Microsoft) was updated.');
    });
  }

  it("leaves alone a connection that the workspace's list hides from the tool", async () => {
    const { add, stored, editor } = await setUp();
    await add();
    const hidden = structuredClone(stored('sqltools.connections'));
    editor.stored[target.Workspace] = { 'sqltools.connections': [] };
    await add();
    assert.deepEqual(stored('sqltools.connections'), hidden);
    assert.equal(stored('sqltools.connections', target.Workspace).length, 1);
  });

  it('changes nothing for whoever gives up', async () => {
    const { add, stored, editor } = await setUp();
    editor.user.type = () => undefined;
    await add();
    assert.deepEqual([stored('sqltools.connections'), stored('rdsTunnel.tunnels')], [[], []]);
  });
});

describe('The questions of adding a database', () => {
  /**
   * @param {Awaited<ReturnType<typeof setUp>>} window
   * @param {{ back?: string[], tools?: number, stepsBefore?: number }} [options] `back`: steps at which the user goes back, once each
   */
  async function ask(window, { back: backAt = [], ...asking } = {}) {
    /** @type {string[]} */
    const asked = [];
    const open = [...backAt];
    const answer = (/** @type {any} */ { title, step, totalSteps }, /** @type {any} */ otherwise) => {
      const at = step === undefined ? title : `${title} (${step}/${totalSteps})`;
      asked.push(at);
      if (!open.some(each => title.startsWith(each))) return otherwise;
      open.splice(
        open.findIndex(each => title.startsWith(each)),
        1,
      );
      return back;
    };
    window.editor.user.pick = shown => answer(shown, shown.items[0]);
    window.editor.user.type = shown => answer(shown, shown.prompt === 'Database user' ? 'jane' : shown.value);
    return { asked, end: await window.add({}, asking) };
  }

  it('are numbered, and lead back one by one', async () => {
    const window = await setUp();
    installDbcode(window.editor);
    const { asked } = await ask(window, { tools: 2, back: ['Database of', 'Database user'] });
    const [tool, user, database] = ['Add orders to a database tool (1/3)', 'Database user for orders (2/3)', 'Database of orders (3/3)'];
    assert.deepEqual(asked, [tool, user, tool, user, database, user, database]);
    assert.equal(window.stored('sqltools.connections').length, 1);
  });

  it('have no number when there is one', async () => {
    const window = await setUp();
    window.globalMemory.all.set('knownDatabases', { [host]: { engine: 'aurora-postgresql', name: 'orders', databaseName: 'shop' } });
    assert.deepEqual((await ask(window)).asked, ['Database user for orders']);
  });

  it('go on from those that were asked before, and lead back to them without a change', async () => {
    const window = await setUp();
    const { asked, end } = await ask(window, { stepsBefore: 1, back: ['Database user'] });
    assert.deepEqual([asked, end?.description], [['Database user for orders (2/3)'], 'back']);
    assert.deepEqual([window.stored('sqltools.connections'), window.stored('rdsTunnel.tunnels')], [[], []]);
  });
});

describe('A database whose certificate authority is not known', () => {
  it('is added, and where to get it and where to name it are a button each', async () => {
    const { add, editor, commands, messages } = await setUp();
    /** @type {string[]} */
    const opened = [];
    Object.assign(editor.vscode.env, {
      openExternal: (/** @type {unknown} */ uri) => {
        opened.push(String(uri));
        return Promise.resolve(true);
      },
    });
    await add({ host: 'orders.cluster-abc123.us-gov-west-1.rds.amazonaws.com' });
    assert.match(messages()[0] ?? '', /no certificate authority for us-gov-west-1 yet\. Download that region's bundle/);
    assert.deepEqual(editor.shown[0]?.buttons, ['Download bundle', 'Open settings']);
    editor.shown[0].press('Open settings');
    await turn();
    assert.deepEqual(commands, [['workbench.action.openSettingsJson', { revealSetting: { key: 'sqltools.connections' } }]]);
    await add({ host: 'orders.cluster-abc123.us-gov-west-1.rds.amazonaws.com' });
    editor.shown[1]?.press('Download bundle');
    await turn();
    assert.match(opened[0] ?? '', /^https:\/\/docs\.aws\.amazon\.com\/.*SSL/);
  });
});

/** DBCode by its documented API: an id that it knows updates that connection. */
function installDbcode(/** @type {ReturnType<typeof fakeEditor>} */ editor, answer = { success: true }) {
  /** @type {Map<string, any>} */
  const connections = new Map();
  editor.installed.add('dbcode.dbcode');
  editor.exported['dbcode.dbcode'] = {
    api: {
      addConnections: (/** @type {any[]} */ added) => {
        for (const each of added) connections.set(each.connectionId, each);
        return Promise.resolve(answer);
      },
    },
  };
  return connections;
}

describe('Adding a database to DBCode', () => {
  it("hands it the connection, says what is not verified, and writes the tunnel to the user's settings", async () => {
    const { add, stored, editor, messages } = await setUp();
    const connections = installDbcode(editor);
    await add();
    assert.deepEqual(
      [...connections.values()].map(({ connectionId, ...rest }) => ({ ...rest, hasId: connectionId !== '' })),
      [
        {
          hasId: true,
          name: 'orders (work, eu-central-1)',
          driver: 'postgres',
          connectionType: 'host',
          host: '127.0.0.1',
          port: 40_000,
          username: 'jane',
          database: 'postgres',
          savePassword: 'secretStorage',
          ssl: true,
          sslTrustCertificate: true,
          connectionTimeout: 120_000,
        },
      ],
    );
    assert.deepEqual(
      stored('rdsTunnel.tunnels').map((/** @type {{ localPort: number }} */ { localPort }) => localPort),
      [40_000],
    );
    assert.deepEqual(messages(), [
      '"orders (work, eu-central-1)" was added to DBCode, which can\'t check the database\'s certificate through a tunnel.',
    ]);
    assert.deepEqual(stored('sqltools.connections'), []);
  });

  it('a second time updates that connection, and keeps two databases of one name apart', async () => {
    const { add, editor } = await setUp();
    const connections = installDbcode(editor);
    await add({ profile: 'production' });
    await add({ profile: 'production' });
    assert.equal(connections.size, 1);
    await add({ profile: 'staging' });
    assert.equal(connections.size, 2);
  });

  it('offers what is to be entered by hand where DBCode does not take it', async () => {
    const { add, editor } = await setUp();
    const refused = async () => {
      const number = editor.shown.length;
      const added = add();
      while (editor.shown.length === number) await turn();
      const shown = editor.shown[number];
      shown?.press('Copy connection details');
      await added;
      return shown;
    };
    installDbcode(editor, { success: false });
    const shown = await refused();
    assert.match(shown?.message ?? '', /DBCode didn't accept the connection\. Copy the connection details/);
    assert.deepEqual(shown?.buttons, ['Copy connection details', 'Show log']);
    assert.equal(editor.clipboard, '127.0.0.1:40000');
    editor.exported['dbcode.dbcode'] = undefined;
    assert.match((await refused())?.message ?? '', /Update DBCode, or copy/);
  });
});
