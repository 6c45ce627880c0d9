import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { load } from './load.mjs';
import { statistics as idle } from './tunnel.mjs';

const { TunnelStore } = await load('state/tunnels');
const { bytes, worst } = await load('state/summary');
const { Backoff } = await load('sidecar/backoff');

/** @param {string} id @param {number} localPort @param {string} [state] */
const tunnel = (id, localPort, state = 'Listening') => ({
  id,
  name: id,
  host: 'db',
  port: 5432,
  localPort,
  maxSessions: 4,
  state,
  statistics: idle,
});

describe('TunnelStore', () => {
  it('orders tunnels by port, and forgets those that are closed', () => {
    const store = new TunnelStore();
    store.opened(tunnel('a', 6000), { host: 'db', port: 5432 });
    store.opened(tunnel('b', 5000), { host: 'db', port: 5432 });
    assert.deepEqual(
      store.all.map((/** @type {any} */ each) => each.id),
      ['b', 'a'],
    );
    store.stateChanged(tunnel('b', 5000, 'Closed'));
    assert.deepEqual(
      store.all.map((/** @type {any} */ each) => each.id),
      ['a'],
    );
  });

  it('keeps a state that came before the answer to the request', () => {
    const store = new TunnelStore();
    store.stateChanged(tunnel('a', 6000, 'Open'));
    store.opened(tunnel('a', 6000, 'Listening'), { host: 'db', port: 5432 });
    assert.equal(store.find('a').state, 'Open');
  });

  it('tells rates from the difference of two statistics', () => {
    let now = 0;
    const store = new TunnelStore(() => now);
    store.opened(tunnel('a', 6000), { host: 'db', port: 5432 });
    now = 500;
    store.statistics('a', { ...idle, bytesDown: 1_000, bytesUp: 50 });
    assert.deepEqual(store.rateOf('a'), { up: 100, down: 2_000 });
  });

  it('forgets a rate when nothing more is told, and says so', t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let now = 0;
    const store = new TunnelStore(() => now);
    store.opened(tunnel('a', 6000), { host: 'db', port: 5432 });
    now = 500;
    store.statistics('a', { ...idle, bytesDown: 1_000 });
    let told = 0;
    store.onChanged(() => {
      told++;
    });
    now = 1_600;
    t.mock.timers.tick(1_100);
    assert.equal(told, 1);
    assert.deepEqual(store.rateOf('a'), { up: 0, down: 0 });
  });

  it('asks for the same ports again, and for no session', () => {
    const store = new TunnelStore();
    store.opened(tunnel('a', 6000), { host: 'db', port: 5432, openNow: true });
    assert.deepEqual(store.requests, [{ host: 'db', port: 5432, localPort: 6000, openNow: false }]);
  });

  it('tells whoever listens, until that stops', () => {
    const store = new TunnelStore();
    let told = 0;
    const stop = store.onChanged(() => {
      told++;
    });
    store.stateChanged(tunnel('a', 6000));
    stop();
    store.stateChanged(tunnel('a', 6000, 'Open'));
    assert.equal(told, 1);
  });
});

describe('What is told of tunnels', () => {
  it('is what most wants to be known', () => {
    assert.equal(worst([]), undefined);
    assert.equal(worst([tunnel('a', 1, 'Open'), tunnel('b', 2, 'NeedsSignIn'), tunnel('c', 3, 'Faulted')]), 'NeedsSignIn');
    assert.equal(worst([tunnel('a', 1, 'Open'), tunnel('b', 2, 'Listening')]), 'Open');
  });

  it('counts bytes in decimal units', () => {
    assert.deepEqual(
      [0, 999, 1_000, 1_234_567, 2e15].map(count => bytes(count)),
      ['0 B', '999 B', '1.0 kB', '1.2 MB', '2000.0 TB'],
    );
  });
});

describe('Backoff', () => {
  it('doubles up to half a minute, and begins anew after a healthy life', () => {
    const backoff = new Backoff();
    assert.deepEqual(
      Array.from({ length: 8 }, () => backoff.nextMs(0)),
      [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000],
    );
    assert.equal(backoff.nextMs(60_000), 500);
    assert.equal(backoff.nextMs(0), 500);
  });
});
