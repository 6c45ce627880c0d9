// What a workspace's files may do with the user's AWS identity is asked, with everything that it does.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeEditor, fakeMemory } from './fake-editor.mjs';
import { load } from './load.mjs';

describe('The question about tunnels of a workspace', () => {
  for (const [login, words] of /** @type {const} */ ([
    [{}, /\(profile dev, default region\)/],
    [{ login: 'iam', user: 'app' }, /profile dev, .*signs in to the database as app with IAM/],
    [{ login: 'secret', secretId: 'rds!orders' }, /profile dev, .*signs in to the database with the secret rds!orders/],
    [{ login: 'secret', secretId: 'rds!orders', user: 'app' }, /signs in to the database as app with the secret rds!orders/],
    [{ socket: true }, /profile dev, default region, socket file/],
    [{ login: 'tls' }, /encrypts the connection to the database/],
  ])) {
    it(`names identity and login: ${JSON.stringify(login)}`, async () => {
      const { vscode } = fakeEditor();
      const { Consent } = await load('workspace/consent', vscode);
      /** @type {string[]} */
      const asked = [];
      Object.assign(vscode.window, {
        showWarningMessage: (/** @type {string} */ message) => {
          asked.push(message);
          return Promise.resolve(undefined);
        },
      });
      const consent = new Consent(fakeMemory());
      const request = { host: 'db', port: 5432, localPort: 15432, profile: 'dev', ...login };
      assert.equal(await consent.ask([request], () => Promise.resolve()), false);
      assert.equal(asked.length, 1);
      assert.match(asked[0] ?? '', words);
      assert.equal(consent.isAllowed(request), false);
    });
  }

  it('names the variables that a tunnel sets, and asks again when they change', async () => {
    const { vscode } = fakeEditor();
    const { Consent } = await load('workspace/consent', vscode);
    /** @type {string[]} */
    const asked = [];
    Object.assign(vscode.window, {
      showWarningMessage: (/** @type {string} */ message, /** @type {string} */ allow) => {
        asked.push(message);
        return Promise.resolve(allow);
      },
    });
    const consent = new Consent(fakeMemory());
    const plainTunnel = { host: 'db', port: 5432, localPort: 15432, profile: 'dev' };
    const showFile = () => Promise.resolve();
    await consent.ask([plainTunnel], showFile);
    assert.doesNotMatch(asked[0] ?? '', /terminals/);
    const setting = { ...plainTunnel, environment: true };
    assert.equal(consent.isAllowed(setting), false);
    await consent.ask([setting], showFile);
    assert.match(asked[1] ?? '', /sets DATABASE_URL and similar variables in terminals, tasks and debug sessions/);
    assert.equal(consent.isAllowed(setting), true);
    for (const other of [
      { ...setting, environment: 'ORDERS_' },
      { ...setting, database: 'shop' },
    ])
      assert.equal(consent.isAllowed(other), false);
    await consent.ask([{ ...setting, environment: 'ORDERS_' }], showFile);
    assert.match(asked[2] ?? '', /sets ORDERS_DATABASE_URL and/);
  });
});
