// What a person is told of tunnels without having asked: at once, and once.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeEditor } from './fake-editor.mjs';
import { load } from './load.mjs';

/** @param {{ isKnown?: boolean }} [options] */
async function setUp({ isKnown = true } = {}) {
  const editor = fakeEditor();
  const { tellOfState, tellOfConnection } = await load('notifications', editor.vscode);
  const services = { tunnels: { requestOf: () => (isKnown ? { host: 'db', port: 5432 } : undefined) }, log: { show: () => undefined } };
  /** @param {string} state @param {{ code: string, message: string }} [fault] */
  const tell = (state, fault) => {
    tellOfState(services, { id: 'a', name: 'orders', state, profile: 'work', ...(fault === undefined ? {} : { fault }) });
  };
  const connect = (/** @type {string} */ state) => {
    tellOfConnection(services, { id: 'a', name: 'orders', state, profile: 'work' });
  };
  return { tell, connect, shown: editor.shown };
}

const denied = { code: 'AccessDenied', message: 'Access denied.' };

describe('A tunnel that fails for a connection', () => {
  it('says so, with what may help', async () => {
    const { tell, shown } = await setUp();
    tell('Faulted', denied);
    assert.deepEqual(
      shown.map(({ message, buttons }) => [message, ...buttons]),
      [['orders: Access denied.', 'Permissions', 'Request access…', 'Check', 'Show log']],
    );
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
  it('offers it once for all connections of a moment', async () => {
    const { tell, connect, shown } = await setUp();
    tell('NeedsSignIn');
    connect('NeedsSignIn');
    connect('NeedsSignIn');
    assert.deepEqual(
      shown.map(({ message, buttons }) => [message, ...buttons]),
      [['orders: sign in to AWS. Connections are waiting.', 'Sign in']],
    );
  });

  it('offers it anew for a connection that comes later, though nobody has answered', async context => {
    context.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
    const { tell, connect, shown } = await setUp();
    tell('NeedsSignIn');
    context.mock.timers.tick(60_000);
    connect('NeedsSignIn');
    assert.equal(shown.length, 2);
    context.mock.timers.tick(60_000);
    connect('Open');
    assert.equal(shown.length, 2);
  });
});
