import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeEditor } from './fake-editor.mjs';
import { load } from './load.mjs';

const { History, mostSamples } = await load('state/history');
const most = Number(mostSamples);
const { knownDatabase, rememberDatabases } = await load('state/knownDatabases');
const { engineOf, familyOf } = await load('state/engines');
const { addRegion, addedRegions, removeRegion } = await load('state/regions');
const { byName, nameOf } = await load('state/summary');
const { failureLines } = await load('ui/failures', fakeEditor().vscode);
const { niceTop } = await load('../webview/graph');

/** A memory as the editor gives one. */
function memento() {
  const values = new Map();
  return {
    get: (/** @type {string} */ key, /** @type {unknown} */ otherwise) => values.get(key) ?? otherwise,
    update: (/** @type {string} */ key, /** @type {unknown} */ value) => {
      values.set(key, value);
      return Promise.resolve();
    },
  };
}

/** @param {string} host @param {object} [more] */
const database = (host, more = {}) => ({ id: host, name: host, role: 'Instance', engine: 'aurora-mysql', host, port: 3306, ...more });

describe('The history of a tunnel', () => {
  it('tells rates between two looks at the counters', () => {
    const history = new History();
    assert.equal(history.add(1_000, { bytesUp: 0, bytesDown: 0 }), undefined);
    assert.deepEqual(history.add(1_500, { bytesUp: 100, bytesDown: 1_000, roundTripTimeMilliseconds: 12 }), {
      time: 1_500,
      up: 200,
      down: 2_000,
      roundTrip: 12,
    });
    assert.deepEqual(history.add(2_000, { bytesUp: 100, bytesDown: 1_000 }), { time: 2_000, up: 0, down: 0 });
  });

  it('counts from zero again after a restart', () => {
    const history = new History();
    history.add(1_000, { bytesUp: 900, bytesDown: 900 });
    assert.deepEqual(history.add(2_000, { bytesUp: 0, bytesDown: 0 }), { time: 2_000, up: 0, down: 0 });
  });

  it('keeps the latest', () => {
    const history = new History();
    for (let i = 0; i <= most + 10; i++) history.add(i, { bytesUp: i, bytesDown: 0 });
    assert.equal(history.samples.length, most);
    assert.equal(history.samples.at(-1).time, most + 10);
  });
});

describe('What could not be listed', () => {
  /** @param {string} action @param {string} [code] */
  const failure = (action, code = 'AccessDenied') => ({ action, code, message: `${action} failed.` });

  it('is a line each, but permissions that are missing share one', () => {
    assert.deepEqual(failureLines([failure('mq:ListBrokers')]), [
      { text: 'mq:ListBrokers', detail: 'mq:ListBrokers failed.', code: 'AccessDenied' },
    ]);
    assert.deepEqual(
      failureLines([
        failure('mq:ListBrokers'),
        failure('rds:DescribeDBClusters', 'Throttled'),
        failure('dms:DescribeEndpoints'),
        failure('mq:ListBrokers'),
      ]),
      [
        { text: 'rds:DescribeDBClusters', detail: 'rds:DescribeDBClusters failed.', code: 'Throttled' },
        { text: '3 permissions are missing', detail: 'mq:ListBrokers, dms:DescribeEndpoints', code: 'AccessDenied' },
      ],
    );
  });
});

describe('What lists have said of databases', () => {
  it('is remembered by host, the newest words for each', async () => {
    const memory = memento();
    await rememberDatabases(memory, [database('a', { masterSecretArn: 'arn:1' }), database('b')]);
    await rememberDatabases(memory, [database('a', { engine: 'postgres' })]);
    assert.deepEqual(knownDatabase(memory, 'a'), { engine: 'postgres', name: 'a' });
    assert.deepEqual(knownDatabase(memory, 'b'), { engine: 'aurora-mysql', name: 'b' });
    assert.equal(knownDatabase(memory, 'c'), undefined);
  });

  it('is found by any spelling of the host', async () => {
    const memory = memento();
    await rememberDatabases(memory, [database('orders.example')]);
    assert.equal(knownDatabase(memory, 'Orders.Example.')?.name, 'orders.example');
    assert.equal(knownDatabase(memory, 'constructor'), undefined);
  });

  it('does not grow for ever', async () => {
    const memory = memento();
    await rememberDatabases(
      memory,
      Array.from({ length: 2_500 }, (_, i) => database(`db-${i}`)),
    );
    assert.equal(knownDatabase(memory, 'db-0'), undefined);
    assert.equal(knownDatabase(memory, 'db-2499')?.name, 'db-2499');
  });

  it('names the engine, and the port does where no list has', async () => {
    const memory = memento();
    await rememberDatabases(memory, [database('odd', { port: 5432 })]);
    assert.equal(familyOf(engineOf(memory, { host: 'odd', port: 5432 })), 'mysql');
    assert.equal(familyOf(engineOf(memory, { host: 'unknown', port: 5439 })), 'postgres');
    assert.equal(familyOf(engineOf(memory, { port: 1521 })), 'other');
    assert.equal(
      familyOf(engineOf(memory, { host: 'docs.cluster-abc.eu-west-1.docdb.amazonaws.com', port: 5432 })),
      'docdb',
      'the name of a host says more than its port',
    );
    assert.equal(familyOf(engineOf(memory, { host: 'abc.dsql.eu-west-1.on.aws', port: 6432 })), 'postgres');
  });
});

describe('The regions of a profile', () => {
  it('are added once, and taken away again', async () => {
    const memory = memento();
    await addRegion(memory, 'dev', 'eu-west-1');
    await addRegion(memory, 'dev', 'eu-west-1');
    await addRegion(memory, 'dev', 'us-east-1');
    assert.deepEqual(addedRegions(memory, 'dev'), ['eu-west-1', 'us-east-1']);
    await removeRegion(memory, 'dev', 'eu-west-1');
    assert.deepEqual(addedRegions(memory, 'dev'), ['us-east-1']);
    assert.deepEqual(addedRegions(memory, 'other'), []);
  });
});

describe('A list of databases', () => {
  it('has what belongs together together, and what is written to first', () => {
    const list = [
      database('b', { name: 'orders', role: 'Reader' }),
      database('c', { name: 'accounts' }),
      database('a', { name: 'orders', role: 'Writer' }),
    ];
    assert.deepEqual(list.sort(byName).map(nameOf), ['accounts', 'orders', 'orders (reader)']);
  });
});

describe('The scale of a graph', () => {
  it('is a round number above all values', () => {
    assert.deepEqual([0, 1, 3, 20, 21, 750_000].map(niceTop), [1, 1, 5, 20, 50, 1_000_000]);
  });
});
