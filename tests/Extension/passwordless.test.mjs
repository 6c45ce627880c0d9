// A tunnel that signs in to its database: how it is asked for, and what tools are told of it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { back, fakeEditor, fakeMemory } from './fake-editor.mjs';
import { load } from './load.mjs';

const host = 'orders.cluster-abc123.eu-central-1.rds.amazonaws.com';
const request = { name: 'orders', host, port: 5432, profile: 'work', region: 'eu-central-1' };

/** @param {object} [known] what a list has said of the database */
async function setUp(known = {}) {
  const editor = fakeEditor();
  Object.assign(editor.vscode, { ProgressLocation: { Notification: 15 } });
  Object.assign(editor.vscode.window, {
    withProgress: (/** @type {unknown} */ _, /** @type {(progress: unknown) => unknown} */ run) => run(undefined),
  });
  const globalMemory = fakeMemory();
  globalMemory.all.set('knownDatabases', { [host]: { engine: 'aurora-postgresql', name: 'orders', ...known } });
  /** @type {any[]} */
  const opened = [];
  const services = {
    globalMemory,
    memory: fakeMemory(),
    log: { warn: () => undefined },
    tunnels: { opened: () => undefined },
    sidecar: {
      request: (/** @type {string} */ method, /** @type {any} */ params) => {
        if (method === 'password/listSecrets') return Promise.resolve({ secrets: [{ arn: 'arn:app', name: 'app' }] });
        opened.push(params);
        return Promise.resolve({
          id: '1',
          localPort: 40_000,
          state: 'Open',
          target: 'i-1',
          ...params,
          user: params.user ?? 'from-the-secret',
        });
      },
    },
  };
  const { openPasswordless } = await load('commands/openPasswordless', editor.vscode);
  return { editor, globalMemory, opened, open: (/** @type {object} */ asked = request) => openPasswordless(services, asked) };
}

/** Ends a message of success, which waits for a button. @param {ReturnType<typeof fakeEditor>} editor @param {Promise<void>} opening */
async function finished(editor, opening) {
  while (editor.shown.length === 0) await new Promise(setImmediate);
  editor.shown[0]?.press();
  await opening;
  return editor.shown[0]?.message;
}

const { loginOf } = await load('state/login');

describe('Open without a password', () => {
  it("asks with what, and for a user that AWS's token is made for", async () => {
    const { editor, open, opened, globalMemory } = await setUp({ masterUserName: 'admin' });
    /** @type {string[][]} */
    const asked = [];
    editor.user.pick = ({ items, step }) => {
      asked.push([`step ${step}`, ...items.map((/** @type {{ label: string }} */ { label }) => label)]);
      return items[0];
    };
    assert.equal(
      await finished(editor, open()),
      'orders is ready on 127.0.0.1:40000, via i-1. Connect without TLS and without a password, as admin.',
    );
    assert.deepEqual(asked, [
      ['step 1', '$(shield) IAM database authentication', '$(key) Secret in Secrets Manager', '$(lock) TLS only'],
      ['step 2', 'admin'],
    ]);
    assert.deepEqual(loginOf(opened[0]), { login: 'iam', user: 'admin' });
    assert.deepEqual(globalMemory.all.get('databaseUsers'), [[host, ['admin']]]);
  });

  it('asks for a secret in place of a user', async () => {
    const { editor, open, opened } = await setUp({ supportsIamAuthentication: false, masterSecretArn: 'arn:master' });
    // Where IAM is known to be off, the secret comes first.
    assert.match(String(await finished(editor, open())), /without a password, as from-the-secret\.$/);
    assert.deepEqual(loginOf(opened[0]), { login: 'secret', secretId: 'arn:master' });
  });

  it('asks nothing more for TLS alone', async () => {
    const { editor, open, opened } = await setUp();
    editor.user.pick = ({ items }) => items.at(-1);
    assert.match(String(await finished(editor, open())), /Connect without TLS: the tunnel adds it\.$/);
    assert.deepEqual(loginOf(opened[0]), { login: 'tls' });
  });

  it('leads back from the user to the means', async () => {
    const { editor, open, opened } = await setUp();
    let typed = 0;
    editor.user.type = () => (++typed === 1 ? back : 'jane');
    await finished(editor, open());
    assert.equal(typed, 2);
    assert.deepEqual(loginOf(opened[0]), { login: 'iam', user: 'jane' });
  });

  it('opens nothing for whoever gives up', async () => {
    const { editor, open, opened } = await setUp();
    editor.user.pick = () => undefined;
    await open();
    assert.deepEqual(opened, []);
  });

  it('says what it can not sign in to', async () => {
    const { open } = await setUp({ engine: 'docdb' });
    await assert.rejects(open(), /PostgreSQL, MySQL and Redis databases, not to docdb/);
    await assert.rejects(open({ target: 'i-1', port: 22 }), /leads to the jump host itself/);
  });
});

describe('A tunnel with a local password', () => {
  const login = { ...request, login: 'iam', user: 'app', localPassword: true };
  const secretsOf = (/** @type {Map<string, string>} */ kept) => ({
    get: (/** @type {string} */ key) => Promise.resolve(kept.get(key)),
    store: (/** @type {string} */ key, /** @type {string} */ value) => {
      kept.set(key, value);
      return Promise.resolve();
    },
  });

  it('gets one that the editor makes and keeps, and that is written nowhere else', async () => {
    const { vscode } = fakeEditor();
    const { listen } = await load('workspace/listen', vscode);
    const kept = new Map();
    /** @type {any[]} */
    const [asked, remembered] = [[], []];
    const services = {
      secrets: secretsOf(kept),
      tunnels: {
        opened: (/** @type {unknown[]} */ ...all) => {
          remembered.push(all);
        },
      },
      sidecar: {
        request: (/** @type {string} */ _, /** @type {any} */ { localPasswordText, ...params }) => {
          asked.push(localPasswordText);
          return Promise.resolve({ id: '1', ...params, localPort: 40_000 });
        },
      },
    };
    // Two at once, through another jump host, and with the host in capitals: it is the same database and user.
    await Promise.all([listen(services, login), listen(services, { ...login, target: 'i-2', host: host.toUpperCase() })]);
    await listen(services, login);
    assert.match(asked[0], /^[\w-]{32}$/);
    assert.deepEqual(asked, [asked[0], asked[0], asked[0]]);
    assert.deepEqual([...kept.values()], [asked[0]]);
    assert.ok(!JSON.stringify([remembered, [...kept.keys()]]).includes(asked[0]));
    await listen(services, { ...login, user: 'admin' });
    assert.notEqual(asked[3], asked[0]);
    await listen(services, { ...request, login: 'iam', user: 'app' });
    assert.equal(asked[4], undefined);
  });

  it('has it copied, in place of a secret', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { vscode, shown } = fakeEditor();
    const { copyPassword, clearPasswords } = await load('commands/passwords', vscode);
    const kept = new Map();
    const services = {
      secrets: secretsOf(kept),
      tunnels: { requestOf: () => undefined },
      sidecar: { request: () => assert.fail('AWS is not asked') },
    };
    await copyPassword(services, { id: '1', ...login, localPort: 40_000 });
    const [password] = kept.values();
    assert.equal(await vscode.env.clipboard.readText(), password);
    assert.equal(shown[0]?.message, 'Local password of orders copied. It will be cleared from the clipboard in one minute.');
    await clearPasswords();
    assert.equal(await vscode.env.clipboard.readText(), '');
  });

  it('says so, and has tools ask for it', async () => {
    const { vscode } = fakeEditor();
    const { loginText, meansOfLogin } = await load('ui/loginText', vscode);
    assert.equal(loginText(login), 'signs in as app, asks for a local password');
    assert.equal(loginText({ ...login, localTls: true }), 'signs in as app, offers TLS, asks for a local password');
    assert.match(meansOfLogin(login), /as app with IAM/);
    const { sqltools } = await load('databaseTools/sqltools');
    const entry = sqltools.create({
      name: 'orders',
      host,
      port: 5432,
      localPort: 40_000,
      authority: '/bundle.pem',
      engine: 'postgres',
      user: 'app',
      login: 'iam',
      localPassword: true,
    });
    assert.deepEqual([entry?.askForPassword, entry?.password, entry?.pgOptions], [true, undefined, undefined]);
  });
});

describe('A tunnel that signs in and that another window opened', () => {
  it('is restarted with all of its login', async () => {
    const { vscode } = fakeEditor();
    const { requestOf } = await load('state/requests', vscode);
    const login = { login: 'secret', user: 'app', secretId: 'arn:app', compress: true, localTls: true, localPassword: true };
    const tunnel = { id: '7', ...request, localPort: 40_000, ...login };
    assert.deepEqual(loginOf(requestOf({ tunnels: { requestOf: () => undefined } }, tunnel)), login);
  });
});

describe('Connection details of an open tunnel', () => {
  it('have what it was asked for', async () => {
    const editor = fakeEditor();
    editor.user.pick = ({ items }) => items.find((/** @type {{ label: string }} */ { label }) => label.startsWith('DBCode'));
    const { copyDetails } = await load('databaseTools/copyDetails', {
      ...editor.vscode,
      window: { ...editor.vscode.window, setStatusBarMessage: () => undefined },
    });
    const services = {
      globalMemory: fakeMemory(),
      authority: () => Promise.resolve('/bundle.pem'),
      tunnels: { requestOf: () => ({ ...request, document: 'Acme-Forward', reason: 'INC 7' }) },
    };
    await copyDetails(services, { id: '7', ...request, localPort: 40_000 });
    assert.match(JSON.parse(editor.clipboard).args, / --document Acme-Forward --reason "INC 7"/);
  });
});

describe('Tools of a tunnel that signs in', () => {
  it('are told no password, no authority and no TLS', async () => {
    const { connectionDetails } = await load('databaseTools/connectionDetails', fakeEditor().vscode);
    const way = { ...request, localPort: 40_000, login: 'iam', user: 'app' };
    for (const [engine, port] of [
      ['postgres', 5432],
      ['mysql', 3306],
      ['valkey', 6379],
    ]) {
      const details = connectionDetails({ ...way, port }, { engine, authority: '/bundle.pem', user: 'jane', database: 'shop' });
      assert.ok(details.length > 3);
      // DBCode's form is a tunnel of its own, to the database's own name.
      for (const { name, text } of details.filter((/** @type {{ name: string }} */ each) => !each.name.startsWith('DBCode'))) {
        assert.doesNotMatch(text, /bundle\.pem|verify|password(?!less)|jane|rds\.amazonaws/i, name);
        assert.match(text, /40000/);
      }
    }
  });

  it('get entries that ask nobody', async () => {
    const { sqltools } = await load('databaseTools/sqltools');
    const wanted = {
      name: 'orders',
      host,
      port: 5432,
      localPort: 40_000,
      authority: '/bundle.pem',
      engine: 'postgres',
      user: 'app',
      login: 'iam',
    };
    assert.deepEqual(sqltools.create(wanted), {
      name: 'orders',
      server: '127.0.0.1',
      port: 40_000,
      username: 'app',
      password: '',
      connectionTimeout: 120,
      driver: 'PostgreSQL',
      database: 'postgres',
    });
    assert.deepEqual(sqltools.create({ ...wanted, engine: 'mysql', login: 'tls' }), {
      name: 'orders',
      server: '127.0.0.1',
      port: 40_000,
      username: 'app',
      askForPassword: true,
      connectionTimeout: 120,
      driver: 'MySQL',
      database: '',
    });
  });
});
