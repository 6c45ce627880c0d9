// Connections of database tools that lead to AWS are offered tunnels.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { eventually } from '../EndToEnd/ports.mjs';
import { identityOf } from '../EndToEnd/sqltools.mjs';
import { fakeEditor, fakeMemory, target } from './fake-editor.mjs';
import { load } from './load.mjs';

const hostOf = (/** @type {string} */ name) => `${name}.abc123.eu-central-1.rds.amazonaws.com`;
/** @param {string} host @param {object} [more] */
const connection = (host, more) => ({ name: 'orders', driver: 'PostgreSQL', server: hostOf(host), port: 5432, database: 'shop', ...more });

async function setUp() {
  const editor = fakeEditor();
  for (const id of ['mtxr.sqltools', 'ms-mssql.mssql', 'mongodb.mongodb-vscode', 'dbcode.dbcode']) editor.installed.add(id);
  const { offerRouting, reviewConnections } = await load('databaseTools/offers', editor.vscode);
  const { pickAndUndoRouting } = await load('databaseTools/routing', editor.vscode);
  const globalMemory = fakeMemory();
  const memory = fakeMemory();
  let ports = 40_000;
  const log = { shown: false };
  /** @type {Error | undefined} */
  let failure;
  /** @type {any[]} */
  const fixed = [];
  const services = {
    globalMemory,
    memory,
    authority: () => Promise.resolve('/bundle.pem'),
    log: {
      warn: () => undefined,
      error: () => undefined,
      show: () => {
        log.shown = true;
      },
    },
    tunnels: { opened: () => undefined },
    sidecar: {
      request: (/** @type {string} */ _, /** @type {object} */ request) =>
        failure === undefined ? Promise.resolve({ ...request, localPort: ports++ }) : Promise.reject(failure),
    },
    workspaceTunnels: {
      leadTo: (/** @type {string} */ host) => Promise.resolve(fixed.some(each => each.host === host)),
      fixed: (/** @type {any} */ { host, profile }) => fixed.find(each => each.host === host && each.profile === profile),
      fix: (/** @type {object} */ request, /** @type {number} */ where) => {
        fixed.push({ ...request, where });
        return Promise.resolve({ tunnel: request, written: { target: where, isNewList: false } });
      },
      remove: (/** @type {any} */ { localPort }) => {
        fixed.splice(
          fixed.findIndex(each => each.localPort === localPort),
          1,
        );
        return Promise.resolve();
      },
    },
  };
  /** A list of databases has named these, and with which profile. @param {Record<string, string>} profiles */
  const know = profiles => {
    globalMemory.all.set(
      'knownDatabases',
      Object.fromEntries(Object.entries(profiles).map(([name, profile]) => [hostOf(name), { engine: 'postgres', name, profile }])),
    );
  };
  return {
    editor,
    know,
    fixed,
    shown: editor.shown,
    log,
    fail: (/** @type {Error} */ error) => {
      failure = error;
    },
    stored: (/** @type {string} */ name) => editor.stored[target.Global]?.[name],
    connections: (where = target.Global) => editor.stored[where]?.['sqltools.connections'],
    start: () => offerRouting(services),
    review: () => reviewConnections(services),
    undo: () => pickAndUndoRouting(services),
    /** Answers the first notification that says this, when it comes. @param {RegExp} text @param {string} button */
    press: async (text, button) => {
      assert.ok(await eventually(() => editor.shown.some(({ message }) => text.test(message))), `${text} is shown`);
      editor.shown.find(({ message }) => text.test(message))?.press(button);
      await turn();
    },
  };
}

describe('Connections that lead to AWS', () => {
  it('are offered a tunnel in one notification, and each once', async () => {
    const { editor, start, shown } = await setUp();
    editor.stored[1] = {
      'sqltools.connections': [connection('a'), connection('b', { name: 'b' }), connection('c', { server: 'localhost' })],
      'mssql.connections': [{ profileName: 'm', connectionString: `Server=tcp:${hostOf('m')},1433;Database=shop` }],
      'mdb.presetConnections': [
        {
          name: 'd',
          connectionString: `mongodb://a.cluster-abc.eu-central-1.docdb.amazonaws.com,b.cluster-abc.eu-central-1.docdb.amazonaws.com/?tls=true`,
        },
      ],
    };
    start();
    editor.settingChanged('sqltools.connections');
    await turn();
    assert.deepEqual(
      shown.map(({ message, buttons }) => [message, ...buttons]),
      [['4 connections lead to private AWS databases. Connect to them through tunnels?', 'Review…', "Don't ask again"]],
    );
  });

  it('are offered none where a setting says so', async () => {
    const { editor, start, shown } = await setUp();
    editor.settings.offerTunnels = false;
    editor.stored[1] = { 'sqltools.connections': [connection('a')] };
    start();
    await turn();
    assert.deepEqual(shown, []);
    editor.settings.offerTunnels = true;
    editor.settingChanged('rdsTunnel.offerTunnels');
    await turn();
    assert.equal(shown.length, 1);
  });

  it('that are left unchecked are not offered again, and can be found by a command', async () => {
    const { editor, start, review, know, press, shown, connections } = await setUp();
    know({ a: 'production', b: 'production' });
    editor.stored[1] = { 'sqltools.connections': [connection('a'), connection('b', { name: 'b' })] };
    editor.choose = items => items.slice(0, 1);
    start();
    await press(/2 connections/, 'Review…');
    assert.ok(await eventually(() => connections()[0].server === '127.0.0.1'));
    assert.equal(connections()[1].server, hostOf('b'));
    const before = shown.length;
    start();
    await turn();
    assert.equal(shown.length, before);
    await review();
    assert.equal(connections()[1].server, '127.0.0.1');
  });

  it('of one name in two accounts stay two to the tool, and are as they were when that is undone', async () => {
    const { editor, start, know, press, connections, shown, undo, fixed } = await setUp();
    know({ a: 'production', b: 'staging' });
    const before = [connection('a'), { comment: 'no entry' }, connection('b')];
    editor.stored[1] = { 'sqltools.connections': before };
    editor.choose = items => items;
    start();
    await press(/2 connections/, 'Review…');
    assert.ok(await eventually(() => shown.length === 3));
    const [one, , other] = connections();
    assert.deepEqual([one.server, other.server], ['127.0.0.1', '127.0.0.1']);
    assert.notEqual(one.port, other.port);
    assert.notEqual(identityOf(one), identityOf(other));
    assert.match(shown[2]?.message ?? '', /renamed to "orders \(staging, eu-central-1\)"/);
    assert.deepEqual(
      fixed.map(({ profile, where }) => [profile, where]),
      [
        ['production', 1],
        ['staging', 1],
      ],
    );
    editor.choose = items => items[0];
    await undo();
    await undo();
    assert.equal(JSON.stringify(connections()), JSON.stringify(before));
    assert.deepEqual(fixed, []);
  });

  it('are looked for in the settings of folders, too', async () => {
    const { editor, start, know, press, fixed } = await setUp();
    know({ a: 'production' });
    editor.vscode.workspace.workspaceFile = {};
    Object.assign(editor.vscode.workspace, { workspaceFolders: [{ uri: 'file:///one' }] });
    editor.folders['file:///one'] = { 'sqltools.connections': [connection('a')] };
    start();
    await press(/connects to/, 'Use a tunnel');
    assert.ok(await eventually(() => editor.folders['file:///one']?.['sqltools.connections'][0].server === '127.0.0.1'));
    assert.deepEqual(
      fixed.map(({ where }) => where),
      [target.Workspace],
    );
  });

  it('of DBCode become tunnels, and are as they were when that is undone', async () => {
    const { editor, start, know, press, undo, stored } = await setUp();
    know({ a: 'production' });
    const before = [
      {
        connectionId: 'x',
        name: 'orders',
        driver: 'postgres',
        connectionType: 'host',
        host: hostOf('a'),
        port: 5432,
        ssl: false,
        savePassword: 'secretStorage',
        connectionTimeout: 30,
      },
    ];
    editor.stored[1] = { 'dbcode.connections': before };
    start();
    await press(/^"orders" in DBCode connects to .*through a tunnel\?$/, 'Use a tunnel');
    assert.ok(await eventually(() => stored('dbcode.connections')[0].host === '127.0.0.1'));
    assert.equal(stored('dbcode.connections')[0].port, 40_000);
    await undo();
    assert.equal(JSON.stringify(stored('dbcode.connections')), JSON.stringify(before));
  });

  /** @type {[string, string, object, RegExp][]} */
  const weak = [
    [
      'SQL Server in SQLTools, which falls back to plain text',
      'sqltools.connections',
      connection('a', { driver: 'MSSQL', port: 1433, mssqlOptions: { encrypt: true } }),
      /connects without encryption when TLS fails\. Use the SQL Server \(mssql\) extension instead\.$/,
    ],
    [
      'a connection string of SQL Server in SQLTools',
      'sqltools.connections',
      { name: 'orders', driver: 'MSSQL', connectString: `Server=${hostOf('a')},1433;Database=shop` },
      /connects without encryption when TLS fails/,
    ],
    [
      'what DBCode verified of SQL Server, which no tunnel signs in to',
      'dbcode.connections',
      { name: 'orders', driver: 'mssql', host: hostOf('a'), ssl: true },
      /DBCode can't check the database's certificate through a tunnel\.$/,
    ],
    [
      'what DBCode verified',
      'dbcode.connections',
      { connectionId: 'x', name: 'orders', driver: 'postgres', host: hostOf('a'), port: 5432, ssl: true },
      /DBCode can't check the database's certificate through a tunnel\. To have the tunnel check it, open it without a password\.$/,
    ],
  ];
  for (const [name, setting, entry, warning] of weak) {
    it(`warn of ${name}: before, in the list, and afterwards`, async () => {
      const { editor, start, know, press, review, shown, stored } = await setUp();
      know({ a: 'production' });
      editor.stored[1] = { [setting]: [entry] };
      /** @type {string[]} */
      const details = [];
      editor.choose = items => {
        details.push(...items.map((/** @type {{ detail: string }} */ { detail }) => detail));
        return undefined;
      };
      await review();
      assert.match(details.join(), warning);
      start();
      await press(warning, 'Use a tunnel');
      assert.ok(await eventually(() => shown.length === 2));
      assert.match(shown[1]?.message ?? '', /now connects through 127\.0\.0\.1:40000/);
      assert.match(shown[1]?.message ?? '', warning);
      assert.doesNotMatch(JSON.stringify(stored(setting)), /rds\.amazonaws\.com,1433|"host":"a\./);
    });
  }

  it('do not warn of what is verified, or was not before', async () => {
    const { editor, start, shown } = await setUp();
    editor.stored[1] = { 'sqltools.connections': [connection('a')] };
    start();
    await turn();
    assert.match(shown[0]?.message ?? '', /through a tunnel\?$/);
    const trusting = await setUp();
    trusting.editor.stored[1] = {
      'dbcode.connections': [{ name: 'orders', driver: 'postgres', host: hostOf('a'), ssl: true, sslTrustCertificate: true }],
    };
    trusting.start();
    await turn();
    assert.match(trusting.shown[0]?.message ?? '', /through a tunnel\?$/);
  });

  it('say why that failed, with a button for the next step', async () => {
    const { editor, start, know, press, fail, log } = await setUp();
    know({ a: 'production' });
    fail(new Error('The port cannot be opened.'));
    editor.stored[1] = { 'sqltools.connections': [connection('a')] };
    start();
    await press(/connects to/, 'Use a tunnel');
    await press(/^The port cannot be opened\.$/, 'Show log');
    assert.ok(await eventually(() => log.shown));
  });
});

describe('Connections of other programs in the workspace', () => {
  const dataGrip = `<project><component name="DataSourceManagerImpl"><data-source source="LOCAL" name="orders" uuid="1"><jdbc-url>jdbc:postgresql://${hostOf('a')}:5432/shop</jdbc-url></data-source></component></project>`;
  const dBeaver = JSON.stringify({
    connections: {
      one: { name: 'ledger', configuration: { host: hostOf('b'), port: '3306' } },
      two: { name: 'local', configuration: { host: 'db.local', port: '1' } },
      same: { name: 'again', configuration: { host: hostOf('a'), port: '5432' } },
    },
  });

  /** @param {Record<string, string>} files */
  async function withFiles(files) {
    const all = await setUp();
    Object.assign(all.editor.vscode.workspace, { workspaceFolders: [{ uri: 'file:///one' }] });
    Object.assign(all.editor.files, files);
    return all;
  }

  it('get a tunnel of the workspace, and their files stay as they are', async () => {
    const { editor, know, start, press, fixed } = await withFiles({ 'file:///one/.idea/dataSources.xml': dataGrip });
    know({ a: 'production' });
    start();
    await press(/"orders" in DataGrip connects to/, 'Use a tunnel');
    assert.ok(await eventually(() => fixed.length === 1));
    assert.deepEqual([fixed[0].host, fixed[0].profile, fixed[0].where], [hostOf('a'), 'production', target.Workspace]);
    editor.choose = items => items[0];
    await press(/^127\.0\.0\.1:40000 now connects to "orders"\. Use this address in DataGrip\.$/, 'Copy details');
    assert.ok(await eventually(() => editor.clipboard === '127.0.0.1:40000'));
    assert.equal(editor.files['file:///one/.idea/dataSources.xml'], dataGrip);
  });

  it('are offered together with the others, each database once', async () => {
    const { editor, start, shown } = await withFiles({
      'file:///one/.idea/dataSources.xml': dataGrip,
      'file:///one/.dbeaver/data-sources.json': dBeaver,
      'file:///one/.dbeaver/credentials-config.json': '{',
    });
    editor.files['file:///one/.vscode/database-client-config.json'] = JSON.stringify({
      database: { 1: { name: 'figures', host: hostOf('d'), port: 5432 } },
    });
    editor.stored[1] = { 'sqltools.connections': [connection('c')] };
    start();
    assert.ok(await eventually(() => shown.length === 1));
    assert.match(shown[0]?.message ?? '', /^4 connections lead/);
  });

  it("are not offered where settings or the team's file have a tunnel already, nor from a huge file", async () => {
    const { fixed, start, shown } = await withFiles({
      'file:///one/.idea/dataSources.xml': dataGrip,
      'file:///one/.dbeaver/data-sources.json': dBeaver.padEnd(2_000_000),
    });
    fixed.push({ host: hostOf('a') });
    start();
    await turn();
    assert.deepEqual(shown, []);
  });
});
