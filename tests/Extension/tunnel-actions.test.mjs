// What is done with one of several tunnels: which one is asked first, and a step back leads there again.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { back, fakeEditor, fakeMemory } from './fake-editor.mjs';
import { load } from './load.mjs';

const host = 'orders.cluster-abc123.eu-central-1.rds.amazonaws.com';
const orders = { id: 'a', name: 'orders', host, port: 5432, localPort: 15_432, profile: 'work', state: 'Open' };
const users = { ...orders, id: 'b', name: 'users', localPort: 15_433 };
const shell = { id: 'c', name: 'shell', target: 'i-1', port: 22, localPort: 15_434, state: 'Open' };

/** The commands, with these tunnels open. @param {object[]} tunnels */
async function setUp(...tunnels) {
  const editor = fakeEditor();
  /** @type {Map<string, (argument?: object) => Promise<void>>} */
  const commands = new Map();
  const vscode = {
    ...editor.vscode,
    ProgressLocation: {},
    commands: {
      registerCommand: (/** @type {string} */ name, /** @type {() => Promise<void>} */ run) => {
        commands.set(name.replace('rdsTunnel.', ''), run);
      },
    },
    window: {
      ...editor.vscode.window,
      setStatusBarMessage: () => undefined,
      withProgress: (/** @type {unknown} */ _, /** @type {(...all: unknown[]) => unknown} */ run) => run(undefined, undefined),
    },
  };
  /** @type {any[]} */
  const requests = [];
  const services = {
    tunnels: { all: tunnels, requestOf: () => undefined },
    globalMemory: fakeMemory(),
    memory: fakeMemory(),
    log: { warn: () => undefined, error: () => undefined, show: () => undefined },
    authority: () => Promise.resolve('/ca.pem'),
    sidecar: {
      request: (/** @type {string} */ method, /** @type {any} */ params) => {
        requests.push([method, params]);
        return Promise.resolve({
          token: 'the token',
          jumpHosts: [{ target: 'i-1', name: 'jump', isSuitable: true, isUsable: true, reasons: [] }],
          secrets: [],
          password: 'x',
        });
      },
    },
  };
  const { registerCommands } = await load('commands/all', vscode);
  registerCommands(services, {}, {});
  /** @type {string[]} */
  const asked = [];
  const noted = (/** @type {any} */ { title, step, totalSteps }) => {
    asked.push(step === undefined ? title : `${title} (${step}/${totalSteps})`);
  };
  return {
    editor,
    asked,
    requests,
    noted,
    run: (/** @type {string} */ name, /** @type {object[]} */ ...given) => commands.get(name)?.(...given),
  };
}

describe('A command on a tunnel', () => {
  for (const [name, title] of /** @type {const} */ ([
    ['copyDetails', 'Copy connection details'],
    ['copyIamToken', 'Database user for users'],
    ['copyPassword', 'Copy the password for users'],
    ['chooseJumpHost', `Jump host for ${host}:5432`],
  ])) {
    it(`numbers its questions, and leads back to the tunnels (${name})`, async () => {
      const { editor, asked, noted, run } = await setUp(orders, users);
      /** @param {any} shown */
      const answer = shown => {
        noted(shown);
        if (shown.title === 'Tunnels') return shown.items[1];
        return asked.length === 2 ? back : undefined;
      };
      editor.user.pick = answer;
      editor.user.type = answer;
      await run(name);
      assert.deepEqual(asked, ['Tunnels (1/2)', `${title} (2/2)`, 'Tunnels (1/2)', `${title} (2/2)`]);
    });

    it(`asks one question without a number on a given tunnel (${name})`, async () => {
      const { editor, asked, noted, run } = await setUp(orders, users);
      editor.user.pick = noted;
      editor.user.type = shown => {
        noted(shown);
        return undefined;
      };
      await run(name, users);
      assert.deepEqual(asked, [title]);
    });
  }

  it('copies an IAM token of the one that was chosen', async () => {
    const { editor, requests, run } = await setUp(orders, users);
    editor.user.type = () => 'jane';
    await run('copyIamToken');
    assert.equal(editor.clipboard, 'the token');
    assert.deepEqual(
      requests.map(([method, { user }]) => [method, user]),
      [['password/createIamToken', 'jane']],
    );
  });

  it('that needs a database leaves out those to the jump host itself', async () => {
    const { editor, asked, noted, run } = await setUp(orders, shell);
    editor.user.pick = noted;
    await run('copyDetails');
    assert.deepEqual(asked, ['Copy connection details']);
    const { editor: other, run: runThere } = await setUp(shell);
    await runThere('copyDetails');
    assert.deepEqual(
      other.shown.map(({ message }) => message),
      ['No tunnel to a database is open.'],
    );
  });
});
