// A password that somebody asked for is in the clipboard, for a minute, and nowhere else.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { back, fakeEditor, fakeMemory } from './fake-editor.mjs';
import { load } from './load.mjs';

const tunnel = { host: 'orders.cluster-abc123.eu-central-1.rds.amazonaws.com', port: 5432, profile: 'work' };
const minuteMs = 60_000;

/** @param {() => Promise<{ secrets: { arn: string, name: string }[] }>} [list] */
async function setUp(
  list = () =>
    Promise.resolve({
      secrets: [
        { arn: 'arn:secret', name: 'master' },
        { arn: 'arn:reader', name: 'reader' },
      ],
    }),
) {
  const editor = fakeEditor();
  /** @type {any[][]} */
  const asked = [];
  const globalMemory = fakeMemory();
  globalMemory.all.set('knownDatabases', { [tunnel.host]: { engine: 'postgres', name: 'orders', masterSecretArn: 'arn:secret' } });
  const services = {
    log: { warn: () => undefined },
    sidecar: {
      request: (/** @type {string} */ method, /** @type {any} */ params) => {
        if (method === 'password/listSecrets') return list();
        asked.push([method, params]);
        return Promise.resolve({ password: 'correct horse', userName: 'admin' });
      },
    },
    globalMemory,
  };
  const { copyPassword, clearPasswords } = await load('commands/passwords', editor.vscode);
  return { editor, asked, copy: () => copyPassword(services, tunnel), clearPasswords };
}

describe('A password from Secrets Manager', () => {
  it('is read from the secret that the list of databases named, and is gone after a minute', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { editor, copy, asked } = await setUp();
    await copy();
    assert.deepEqual(asked, [['password/readSecret', { scope: { profile: 'work' }, secretId: 'arn:secret' }]]);
    assert.equal(editor.clipboard, 'correct horse');
    assert.deepEqual(
      editor.shown.map(({ message }) => message),
      ['Password of admin copied. It will be cleared from the clipboard in one minute.'],
    );
    t.mock.timers.tick(minuteMs - 1);
    await turn();
    assert.equal(editor.clipboard, 'correct horse');
    t.mock.timers.tick(1);
    await turn();
    assert.equal(editor.clipboard, '');
  });

  it("is chosen from a list that has the database's own secret first, and no secret twice", async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { editor, copy, asked } = await setUp();
    editor.user.pick = ({ items }) => {
      assert.deepEqual(
        items.map(({ label }) => label),
        ['$(key) Master user', '$(lock) reader', '$(edit) Enter a name or an ARN…'],
      );
      return items[1];
    };
    await copy();
    assert.deepEqual(
      asked.map(([, params]) => params.secretId),
      ['arn:reader'],
    );
  });

  it('can be typed where the list may not be read, and a step back leads to the list', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { editor, copy, asked } = await setUp(() => Promise.reject(new Error('Access denied.')));
    let lists = 0;
    editor.user.pick = ({ items }) => {
      lists++;
      return items.at(-1);
    };
    editor.user.type = ({ prompt }) => {
      assert.match(prompt, /Name or ARN/);
      return lists === 1 ? back : 'orders-reader';
    };
    await copy();
    assert.equal(lists, 2);
    assert.deepEqual(
      asked.map(([, params]) => params.secretId),
      ['orders-reader'],
    );
  });

  it('leaves alone what somebody has copied since', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { editor, copy } = await setUp();
    await copy();
    editor.clipboard = 'a shopping list';
    t.mock.timers.tick(minuteMs);
    await turn();
    assert.equal(editor.clipboard, 'a shopping list');
  });

  it('goes with the window', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { editor, copy, clearPasswords } = await setUp();
    await copy();
    await clearPasswords();
    assert.equal(editor.clipboard, '');
  });
});
