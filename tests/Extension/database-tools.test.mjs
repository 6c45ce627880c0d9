import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { root } from '../../scripts/lib/paths.mjs';
import { fakeEditor } from './fake-editor.mjs';
import { load } from './load.mjs';

const { databaseTools } = await load('databaseTools/all');
const { routed, restored } = await load('databaseTools/changes');
const { endpointOf, isAwsDatabase, isSameHost, regionOf } = await load('databaseTools/endpoints');
const { connectionDetails } = await load('commands/connectionDetails', fakeEditor().vscode);

// What the sidecar's tests read, too.
const vectors = JSON.parse(await readFile(`${root}tests/vectors/endpoints.json`, 'utf8'));

const host = 'orders.cluster-abc123.eu-central-1.rds.amazonaws.com';
const route = { host, port: 5432, localPort: 15432 };
/** @param {string} section */
const tool = section => databaseTools.find((/** @type {any} */ each) => each.section === section);

describe('Endpoints', () => {
  for (const { host: name, ...expected } of vectors.endpoints) {
    it(`of AWS: ${name}`, () => {
      assert.deepEqual(endpointOf(name), expected);
      assert.ok(isAwsDatabase(name));
      assert.equal(regionOf(name), expected.region);
    });
  }

  it('of others are none', () => {
    for (const name of vectors.others) assert.equal(endpointOf(name), undefined, name);
  });

  it('are compared as DNS does', () => {
    assert.ok(isSameHost(host, `${host.toUpperCase()}.`));
    assert.ok(!isSameHost(host, `x${host}`));
  });
});

describe('A connection of a database tool', () => {
  /** @type {[string, string, object, object][]} */
  const cases = [
    ['SQLTools, PostgreSQL with TLS', 'sqltools',
      { name: 'orders', driver: 'PostgreSQL', server: host, port: 5432, username: 'jane', connectionTimeout: 15, pgOptions: { ssl: { ca: '/ca.pem', rejectUnauthorized: true } } },
      { name: 'orders', driver: 'PostgreSQL', server: '127.0.0.1', port: 15432, username: 'jane', connectionTimeout: 120, pgOptions: { ssl: { ca: '/ca.pem', rejectUnauthorized: true, servername: host } } }],
    ['SQLTools, PostgreSQL with ssl: true', 'sqltools',
      { name: 'orders', driver: 'PostgreSQL', server: host, pgOptions: { ssl: true } },
      { name: 'orders', driver: 'PostgreSQL', server: '127.0.0.1', port: 15432, connectionTimeout: 120, pgOptions: { ssl: { rejectUnauthorized: true, servername: host } } }],
    ['SQLTools, MySQL', 'sqltools',
      { name: 'orders', driver: 'MySQL', server: host, port: 3306 },
      { name: 'orders', driver: 'MySQL', server: '127.0.0.1', port: 15432, connectionTimeout: 120 }],
    ['mssql', 'mssql',
      { profileName: 'orders', server: `tcp:${host},1433`, encrypt: 'Mandatory', connectTimeout: 300 },
      { profileName: 'orders', server: '127.0.0.1', port: 15432, encrypt: 'Mandatory', connectTimeout: 300, hostNameInCertificate: host }],
    ['pgsql', 'pgsql',
      { profileName: 'orders', server: host, port: '5432', sslmode: 'verify-full' },
      { profileName: 'orders', server: host, hostaddr: '127.0.0.1', port: '15432', sslmode: 'verify-full', connectTimeout: 120 }],
    ['MongoDB', 'mdb',
      { name: 'docs', connectionString: `mongodb://jane:s3cret@${host}:27017/shop?tls=true&replicaSet=rs0&retryWrites=false` },
      { name: 'docs', connectionString: 'mongodb://jane:s3cret@127.0.0.1:15432/shop?tls=true&retryWrites=false&directConnection=true&tlsAllowInvalidHostnames=true' }],
  ];
  for (const [name, section, before, after] of cases) {
    it(`of ${name} is led through a tunnel, and back`, () => {
      assert.equal(tool(section).connection(before).host, host);
      const { entry, changes } = routed(tool(section), before, route);
      assert.deepEqual(entry, after);
      assert.ok(!JSON.stringify(changes).includes('s3cret'), 'what is kept to undo it holds no secret');
      const back = restored(tool(section), entry, changes);
      if (section === 'mdb') {
        const options = (/** @type {any} */ each) => [...new URL(each.connectionString.replace('mongodb:', 'http:')).searchParams].sort();
        assert.deepEqual(options(back), options(before));
        assert.equal(back.connectionString.split('?')[0], /** @type {any} */ (before).connectionString.split('?')[0]);
      } else {
        assert.deepEqual(back, before);
      }
    });
  }

  it('keeps what was changed since, when it is undone', () => {
    const { entry, changes } = routed(tool('sqltools'), { name: 'orders', driver: 'PostgreSQL', server: host, port: 5432 }, route);
    assert.deepEqual(restored(tool('sqltools'), { ...entry, username: 'jim' }, changes), { name: 'orders', driver: 'PostgreSQL', server: host, port: 5432, username: 'jim' });
  });

  it('that leads to this machine already is left alone', () => {
    assert.equal(tool('pgsql').connection({ server: host, hostaddr: '127.0.0.1' }), undefined);
    assert.equal(tool('mdb').connection({ connectionString: 'mongodb+srv://x' }), undefined);
    assert.equal(tool('sqltools').connection({ connectString: 'x' }), undefined);
  });

  it('is made for the engines that a tool knows', () => {
    assert.equal(tool('sqltools').create('a', 'postgres', route).pgOptions.ssl.servername, host);
    assert.equal(tool('mssql').create('a', 'postgres', route), undefined);
    assert.equal(tool('mssql').create('a', 'sqlserver-se', route).hostNameInCertificate, host);
    assert.equal(tool('pgsql').create('a', 'aurora-postgresql', route).sslmode, 'verify-full');
    assert.match(tool('mdb').create('a', 'docdb', route).connectionString, /directConnection=true/);
  });
});

describe('Connection details', () => {
  it('name the database for verification, and this machine for the way', () => {
    const tunnel = { id: 't', name: 'orders', host, port: 5432, localPort: 15432 };
    const details = new Map(connectionDetails(tunnel, 'postgres').map((/** @type {any} */ { name, text }) => [name, text]));
    assert.equal(details.get('Address'), '127.0.0.1:15432');
    assert.match(details.get('psql'), new RegExp(`host=${host} hostaddr=127.0.0.1 port=15432 sslmode=verify-full`));
    for (const engine of ['postgres', 'mysql', 'sqlserver', 'docdb', 'redis', 'oracle']) assert.ok(connectionDetails(tunnel, engine).length >= 2, engine);
  });
});
