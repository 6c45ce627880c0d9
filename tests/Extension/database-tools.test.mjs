import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { root } from '../../scripts/lib/paths.mjs';
import { identityOf } from '../EndToEnd/sqltools.mjs';
import { fakeEditor } from './fake-editor.mjs';
import { load } from './load.mjs';

const { databaseTools } = await load('databaseTools/all');
const { routed, undo } = await load('databaseTools/changes');
const { additionTo } = await load('databaseTools/newEntry');
const { endpointOf, isAwsDatabase, isSameHost, regionOf } = await load('state/endpoints');
const { projectFiles } = await load('databaseTools/projectFiles');
const { connectionDetails } = await load('databaseTools/connectionDetails', fakeEditor().vscode);

// What the sidecar's tests read, too.
const vectors = JSON.parse(await readFile(`${root}tests/vectors/endpoints.json`, 'utf8'));

const host = 'orders.cluster-abc123.eu-central-1.rds.amazonaws.com';
const authority = '/home/jane/global-bundle.pem';
const route = { host, port: 5432, localPort: 15432, authority };
const mongoAuthority = encodeURIComponent(authority);
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
    [
      'SQLTools, PostgreSQL with TLS',
      'sqltools',
      {
        name: 'orders',
        driver: 'PostgreSQL',
        server: host,
        port: 5432,
        username: 'jane',
        connectionTimeout: 15,
        pgOptions: { ssl: { ca: '/ca.pem', rejectUnauthorized: true } },
      },
      {
        name: 'orders',
        driver: 'PostgreSQL',
        server: '127.0.0.1',
        port: 15432,
        username: 'jane',
        connectionTimeout: 120,
        pgOptions: { ssl: { ca: '/ca.pem', rejectUnauthorized: true, servername: host } },
      },
    ],
    [
      'SQLTools, PostgreSQL with ssl: true',
      'sqltools',
      { name: 'orders', driver: 'PostgreSQL', server: host, pgOptions: { ssl: true } },
      {
        name: 'orders',
        driver: 'PostgreSQL',
        server: '127.0.0.1',
        pgOptions: { ssl: { rejectUnauthorized: true, ca: authority, servername: host } },
        connectionTimeout: 120,
        port: 15432,
      },
    ],
    [
      'SQLTools, PostgreSQL that does not verify',
      'sqltools',
      { name: 'orders', driver: 'PostgreSQL', server: host, pgOptions: { max: 3, ssl: { rejectUnauthorized: false } } },
      {
        name: 'orders',
        driver: 'PostgreSQL',
        server: '127.0.0.1',
        pgOptions: { max: 3, ssl: { rejectUnauthorized: false, servername: host } },
        connectionTimeout: 120,
        port: 15432,
      },
    ],
    [
      'SQLTools, PostgreSQL with a connection string',
      'sqltools',
      {
        name: 'orders',
        driver: 'PostgreSQL',
        connectString: `postgresql://jane:s3cret@${host}:5432/shop?application_name=x&sslmode=require&keepalives=1`,
        group: 'a',
      },
      {
        name: 'orders',
        driver: 'PostgreSQL',
        connectString: 'postgresql://jane:s3cret@127.0.0.1:15432/shop?application_name=x&keepalives=1',
        group: 'a',
        connectionTimeout: 120,
        pgOptions: { ssl: { rejectUnauthorized: true, ca: authority, servername: host } },
      },
    ],
    [
      'SQLTools, MySQL',
      'sqltools',
      { name: 'orders', driver: 'MySQL', server: host, port: 3306 },
      { name: 'orders', driver: 'MySQL', server: '127.0.0.1', port: 15432, connectionTimeout: 120 },
    ],
    [
      'SQLTools, MySQL with TLS',
      'sqltools',
      { name: 'orders', driver: 'MySQL', server: host, port: 3306, mysqlOptions: { authProtocol: 'default', ssl: {} } },
      {
        name: 'orders',
        driver: 'MySQL',
        server: '127.0.0.1',
        port: 15432,
        mysqlOptions: { authProtocol: 'default', ssl: { ca: authority } },
        connectionTimeout: 120,
      },
    ],
    [
      'SQLTools, MySQL that verifies names',
      'sqltools',
      {
        name: 'orders',
        driver: 'MySQL',
        server: host,
        port: 3306,
        mysqlOptions: { ssl: { verifyIdentity: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' }, authProtocol: 'default' },
      },
      {
        name: 'orders',
        driver: 'MySQL',
        server: '127.0.0.1',
        port: 15432,
        mysqlOptions: { ssl: { rejectUnauthorized: true, minVersion: 'TLSv1.2', ca: authority }, authProtocol: 'default' },
        connectionTimeout: 120,
      },
    ],
    [
      'SQLTools, MySQL with a connection string',
      'sqltools',
      { name: 'orders', driver: 'MySQL', connectString: `mysql://jane:s3cret@${host}/shop?connectTimeout=5000` },
      {
        name: 'orders',
        driver: 'MySQL',
        connectString: 'mysql://jane:s3cret@127.0.0.1:15432/shop?connectTimeout=120000',
        connectionTimeout: 120,
      },
    ],
    [
      'SQLTools, SQL Server with a connection string',
      'sqltools',
      { name: 'orders', driver: 'MSSQL', connectString: `Server=tcp:${host},1433;Database=shop;User Id=jane;Password=s3cret;Encrypt=true` },
      {
        name: 'orders',
        driver: 'MSSQL',
        connectString: `Server=127.0.0.1,15432;Database=shop;User Id=jane;Password=s3cret;Encrypt=true;HostNameInCertificate=${host};Connect Timeout=120`,
        connectionTimeout: 120,
      },
    ],
    [
      'mssql',
      'mssql',
      { profileName: 'orders', server: `tcp:${host},1433`, encrypt: 'Mandatory', connectTimeout: 300 },
      { profileName: 'orders', server: '127.0.0.1,15432', encrypt: 'Mandatory', connectTimeout: 300, hostNameInCertificate: host },
    ],
    [
      'mssql, with a blank before the port',
      'mssql',
      { profileName: 'orders', server: `${host}, 1433`, encrypt: 'Optional' },
      { profileName: 'orders', server: '127.0.0.1,15432', encrypt: 'Optional', connectTimeout: 120 },
    ],
    [
      'mssql, with a connection string',
      'mssql',
      {
        profileName: 'orders',
        connectionString: `Data Source=${host} , 1433;Initial Catalog=shop;Password="s3cret;Server=x";Connection Timeout=15;`,
      },
      {
        profileName: 'orders',
        connectionString: `Data Source=127.0.0.1,15432;Initial Catalog=shop;Password="s3cret;Server=x";Connection Timeout=120;HostNameInCertificate=${host};`,
      },
    ],
    [
      'pgsql',
      'pgsql',
      { profileName: 'orders', server: host, port: '5432', sslmode: 'verify-full' },
      { profileName: 'orders', server: host, port: '15432', sslmode: 'verify-full', hostaddr: '127.0.0.1', connectTimeout: 120 },
    ],
    [
      'DBCode, as it writes connections itself',
      'dbcode',
      {
        connectionId: 'cOnPEakEz5',
        name: 'orders',
        driver: 'postgres',
        connectionType: 'host',
        host,
        port: 5432,
        ssl: true,
        username: 'jane',
        password: 's3cret',
        savePassword: 'yes',
        tunnelId: null,
        connectionTimeout: 30,
      },
      {
        connectionId: 'cOnPEakEz5',
        name: 'orders',
        driver: 'postgres',
        connectionType: 'host',
        host: '127.0.0.1',
        port: 15432,
        ssl: true,
        username: 'jane',
        password: 's3cret',
        savePassword: 'yes',
        tunnelId: null,
        connectionTimeout: 120,
        sslTrustCertificate: true,
      },
    ],
    [
      'DBCode, with few words',
      'dbcode',
      { name: 'orders', host, sslTrustCertificate: false, driver: 'mariadb' },
      { name: 'orders', host: '127.0.0.1', sslTrustCertificate: false, driver: 'mariadb', port: 15432, connectionTimeout: 120 },
    ],
    [
      'DBCode, that verified',
      'dbcode',
      { sslTrustCertificate: false, ssl: true, connectionTimeout: 300, driver: 'mysql', host },
      { sslTrustCertificate: true, ssl: true, connectionTimeout: 300, driver: 'mysql', host: '127.0.0.1', port: 15432 },
    ],
    [
      'MongoDB',
      'mdb',
      { name: 'docs', connectionString: `mongodb://jane:s3cret@${host}:27017/shop?tls=true&replicaSet=rs0&retryWrites=false` },
      {
        name: 'docs',
        connectionString: `mongodb://jane:s3cret@127.0.0.1:15432/shop?tls=true&retryWrites=false&directConnection=true&tlsCAFile=${mongoAuthority}&tlsAllowInvalidHostnames=true&connectTimeoutMS=120000&serverSelectionTimeoutMS=120000`,
      },
    ],
    [
      'MongoDB with several hosts',
      'mdb',
      { name: 'docs', connectionString: `mongodb://jane:p@ss@${host}:27017,b.${host}:27017?ssl=true&tlsCAFile=/ca.pem` },
      {
        name: 'docs',
        connectionString:
          'mongodb://jane:p@ss@127.0.0.1:15432/?ssl=true&tlsCAFile=/ca.pem&directConnection=true&tlsAllowInvalidHostnames=true&connectTimeoutMS=120000&serverSelectionTimeoutMS=120000',
      },
    ],
  ];
  for (const [name, section, before, after] of cases) {
    it(`of ${name} is led through a tunnel, and back byte for byte`, () => {
      assert.equal(tool(section).connection(before).host, host);
      const { entry, changes } = routed(tool(section), before, route);
      assert.deepEqual(entry, after);
      assert.equal(tool(section).connection(entry), undefined);
      assert.equal(tool(section).localPort(entry), 15432);
      assert.doesNotMatch(JSON.stringify(changes), /s3cret|p@ss/, 'what is kept to undo it holds no secret');
      assert.equal(JSON.stringify(undo(entry, JSON.parse(JSON.stringify(changes)))), JSON.stringify(before));
    });
  }

  it('keeps what was changed since, when it is undone', () => {
    const { entry, changes } = routed(tool('sqltools'), { name: 'orders', driver: 'PostgreSQL', server: host, port: 5432 }, route);
    assert.deepEqual(undo({ ...entry, username: 'jim' }, changes), {
      name: 'orders',
      driver: 'PostgreSQL',
      server: host,
      port: 5432,
      username: 'jim',
    });
  });

  it('keeps what was changed since in its connection string', () => {
    const { entry, changes } = routed(
      tool('mdb'),
      { name: 'docs', connectionString: `mongodb://jane:old@${host}/?tls=true&connectTimeoutMS=5` },
      route,
    );
    const changed = {
      ...entry,
      connectionString: entry.connectionString
        .replace('old', 'new')
        .replace('&connectTimeoutMS=120000', '&connectTimeoutMS=90000&appName=x'),
    };
    assert.equal(undo(changed, changes).connectionString, `mongodb://jane:new@${host}/?tls=true&connectTimeoutMS=90000&appName=x`);
  });

  it('keeps a database, options and TLS that were chosen since', () => {
    const string = { name: 'docs', connectionString: `mongodb://${host}?connectTimeoutMS=5&tls=true&replicaSet=rs0` };
    const docs = routed(tool('mdb'), string, route);
    const edited = docs.entry.connectionString.replace('15432/', '15432/shop').replace('connectTimeoutMS=120000', 'connectTimeoutMS=90000');
    assert.equal(
      undo({ ...docs.entry, connectionString: edited }, docs.changes).connectionString,
      `mongodb://${host}/shop?connectTimeoutMS=90000&tls=true&replicaSet=rs0`,
    );
    const withString = { name: 'orders', driver: 'PostgreSQL', connectString: `postgres://jane@${host}/shop?sslmode=require` };
    const orders = routed(tool('sqltools'), withString, route);
    const { entry } = orders;
    assert.deepEqual(undo({ ...entry, connectionTimeout: 300, pgOptions: { ...entry.pgOptions, max: 3 } }, orders.changes), {
      ...withString,
      connectionTimeout: 300,
      pgOptions: { max: 3 },
    });
  });

  it('gets back each key in its place, among others that were added since', () => {
    const before = {
      name: 'orders',
      driver: 'MySQL',
      server: host,
      port: 3306,
      mysqlOptions: { ssl: { ca: '/ca.pem', verifyIdentity: true, minVersion: 'TLSv1.2' } },
    };
    const { entry, changes } = routed(tool('sqltools'), before, route);
    const changed = { ...entry, mysqlOptions: { ssl: { ...entry.mysqlOptions.ssl, maxVersion: 'TLSv1.3' } } };
    assert.equal(
      JSON.stringify(undo(changed, changes).mysqlOptions.ssl),
      JSON.stringify({ ...before.mysqlOptions.ssl, maxVersion: 'TLSv1.3' }),
    );
    assert.deepEqual(undo({ ...entry, mysqlOptions: undefined }, changes).mysqlOptions, undefined, 'what is gone stays gone');
  });

  it('has options that stand twice back', () => {
    const before = { name: 'docs', connectionString: `mongodb://${host}/?connectTimeoutMS=5&tls=true&connectTimeoutMS=5` };
    const { entry, changes } = routed(tool('mdb'), before, route);
    assert.deepEqual(undo(entry, changes), before);
  });

  it("of AWS's driver for Aurora DSQL is left alone: it signs a token for the host that it connects to", () => {
    const entry = { name: 'orders', server: 'abc0def1.dsql.eu-central-1.on.aws', port: 5432, username: 'admin' };
    assert.equal(
      tool('sqltools').connection({ ...entry, driver: 'Aurora DSQL Driver for SQLTools', connectionMethod: 'Server and Port' }),
      undefined,
    );
    assert.equal(tool('sqltools').connection({ ...entry, driver: 'PostgreSQL' }).host, entry.server);
  });

  it('of DBCode is known by its id alone', () => {
    const [one, other] = [
      { connectionId: 'a', name: 'orders', host },
      { connectionId: 'b', name: 'orders', host },
    ];
    assert.ok(tool('dbcode').isSame(one, { ...one, name: 'renamed', host: '127.0.0.1' }));
    assert.ok(!tool('dbcode').isSame(one, other));
    assert.ok(!tool('dbcode').isSame({ name: 'orders' }, { name: 'orders' }));
  });

  it('that leads to this machine already, or says no host, is left alone', () => {
    assert.equal(tool('pgsql').connection({ server: host, hostaddr: '127.0.0.1' }), undefined);
    assert.equal(tool('mdb').connection({ connectionString: 'mongodb+srv://x' }), undefined);
    for (const connectString of ['x', 'postgres://127.0.0.1/x', `postgres://127.0.0.1/x?host=${host}`])
      assert.equal(tool('sqltools').connection({ driver: 'PostgreSQL', connectString }), undefined);
    for (const other of [
      { tunnelId: 'ssh:bastion' },
      { connectionType: 'socket' },
      { driver: 'mongodb' },
      { driver: undefined },
      { host: 'localhost' },
      { host: undefined },
    ])
      assert.equal(tool('dbcode').connection({ driver: 'postgres', host, port: 5432, ...other }), undefined);
    for (const other of [{ tunnelId: 'ssh:bastion' }, { driver: 'mongodb' }])
      assert.equal(tool('dbcode').localPort({ driver: 'postgres', host: '127.0.0.1', port: 5432, ...other }), undefined);
    for (const entry of [{ server: 'localhost' }, { server: `${host}\\instance` }, { connectionString: 'Database=x' }])
      assert.equal(tool('mssql').connection(entry), undefined);
  });
});

/** As the real tools tell connections apart. @type {Record<string, (one: any, other: any) => boolean>} */
const isOneToTheTool = {
  sqltools: (one, other) => identityOf(one) === identityOf(other),
  mssql: (one, other) => (one.id !== undefined && other.id !== undefined ? one.id === other.id : one.profileName === other.profileName),
  pgsql: (one, other) => (one.id !== undefined && other.id !== undefined ? one.id === other.id : one.profileName === other.profileName),
  mdb: () => false,
};

describe('A database that is added to a tool', () => {
  const staging = { profile: 'staging', region: 'eu-central-1' };
  /** @type {[string, string, string][]} */
  const tools = [
    ['sqltools', 'postgres', 'name'],
    ['sqltools', 'mysql', 'name'],
    ['mssql', 'sqlserver-se', 'profileName'],
    ['pgsql', 'aurora-postgresql', 'profileName'],
    ['mdb', 'docdb', 'name'],
  ];
  /** @param {object} [way] */
  const wanted = (way = {}) => ({ ...route, name: 'orders', user: 'jane', database: 'shop', ...way });
  const served = () => true;
  for (const [section, engine, nameKey] of tools) {
    it(`is another connection of ${section} than one of its name in another account (${engine})`, () => {
      const first = additionTo(tool(section), [], [], wanted({ engine }), { profile: 'production', region: 'eu-central-1' }, served).entry;
      assert.equal(first[nameKey], 'orders (production, eu-central-1)');
      for (const lists of [
        [[first], []],
        [[], [first]],
      ]) {
        const second = additionTo(tool(section), ...lists, wanted({ engine, localPort: 15433, host: `x${host}` }), staging, served).entry;
        assert.ok(!isOneToTheTool[section]?.(first, second));
        assert.notEqual(first[nameKey], second[nameKey]);
        // And in the same account and region, too.
        const third = additionTo(
          tool(section),
          [second, ...lists.flat()],
          [],
          wanted({ engine, localPort: 15434, host: `y${host}` }),
          staging,
          served,
        ).entry;
        assert.ok(!isOneToTheTool[section]?.(second, third));
        assert.equal(third[nameKey], `orders (staging, eu-central-1, y${host})`);
      }
    });

    it(`a second time updates the entry of ${section}, and keeps what was set there (${engine})`, () => {
      const { entry } = additionTo(tool(section), [], [], wanted({ engine }), staging, served);
      const changed = { ...entry, [nameKey]: 'mine', group: 'work' };
      const again = additionTo(tool(section), [{ name: 'other' }, changed], [], wanted({ engine, user: 'jim' }), staging, served);
      assert.equal(again.instead, changed);
      assert.equal(again.entry[nameKey], 'mine');
      assert.equal(again.entry.group, 'work');
      assert.equal(tool(section).localPort(again.entry), 15432);
      if (section !== 'mdb') assert.equal(again.entry.username ?? again.entry.user, 'jim');
    });

    it(`takes the place of an entry of ${section} whose tunnel is gone (${engine})`, () => {
      const { entry } = additionTo(tool(section), [], [], wanted({ engine }), staging, served);
      const again = additionTo(tool(section), [entry], [], wanted({ engine, localPort: 20_000 }), staging, () => false);
      assert.equal(again.instead, entry);
      assert.equal(tool(section).localPort(again.entry), 20_000);
    });
  }

  it('names the authority, the user, the database, and waits for a sign-in', () => {
    const add = (/** @type {string} */ section, /** @type {string} */ engine) => tool(section).create(wanted({ engine }));
    const common = {
      name: 'orders',
      server: '127.0.0.1',
      port: 15432,
      username: 'jane',
      askForPassword: true,
      connectionTimeout: 120,
      database: 'shop',
    };
    assert.deepEqual(add('sqltools', 'postgres'), {
      ...common,
      driver: 'PostgreSQL',
      pgOptions: { ssl: { rejectUnauthorized: true, ca: authority, servername: host } },
    });
    assert.deepEqual(add('sqltools', 'aurora-mysql'), { ...common, driver: 'MySQL', mysqlOptions: { ssl: { ca: authority } } });
    assert.equal(add('mssql', 'postgres'), undefined);
    assert.equal(add('sqltools', 'sqlserver-se'), undefined, 'its driver connects without encryption when TLS fails');
    const { id, ...profile } = add('mssql', 'sqlserver-se');
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.deepEqual(
      [profile.groupId, profile.user, profile.database, profile.hostNameInCertificate, profile.connectTimeout],
      ['ROOT', 'jane', 'shop', host, 120],
    );
    const { sslmode, sslrootcert, user } = add('pgsql', 'aurora-postgresql');
    assert.deepEqual([sslmode, sslrootcert, user], ['verify-full', authority, 'jane']);
    assert.equal(
      add('mdb', 'docdb').connectionString,
      `mongodb://jane@127.0.0.1:15432/shop?directConnection=true&tls=true&tlsCAFile=${mongoAuthority}&tlsAllowInvalidHostnames=true&retryWrites=false&connectTimeoutMS=120000&serverSelectionTimeoutMS=120000`,
    );
  });
});

describe('Connection details', () => {
  const tunnel = { id: 't', name: 'orders', host, port: 5432, localPort: 15432 };
  const facts = { authority: 'C:\\Users\\Jane Doe\\global-bundle.pem', user: 'jane' };
  const textOf = (/** @type {string} */ engine, /** @type {string} */ name) =>
    connectionDetails(tunnel, { ...facts, engine }).find((/** @type {any} */ each) => each.name.startsWith(name))?.text;

  it('name the database for verification, and this machine for the way', () => {
    assert.equal(textOf('postgres', 'Address'), '127.0.0.1:15432');
    assert.match(
      textOf('postgres', 'psql'),
      new RegExp(`host=${host} hostaddr=127.0.0.1 port=15432 dbname=postgres user=jane sslmode=verify-full`),
    );
    for (const engine of ['postgres', 'mysql', 'sqlserver', 'docdb', 'redis', 'oracle'])
      assert.ok(connectionDetails(tunnel, { ...facts, engine }).length >= 2, engine);
  });

  it("hold no password, and the authority's file wherever it is verified", () => {
    for (const engine of ['postgres', 'mysql']) {
      for (const { name, text } of connectionDetails(tunnel, { ...facts, engine })) {
        if (!/^Address|mysql2|^DBCode/.test(name)) assert.match(decodeURIComponent(text), /Jane Doe\/global-bundle\.pem/, name);
      }
    }
  });

  it('give DBeaver what it needs to make the connection, and nothing where a value has its own mark', () => {
    const of = (/** @type {any} */ more, /** @type {any} */ way = {}) =>
      connectionDetails(
        { ...tunnel, name: "Jane's | orders", ...way },
        { authority: '/a b/c.pem', user: "o'neil", database: 'a;b', engine: 'aurora-postgresql', ...more },
      ).find((/** @type {any} */ each) => each.name.startsWith('DBeaver'))?.text;
    assert.equal(
      of({}),
      `dbeaver -con 'name=Jane'\\''s   orders|driver=postgresql|host=127.0.0.1|port=15432|database=a;b|user=o'\\''neil|prop.sslmode=verify-ca|prop.sslrootcert=/a b/c.pem|create=true|save=true|connect=false'`,
    );
    assert.match(of({}, { login: 'tls' }), /\|prop\.sslmode=disable\|create/);
    assert.match(of({ engine: 'mariadb' }), /\|driver=mariadb\|.*\|prop\.serverSslCert=\/a b\/c\.pem\|/);
    assert.equal(of({ user: 'a|b' }), undefined);
    for (const engine of ['sqlserver-se', 'docdb', 'redis', 'oracle-se2']) assert.equal(of({ engine }), undefined, engine);
  });

  it('give DataGrip a data source that is read back as it was meant, whatever the names', () => {
    const { connections } = projectFiles.find((/** @type {any} */ each) => each.program === 'DataGrip');
    for (const [engine, url] of [
      ['postgres', 'jdbc:postgresql://db.example:5432/a%26b%3Cc?sslmode=verify-ca&sslrootcert=%2Fx.pem'],
      ['mysql', 'jdbc:mariadb://db.example:5432/a&b<c?'],
      ['sqlserver-se', 'jdbc:sqlserver://db.example:5432;databaseName={a&b<c};encrypt=true;'],
    ]) {
      const text = connectionDetails(
        { ...tunnel, name: 'a "<b>"\n& c' },
        { engine, authority: '/x.pem', user: 'j<&>"', database: 'a&b<c' },
      ).find((/** @type {any} */ each) => each.name.startsWith('DataGrip'))?.text;
      assert.match(text, /^#DataSourceSettings#\n#LocalDataSource: a "<b>" & c\n#BEGIN#\n<data-source .*<\/data-source>\n#END#\n$/);
      assert.match(text, /<user-name>j&lt;&amp;&gt;&quot;<\/user-name>/);
      // It is not offered a tunnel, since it leads to this machine: to another one, it would be.
      assert.deepEqual(connections(text), []);
      const elsewhere = text.replace('127.0.0.1:15432', 'db.example:5432');
      assert.deepEqual(connections(elsewhere), [{ name: 'a "<b>" & c', host: 'db.example', port: 5432 }], engine);
      const [, read = ''] = /<jdbc-url>(.*)<\/jdbc-url>/.exec(elsewhere) ?? [];
      assert.ok(
        read
          .replaceAll('&lt;', '<')
          .replaceAll('&amp;', '&')
          .startsWith(url ?? ''),
        read,
      );
    }
  });

  it('give DBCode a command with what the tunnel is asked for', () => {
    const of = (/** @type {any} */ way) =>
      connectionDetails({ ...tunnel, ...way }, { ...facts, engine: 'postgres' }).find((/** @type {any} */ each) =>
        each.name.startsWith('DBCode'),
      )?.text;
    const where = 'open --host {remoteHost} --port {remotePort} --local-port {localPort}';
    assert.deepEqual(JSON.parse(of({ profile: 'my work', region: 'eu-central-1' })), {
      id: `rds-tunnel:my work:${host}`,
      type: 'command',
      name: 'orders (RDS Tunnel)',
      command: 'rds-tunnel',
      args: `${where} --profile "my work" --region eu-central-1`,
      readyPattern: 'Listening on',
      readyTimeout: 120_000,
    });
    assert.equal(
      JSON.parse(of({ target: 'i-0', document: 'Acme-Forward', reason: 'INC 7' })).args,
      `${where} --target i-0 --document Acme-Forward --reason "INC 7"`,
    );
    assert.equal(JSON.parse(of({ login: 'iam', user: 'app' })).args, `${where} --login iam --user app`);
    assert.equal(
      JSON.parse(of({ login: 'secret', secretId: 'arn:x', compress: true, localTls: true })).args,
      `${where} --login secret --secret-id arn:x --compress --local-tls`,
    );
    assert.equal(of({ host: undefined }), undefined);
  });

  it('quote what their programs would read otherwise', () => {
    const odd = connectionDetails(tunnel, { engine: 'postgres', authority: '/a;b', user: "o'neil", database: 'a b' });
    const of = (/** @type {string} */ name) => odd.find((/** @type {any} */ each) => each.name.startsWith(name))?.text;
    assert.equal(of('.NET'), 'Host=127.0.0.1;Port=15432;Database=a b;Username="o\'neil";SSL Mode=VerifyCA;Root Certificate="/a;b"');
    assert.equal(JSON.parse(of('Go')), "host=127.0.0.1 port=15432 user='o\\'neil' dbname='a b' sslmode=verify-ca sslrootcert=/a;b");
  });
});
