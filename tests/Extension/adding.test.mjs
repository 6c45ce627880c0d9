// A connection is added to a database tool, with a tunnel that is there in every later window.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { authorityFile } from '../../scripts/lib/authorities.mjs';
import { identityOf } from '../EndToEnd/sqltools.mjs';
import { fakeEditor, fakeMemory, target } from './fake-editor.mjs';
import { load } from './load.mjs';

const host = 'orders.cluster-abc123.eu-central-1.rds.amazonaws.com';

async function setUp() {
  const editor = fakeEditor();
  editor.installed.add('mtxr.sqltools');
  editor.user.type = () => 'jane';
  const { addConnection, toolsFor } = await load('databaseTools/addConnection', editor.vscode);
  const { WorkspaceTunnels } = await load('workspace/workspaceTunnels', editor.vscode);
  const { TunnelStore } = await load('state/tunnels');
  const tunnels = new TunnelStore();
  const globalMemory = fakeMemory();
  const services = { tunnels, globalMemory, memory: fakeMemory(), authority: () => Promise.resolve(authorityFile), log: { warn: () => undefined, error: () => undefined }, sidecar: {} };
  const workspaceTunnels = new WorkspaceTunnels(services, { claim: () => Promise.resolve(), dispose: () => undefined });
  let ports = 40_000;
  return {
    editor, globalMemory, messages: () => editor.shown.map(({ message }) => message),
    /** What settings hold. @param {string} name @param {number} [where] */
    stored: (name, where = target.Global) => editor.stored[where]?.[name] ?? [],
    /** Opens a tunnel, and adds it. @param {object} [request] */
    add: async (request = {}) => {
      const whole = { name: 'orders', host, port: 5432, profile: 'work', region: 'eu-central-1', ...request };
      const tunnel = { id: String(ports), state: 'Open', localPort: ports++, ...whole };
      tunnels.opened(tunnel, whole);
      await addConnection({ ...services, workspaceTunnels }, toolsFor(tunnel, 'aurora-postgresql').at(-1), tunnel, { openNow: true, ...whole }, 'aurora-postgresql');
    },
  };
}

describe('Adding a database to a tool', () => {
  it('writes the connection and its tunnel to the user\'s settings', async () => {
    const { add, stored, messages } = await setUp();
    await add();
    assert.deepEqual(stored('rdsTunnel.tunnels'), [{ port: 5432, localPort: 40_000, name: 'orders', host, profile: 'work', region: 'eu-central-1' }]);
    assert.deepEqual(stored('sqltools.connections'), [{
      name: 'orders (work, eu-central-1)', server: '127.0.0.1', port: 40_000, username: 'jane', askForPassword: true, connectionTimeout: 120, driver: 'PostgreSQL', database: 'postgres',
      pgOptions: { ssl: { rejectUnauthorized: true, ca: authorityFile, servername: host } },
    }]);
    assert.deepEqual(messages(), ['"orders (work, eu-central-1)" was added to SQLTools.']);
  });

  it('proposes the users and takes the database that are known', async () => {
    const { add, stored, editor, globalMemory } = await setUp();
    globalMemory.all.set('knownDatabases', { [host]: { engine: 'aurora-postgresql', name: 'orders', masterUserName: 'admin', databaseName: 'shop' } });
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
    assert.deepEqual(stored('sqltools.connections', target.Workspace).map((/** @type {{ name: string }} */ { name }) => name), ['local', 'orders (work, eu-central-1)']);
    assert.equal(stored('rdsTunnel.tunnels', target.Workspace).length, 1);
    assert.deepEqual(stored('sqltools.connections'), []);
  });

  for (const [where, folder] of /** @type {[string, string?][]} */ ([['the workspace\'s settings'], ['a folder\'s settings', 'file:///one']])) {
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
      assert.deepEqual(entries.map((/** @type {any} */ { user, port }) => [user, port]), [['jane', '40000']]);
      assert.deepEqual([editor.stored[target.Global], stored('rdsTunnel.tunnels', target.Workspace).length], [{}, 1]);
      assert.equal(messages()[1], '"orders (work, eu-central-1)" in PostgreSQL (Microsoft) was updated.');
    });
  }

  it('leaves alone a connection that the workspace\'s list hides from the tool', async () => {
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
  it('hands it the connection, says what is not verified, and writes the tunnel to the user\'s settings', async () => {
    const { add, stored, editor, messages } = await setUp();
    const connections = installDbcode(editor);
    await add();
    assert.deepEqual([...connections.values()].map(({ connectionId, ...rest }) => ({ ...rest, hasId: connectionId !== '' })), [{
      hasId: true, name: 'orders (work, eu-central-1)', driver: 'postgres', connectionType: 'host', host: '127.0.0.1', port: 40_000, username: 'jane', database: 'postgres',
      savePassword: 'secretStorage', ssl: true, sslTrustCertificate: true, connectionTimeout: 120_000,
    }]);
    assert.deepEqual(stored('rdsTunnel.tunnels').map((/** @type {{ localPort: number }} */ { localPort }) => localPort), [40_000]);
    assert.deepEqual(messages(), ['"orders (work, eu-central-1)" was added to DBCode, which can\'t check the database\'s certificate through a tunnel.']);
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

  it('fails with the next step where DBCode does not take it', async () => {
    const { add, editor } = await setUp();
    installDbcode(editor, { success: false });
    await assert.rejects(add(), /DBCode didn't accept the connection\. Copy the connection details/);
    editor.exported['dbcode.dbcode'] = undefined;
    await assert.rejects(add(), /Update DBCode, or copy/);
  });
});
