// What a person is told of tunnels without having asked: at once, and once.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { fakeEditor } from './fake-editor.mjs';
import { load } from './load.mjs';

/** @param {{ isKnown?: boolean }} [options] */
async function setUp({ isKnown = true } = {}) {
  const editor = fakeEditor();
  const { tellOfState } = await load('notifications', editor.vscode);
  const services = { tunnels: { requestOf: () => isKnown ? { host: 'db', port: 5432 } : undefined }, log: { show: () => undefined } };
  /** @param {string} state @param {{ code: string, message: string }} [fault] */
  const tell = (state, fault) => {
    tellOfState(services, { id: 'a', name: 'orders', state, profile: 'work', ...fault === undefined ? {} : { fault } });
  };
  return { tell, shown: editor.shown };
}

const denied = { code: 'AccessDenied', message: 'Access denied.' };

describe('A tunnel that fails for a connection', () => {
  it('says so, with what may help', async () => {
    const { tell, shown } = await setUp();
    tell('Faulted', denied);
    assert.deepEqual(shown.map(({ message, buttons }) => [message, ...buttons]), [['orders: Access denied.', 'Check', 'Permissions', 'Show log']]);
  });

  it('does not say it again while a tool tries and tries, but after it was well', async () => {
    const { tell, shown } = await setUp();
    for (let i = 0; i < 5; i++) {
      tell('Opening');
      tell('Faulted', denied);
    }
    assert.equal(shown.length, 1);
    tell('Faulted', { code: 'Unreachable', message: 'Nobody answers.' });
    assert.equal(shown.length, 2);
    tell('Open');
    tell('Faulted', denied);
    assert.equal(shown.length, 3);
  });

  it('says nothing beside the command that opens it', async () => {
    const { tell, shown } = await setUp({ isKnown: false });
    tell('Faulted', denied);
    assert.deepEqual(shown, []);
  });
});

describe('A tunnel that needs a sign-in', () => {
  it('offers it once at a time', async () => {
    const { tell, shown } = await setUp();
    tell('NeedsSignIn');
    tell('NeedsSignIn');
    assert.deepEqual(shown.map(({ message, buttons }) => [message, ...buttons]), [['orders needs a sign-in to AWS; its connections wait for it.', 'Sign in']]);
    shown[0]?.press();
    await turn();
    tell('NeedsSignIn');
    assert.equal(shown.length, 2);
  });
});
