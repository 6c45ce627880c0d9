// Connections that other programs keep in a project's folder.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { load } from './load.mjs';

const { projectFiles } = await load('databaseTools/projectFiles');
const { addressInJdbc } = await load('databaseTools/jdbc');
const host = 'orders.abc123.eu-central-1.rds.amazonaws.com';

/** @param {string} program @param {string} content */
const connectionsIn = (program, content) =>
  projectFiles.find((/** @type {{ program: string }} */ each) => each.program === program).connections(content);

describe('A JDBC URL', () => {
  for (const [url, port] of /** @type {[string, number][]} */ ([
    [`jdbc:postgresql://${host}:5433/shop?sslmode=verify-full`, 5433],
    [`jdbc:postgresql://${host}/shop`, 5432],
    [`jdbc:mysql://jane:p@ss@${host}/shop?a=b@c`, 3306],
    [`jdbc:mysql://${host}:3307,other.example.com:3306/shop`, 3307],
    [`jdbc:mariadb:sequential://${host}/shop`, 3306],
    [`jdbc:aws-wrapper:postgresql://${host}:5432/shop`, 5432],
    [`jdbc:redshift:iam://${host}/dev`, 5439],
    [`jdbc:sqlserver://${host}:1433;databaseName=shop`, 1433],
    [`jdbc:sqlserver://;serverName=${host};portNumber=14330;encrypt=true`, 14_330],
    [`jdbc:oracle:thin:@//${host}:1521/ORCL`, 1521],
    [`jdbc:oracle:thin:@${host}:1522:ORCL`, 1522],
  ])) {
    it(`leads to a host and a port: ${url}`, () => {
      assert.deepEqual(addressInJdbc(url), { host, port });
    });
  }

  it('without a host, or of what is no database of AWS, leads nowhere', () => {
    for (const url of [
      '',
      'jdbc:',
      'jdbc:postgresql:shop',
      'jdbc:sqlite:shop.db',
      'jdbc:h2:tcp://localhost/shop',
      'postgresql://host/shop',
      'jdbc:sqlserver://;databaseName=shop',
      `jdbc:postgresql://${'/'.repeat(100_000)}`,
    ])
      assert.equal(addressInJdbc(url), undefined, url.slice(0, 60));
  });
});

describe('The connections of DBeaver', () => {
  const file = (/** @type {object} */ connections) => JSON.stringify({ folders: {}, connections });

  it('are known by their names and addresses, and by nothing else', () => {
    assert.deepEqual(
      connectionsIn(
        'DBeaver',
        file({
          'postgres-jdbc-1': {
            provider: 'postgresql',
            name: 'orders',
            configuration: { host, port: '5433', url: `jdbc:postgresql://${host}:5433/shop`, user: 'jane', password: 'secret' },
          },
          'postgres-jdbc-2': { configuration: { url: `jdbc:postgresql://${host}/shop`, configurationType: 'URL' } },
        }),
      ),
      [
        { name: 'orders', host, port: 5433 },
        { name: host, host, port: 5432 },
      ],
    );
  });

  it('that lead through an SSH tunnel or to this machine are left alone', () => {
    const configuration = { host, port: '5432', handlers: { ssh_tunnel: { type: 'TUNNEL', enabled: true } } };
    assert.deepEqual(
      connectionsIn(
        'DBeaver',
        file({ one: { name: 'a', configuration }, two: { name: 'b', configuration: { host: 'localhost', port: '5432' } } }),
      ),
      [],
    );
    assert.equal(
      connectionsIn('DBeaver', file({ one: { configuration: { ...configuration, handlers: { ssh_tunnel: { enabled: false } } } } })).length,
      1,
    );
  });

  it('are none in a file that makes no sense', () => {
    for (const content of [
      '',
      '[]',
      '{',
      '{"connections":[1,null]}',
      file({ a: 1, b: { configuration: [] }, c: { configuration: { host: 5, port: {} } } }),
    ])
      assert.deepEqual(connectionsIn('DBeaver', content), []);
  });
});

describe('The connections of Database Client', () => {
  /** As it writes them, but for what is of no account here. @param {object} [more] */
  const entry = more => ({
    host,
    port: 5432,
    user: 'jane',
    password: 'dbclient_a$c2VjcmV0',
    dbType: 'PostgreSQL',
    database: 'shop',
    usingSSH: false,
    useSocksProxy: false,
    useHTTPProxy: false,
    global: false,
    key: '1',
    connectionKey: 'database.connections',
    ...more,
  });

  it('are known by their names and addresses, and by nothing else', () => {
    assert.deepEqual(
      connectionsIn(
        'Database Client',
        JSON.stringify({
          database: { 1: entry({ name: 'orders' }), 2: entry({ port: 3306, host: `b-${host}` }) },
          nosql: { 3: entry({ name: 'cache', port: '6379' }) },
          $schema: 'https://cdn.database-client.com/dbclient/schema.json',
        }),
      ),
      [
        { name: 'orders', host, port: 5432 },
        { name: `b-${host}`, host: `b-${host}`, port: 3306 },
        { name: 'cache', host, port: 6379 },
      ],
    );
  });

  it('that have a way of their own or lead to this machine are left alone', () => {
    for (const more of [
      { usingSSH: true },
      { useSocksProxy: true },
      { useHTTPProxy: true },
      { useConnectionString: true },
      { host: '127.0.0.1' },
      { port: undefined },
    ]) {
      assert.deepEqual(
        connectionsIn('Database Client', JSON.stringify({ database: { 1: entry(more) }, nosql: null })),
        [],
        JSON.stringify(more),
      );
    }
  });

  it('are none in a file that makes no sense', () => {
    for (const content of ['', '[]', '{', '{"database":[1,null],"nosql":5}', '{"database":{"1":null,"2":{"host":7,"port":{}}}}'])
      assert.deepEqual(connectionsIn('Database Client', content), []);
  });
});

describe('The data sources of DataGrip', () => {
  const file = (/** @type {string} */ sources) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<project version="4">\n  <component name="DataSourceManagerImpl" format="xml" multifile-model="true">\n${sources}  </component>\n</project>\n`;
  const source = (/** @type {string} */ name, /** @type {string} */ url) => `    <data-source source="LOCAL" name="${name}" uuid="bc0040bc">
      <driver-ref>postgresql</driver-ref>
      <jdbc-driver>org.postgresql.Driver</jdbc-driver>
      <jdbc-url>${url}</jdbc-url>
      <working-dir>$ProjectFileDir$</working-dir>
    </data-source>
`;

  it('are known by their names and addresses', () => {
    assert.deepEqual(
      connectionsIn(
        'DataGrip',
        file(
          source('orders &amp; &quot;more&quot;', `jdbc:postgresql://${host}:5432/shop?a=b&amp;c=d`) + source('', `jdbc:mysql://${host}`),
        ),
      ),
      [
        { name: 'orders & "more"', host, port: 5432 },
        { name: host, host, port: 3306 },
      ],
    );
  });

  it('are none where they have no URL, are commented out, or lead to this machine', () => {
    for (const content of [
      '',
      'x',
      '<data-source ',
      file('    <data-source name="a" uuid="b"></data-source>\n'),
      file(`<!-- ${source('a', `jdbc:postgresql://${host}/b`)} -->`),
      file(source('a', 'jdbc:postgresql://localhost:5432/b')),
    ])
      assert.deepEqual(connectionsIn('DataGrip', content), []);
  });
});
