// What could not be listed: each row and item that says so leads to the next step.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeEditor, fakeMemory } from './fake-editor.mjs';
import { load } from './load.mjs';

const profile = { name: 'work', kind: 'Sso', region: 'eu-central-1', needsSignIn: false };
const database = {
  id: 'orders',
  name: 'orders',
  role: 'Instance',
  engine: 'postgres',
  host: 'orders.example',
  port: 5432,
  region: 'eu-central-1',
  tags: [],
};
const failed = (/** @type {string} */ code) => Object.assign(new Error(`It failed: ${code}.`), { data: { code } });
const failure = (/** @type {string} */ code, action = 'rds:DescribeDBInstances') => ({ action, code, message: `It failed: ${code}.` });

/** @param {(() => object)[]} answers of `database/list`, one after the other: each finds something, or throws */
function setUp(...answers) {
  const editor = fakeEditor();
  /** @type {any[][]} */
  const asked = [];
  /** @type {string[]} */
  const commands = [];
  /** @type {string[]} */
  const logged = [];
  const write = (/** @type {string} */ message) => {
    logged.push(message);
  };
  const quickPick = editor.vscode.window.createQuickPick;
  const vscode = {
    ...editor.vscode,
    ProgressLocation: {},
    ThemeIcon: Object,
    ThemeColor: Object,
    TreeItemCollapsibleState: {},
    TreeItem: /** @this {any} @param {string} label */ function (label) {
      this.label = label;
    },
    Uri: { ...editor.vscode.Uri, file: (/** @type {string} */ path) => ({ path }) },
    commands: {
      executeCommand: (/** @type {string} */ name) => {
        commands.push(name);
        return Promise.resolve();
      },
    },
    window: {
      ...editor.vscode.window,
      createQuickPick: () => Object.assign(quickPick(), { onDidChangeActive: () => ({ dispose: () => undefined }) }),
      withProgress: (/** @type {unknown} */ _, /** @type {(progress: unknown, cancellation: unknown) => unknown} */ run) =>
        run({ report: () => undefined }, {}),
    },
  };
  const services = {
    globalMemory: fakeMemory(),
    memory: fakeMemory(),
    log: { error: write, warn: write },
    tunnels: { onChanged: () => () => undefined },
    sidecar: {
      request: (/** @type {string} */ method) =>
        method === 'jumpHost/list'
          ? Promise.resolve({ jumpHosts: [], failures: [failure('AccessDenied', 'ssm:DescribeInstanceInformation')] })
          : Promise.reject(failed('InternalError')),
      requestWithProgress: async (/** @type {string} */ method, /** @type {any} */ params, /** @type {(found: any) => void} */ onFound) => {
        asked.push([method, params]);
        await Promise.resolve();
        if (method === 'sso/signIn') return { isShared: true };
        onFound({ databases: [], ...answers.shift()?.() });
        return undefined;
      },
    },
  };
  return { editor, vscode, services, asked, commands, logged };
}

/** @param {string} code @returns {() => never} */
const throws = code => () => {
  throw failed(code);
};
/** @param {string} code */
const misses = code => () => ({ failure: failure(code) });

describe('A row of the databases that says what failed', () => {
  /** @param {ReturnType<typeof setUp>} window @param {any} [parent] */
  const rows = async ({ vscode, services }, parent = { kind: 'region', profile, region: 'eu-central-1' }) => {
    const { DatabaseTree } = await load('views/databaseTree', vscode);
    const tree = new DatabaseTree(services);
    tree.show();
    return (await tree.getChildren(parent)).map((/** @type {any} */ node) => tree.getTreeItem(node));
  };

  for (const [what, answer] of /** @type {const} */ ([
    ['the whole list', throws],
    ['a part of it', misses],
  ])) {
    it(`signs in, shows the permissions or the log, by what stood in the way of ${what}`, async () => {
      for (const [code, command] of [
        ['CredentialsExpired', 'signInProfile'],
        ['CredentialsMissing', 'signInProfile'],
        ['AccessDenied', 'showPermissions'],
        ['Throttled', 'showLog'],
      ]) {
        const [row] = await rows(setUp(answer(String(code))));
        assert.equal(row.command.command, `rdsTunnel.${command}`, code);
        if (command === 'signInProfile') assert.equal(row.command.arguments[0].profile, profile);
        assert.ok(row.tooltip.endsWith(row.command.title), row.tooltip);
      }
    });
  }

  it('shows the permissions that jump hosts need', async () => {
    const [row] = await rows(setUp(), { kind: 'database', profile, database });
    assert.deepEqual([row.label, row.command.command], ['ssm:DescribeInstanceInformation', 'rdsTunnel.showPermissions']);
  });

  it('is in the log that it leads to', async () => {
    const window = setUp(misses('Throttled'));
    await rows(window);
    assert.deepEqual(window.logged, ['rds:DescribeDBInstances: It failed: Throttled.']);
  });

  it('opens the file with the profile that makes no sense', async () => {
    const [row] = await rows(setUp(), { kind: 'profile', profile: { ...profile, problem: 'It names no role.' } });
    assert.equal(row.command.command, 'vscode.open');
    assert.match(row.command.arguments[0].path, /config$/);
  });
});

describe('A list of databases that failed, when a tunnel is opened', () => {
  /** @param {ReturnType<typeof setUp>} window */
  const choose = async ({ vscode, services }) =>
    (await load('commands/pickDatabase', vscode)).pickDatabase(services, profile, { step: 2, totalSteps: 2 });
  const found = () => ({ databases: [database] });

  it('is asked for again, past what is remembered', async () => {
    const window = setUp(throws('Throttled'), found);
    const { editor, asked } = window;
    /** @type {any} */
    let item;
    editor.user.pick = ({ items }) => {
      item ??= items[0];
      return asked.length === 1 ? items[0] : { database };
    };
    assert.equal((await choose(window)).host, 'orders.example');
    assert.deepEqual(
      [item.label, item.description, item.detail],
      ["$(error) Couldn't list databases", 'Try again', 'It failed: Throttled.'],
    );
    assert.deepEqual(
      asked.map(([method, { refresh }]) => [method, refresh]),
      [
        ['database/list', undefined],
        ['database/list', true],
      ],
    );
  });

  it('is asked for again after a sign-in, where that stood in the way', async () => {
    const window = setUp(throws('CredentialsExpired'), throws('Throttled'));
    const { editor, asked } = window;
    editor.user.pick = ({ items }) => (asked.length === 1 ? items[0] : undefined);
    assert.equal(await choose(window), undefined);
    assert.deepEqual(
      asked.map(([method]) => method),
      ['database/list', 'sso/signIn', 'database/list'],
    );
  });

  it('leads to the permissions that are missing', async () => {
    const window = setUp(throws('AccessDenied'));
    assert.equal(await choose(window), undefined);
    assert.deepEqual(window.commands, ['rdsTunnel.showPermissions']);
  });
});
