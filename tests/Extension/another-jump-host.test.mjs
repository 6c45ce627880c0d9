// A tunnel that is led through another jump host, or back.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { fakeEditor } from './fake-editor.mjs';
import { load } from './load.mjs';

describe('A tunnel through another jump host', () => {
  it('that cannot be opened listens as before, on its port', async () => {
    const { vscode, shown, user } = fakeEditor();
    user.pick = ({ items }) => items.find(({ target }) => target === 'i-2');
    const { reopenThroughAnother } = await load('commands/openTunnel', {
      ...vscode,
      ProgressLocation: {},
      window: {
        ...vscode.window,
        withProgress: (/** @type {unknown} */ _, /** @type {(progress: unknown, cancellation: unknown) => unknown} */ run) =>
          run(undefined, undefined),
      },
    });
    /** @type {unknown[]} */
    const opened = [];
    const answer = (/** @type {string} */ method, /** @type {{ openNow?: boolean }} */ params) => {
      if (method === 'jumpHost/list')
        return Promise.resolve({ jumpHosts: ['i-1', 'i-2'].map(target => ({ target, isUsable: true, reasons: [] })), recommended: 'i-1' });
      if (method !== 'tunnel/open') return Promise.resolve({});
      opened.push(params);
      return params.openNow === true ? Promise.reject(new Error('It is offline.')) : Promise.resolve({ id: 'again', localPort: 15_432 });
    };
    const services = {
      sidecar: { request: answer },
      tunnels: { opened: () => undefined },
      log: { error: () => undefined, show: () => undefined },
    };
    const request = { host: 'db', port: 5432, profile: 'work' };

    const done = reopenThroughAnother(services, { ...request, id: 'a', target: 'i-1', localPort: 15_432 }, request);
    for (let turns = 0; turns < 100 && shown.length === 0; turns++) await turn();

    assert.deepEqual(opened, [
      { ...request, target: 'i-2', localPort: 15_432, openNow: true },
      { ...request, localPort: 15_432, openNow: false },
    ]);
    assert.deepEqual(
      shown.map(({ message }) => message),
      ['It is offline.'],
    );
    shown[0]?.press();
    await done;
  });
});
