// Connection details as they are copied, each given to the program that it is for: to real servers that take TLS and nothing else.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { PrismaPg } from '@prisma/adapter-pg';
import { MongoClient } from 'mongodb';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { authorityFile } from '../../scripts/lib/authorities.mjs';
import { connectionStringsAssembly } from '../../scripts/lib/paths.mjs';
import { fakeEditor } from '../Extension/fake-editor.mjs';
import { load } from '../Extension/load.mjs';
import { startDocumentDb } from './documentdb.mjs';
import { askJdbc, jdbcMissing } from './jdbc.mjs';
import { mariadbMissing, startMariaDB } from './mariadb.mjs';
import { databaseHost, findProgram, skipWithout, temporaryFolder } from './peers.mjs';
import { postgresClientsMissing, postgresMissing, startPostgres } from './postgres.mjs';
import { redisMissing, startRedis } from './redis.mjs';

const { connectionDetails } = await load('databaseTools/connectionDetails', fakeEditor().vscode);
const sqlAlchemy = findProgram('python3', ['/usr/bin']);
const sqlAlchemyMissing = skipWithout(
  sqlAlchemy !== undefined && (await hasModules('sqlalchemy', 'psycopg2', 'pymysql')) ? sqlAlchemy : undefined,
  'SQLAlchemy with psycopg2 and PyMySQL',
);
const mysqlProgram = findProgram('mysql');
const mysqlMissing = mariadbMissing || skipWithout(mysqlProgram, 'mysql');

/** @param {string[]} names */
function hasModules(...names) {
  return promisify(execFile)('/usr/bin/python3', ['-c', `import ${names.join(', ')}`]).then(
    () => true,
    () => false,
  );
}

/** @param {string} command @param {NodeJS.ProcessEnv} env @param {string} [input] */
async function shell(command, env, input = '') {
  const running = promisify(execFile)('sh', ['-c', command], { cwd: import.meta.dirname, env: { ...process.env, ...env } });
  running.child.stdin?.on('error', () => undefined).end(input); // one that reads nothing may be gone by then
  return (await running).stdout.trim();
}

/** @param {string} url @param {string} password */
async function askSqlAlchemy(url, password) {
  const code =
    'import sys, sqlalchemy as s; u = s.engine.make_url(sys.argv[1]).set(password=sys.argv[2]); print(s.create_engine(u).connect().execute(s.text("select version()")).scalar())';
  return (await promisify(execFile)('/usr/bin/python3', ['-c', code, url, password])).stdout.trim();
}

/**
 * What a program answers to this input; all that it says, when that is no answer.
 * @param {string} program
 * @param {string[]} args
 * @param {string} input
 * @param {RegExp} answer
 * @param {NodeJS.ProcessEnv} [env]
 */
async function converse(program, args, input, answer, env = {}) {
  const running = spawn(program, args, { env: { ...process.env, ...env } });
  running.stdin.end(input);
  const [output, errors] = await Promise.all([textOf(running.stdout), textOf(running.stderr)]);
  if (!answer.test(output)) throw new Error(`${output}${errors}`);
  return output;
}

/** @param {string} driver @param {RegExp} answer @returns {(url: string, server: Server) => Promise<string>} */
const askJdbcFor = (driver, answer) => async (url, server) => {
  const output = await askJdbc(url, driver, 'select version()', server);
  assert.match(output, answer);
  return output;
};

/** What DBeaver makes of its form: a URL of the driver's template, and its properties. @param {string} line */
async function urlOfDBeaver(line) {
  const spec = await shell(line.replace('dbeaver -con', 'printf %s'), {});
  /** @type {Record<string, string>} */
  const values = Object.fromEntries(spec.split('|').map(each => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]));
  const properties = Object.entries(values)
    .filter(([name]) => name.startsWith('prop.'))
    .map(([name, value]) => `${name.slice('prop.'.length)}=${value}`);
  return {
    url: `jdbc:${values['driver']}://${values['host']}:${values['port']}/${values['database']}?${properties.join('&')}`,
    user: values['user'] ?? '',
  };
}

/** What DataGrip reads of its form. @param {string} text */
function urlOfDataGrip(text) {
  const [url = '', user = ''] = ['jdbc-url', 'user-name'].map(name =>
    new RegExp(`<${name}>(.*)</${name}>`).exec(text)?.[1]?.replaceAll('&amp;', '&'),
  );
  return { url, user };
}

/**
 * DBeaver and DataGrip use JDBC's drivers: asked the same as with JDBC's form, they verify the same.
 * @param {() => Server} server
 * @param {string} engine
 * @param {string} driver
 * @param {RegExp} answer
 */
function programs(server, engine, driver, answer) {
  for (const [name, read] of /** @type {const} */ ([
    ['DBeaver', urlOfDBeaver],
    ['DataGrip', urlOfDataGrip],
  ])) {
    it(`connect with ${name}'s driver, and verify what JDBC's form verifies`, { skip: jdbcMissing }, async () => {
      const of = await detailsOf(server(), engine, { folderName: 'details' });
      const { url, user } = await read(of(name));
      const [form = '', options = ''] = of('JDBC').split('?');
      assert.equal(url.split('?')[0], form);
      assert.deepEqual(
        Object.fromEntries(new URLSearchParams(`user=${user}&${url.split('?')[1]}`)),
        Object.fromEntries(new URLSearchParams(options)),
      );
      await askJdbcFor(driver, answer)(url, { ...server(), user });
    });
  }
}

/** @param {string} driver @param {RegExp} answer @returns {(text: string, server: Server) => Promise<string>} */
const askDotNet =
  (driver, answer) =>
  (text, { password }) =>
    converse('dotnet', [connectionStringsAssembly, driver], `${text};Password=${password}\n`, answer);

/** With Debian's packages in the place of modules. */
const goEnvironment = { GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '', GOCACHE: await temporaryFolder('go') };
const goMissing = skipWithout(
  findProgram('go') && ['lib/pq', 'go-sql-driver/mysql'].every(name => existsSync(`${goEnvironment.GOPATH}/src/github.com/${name}`))
    ? 'go'
    : undefined,
  'Go with lib/pq and go-sql-driver/mysql',
);

/** @param {string[]} imports @param {string} open lines that make `db` of the details */
async function askGo(imports, open) {
  const file = `${await temporaryFolder('go-main')}/main.go`;
  await writeFile(
    file,
    `package main
import (
${imports.map(name => `\t${name}`).join('\n')}
)
func version() (answer string, err error) {
${open}
\tif err != nil {
\t\treturn answer, err
\t}
\terr = db.QueryRow("select version()").Scan(&answer)
\treturn answer, err
}
func main() {
\tanswer, err := version()
\tif err != nil {
\t\tpanic(err)
\t}
\tfmt.Println(answer)
}
`,
  );
  return (await promisify(execFile)('go', ['run', file], { env: { ...process.env, ...goEnvironment } })).stdout.trim();
}

/** @typedef {Awaited<ReturnType<typeof startPostgres>>} Server */

/**
 * By their names. The folder has a blank in its name, as users' folders have, unless another name is said.
 * @param {Server} server
 * @param {string} engine
 * @param {{ authority?: string, host?: string, folderName?: string }} [way]
 */
async function detailsOf({ port, user, database, authority }, engine, way = {}) {
  const folder = `${await temporaryFolder('details')}/${way.folderName ?? "Jane's folder"}`;
  await mkdir(folder);
  await copyFile(way.authority ?? authority, `${folder}/bundle.pem`);
  const tunnel = { id: '1', name: 'orders (work, eu-central-1)', host: way.host ?? databaseHost, port: 5432, localPort: port };
  return /** @type {(name: string) => string} */ (
    name =>
      connectionDetails(tunnel, { engine, authority: `${folder}/bundle.pem`, user, database }).find(
        (/** @type {{ name: string }} */ each) => each.name.startsWith(name),
      ).text
  );
}

/**
 * How each program is asked, with a form of these details; `trusted` is a file with the authorities that it may go by.
 * @typedef {[string, string | false, (text: string, server: Server & { trusted: string }) => Promise<unknown>]} Client
 */

/**
 * @param {() => Server} server
 * @param {string} engine
 * @param {Client[]} clients
 * @param {RegExp} row
 * @param {RegExp} otherName those that verify the name, too
 */
function everyClient(server, engine, clients, row, otherName) {
  for (const [name, skip, ask] of clients) {
    // sqlline cuts at blanks, quoted or not.
    const way = name === 'JDBC' ? { folderName: 'details' } : {};
    const given = (trusted = server().authority) => ({ ...server(), trusted });
    it(`connect with ${name}`, { skip }, async () => {
      assert.match(String(await ask((await detailsOf(server(), engine, way))(name), given())), row);
    });

    it(`do not connect with ${name} to a server whose certificate AWS has not issued`, { skip }, async () => {
      const details = await detailsOf(server(), engine, { ...way, authority: authorityFile });
      await assert.rejects(
        ask(details(name), given(authorityFile)),
        /certificate[ _]verify[ _]failed|signed by unknown authority|UntrustedRoot|unable to (verify|get)|self[- ]signed|PKIX path building failed|could not be validated|certificate was rejected|SSL (error|Authentication Error)/i,
      );
    });

    it(`${otherName.test(name) ? 'do not' : 'do'} connect with ${name} to another database of AWS`, { skip }, async () => {
      const details = await detailsOf(server(), engine, { ...way, host: `other-${databaseHost}` });
      if (otherName.test(name))
        await assert.rejects(
          ask(details(name), given()),
          /does not match host name|is valid for|Hostname\/IP does not match|RemoteCertificateNameMismatch/,
        );
      else assert.match(String(await ask(details(name), given())), row);
    });
  }
}

describe('Connection details of PostgreSQL', { skip: postgresMissing }, () => {
  /** @type {Server} */
  let server;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());

  const question = '--no-psqlrc --tuples-only --command "select version()"';
  everyClient(
    () => server,
    'aurora-postgresql',
    [
      ['psql', postgresClientsMissing, (line, { password }) => shell(`${line} ${question}`, { PGPASSWORD: password })],
      ['URL', postgresClientsMissing, (url, { password }) => shell(`psql "$URL" ${question}`, { URL: url, PGPASSWORD: password })],
      [
        'Environment variables',
        postgresClientsMissing,
        (variables, { password }) => shell(`${variables} psql ${question}`, { PGPASSWORD: password }),
      ],
      [
        'pg_service.conf',
        postgresClientsMissing,
        async (text, { password }) => {
          const file = `${await temporaryFolder('service')}/pg_service.conf`;
          await writeFile(file, text);
          return shell(`psql service=${/\[(.*)\]/.exec(text)?.[1] ?? ''} ${question}`, { PGPASSWORD: password, PGSERVICEFILE: file });
        },
      ],
      [
        'DATABASE_URL',
        false,
        async (connectionString, { password }) => {
          const client = new pg.Client({ connectionString: connectionString.replace('@', `:${password}@`) });
          await client.connect();
          try {
            return JSON.stringify((await client.query('select version()')).rows);
          } finally {
            await client.end();
          }
        },
      ],
      [
        'DATABASE_URL (Node.js, Prisma 7)',
        false,
        async (connectionString, { password }) => {
          const connection = await new PrismaPg({ connectionString: connectionString.replace('@', `:${password}@`) }).connect();
          try {
            return JSON.stringify(await connection.queryRaw({ sql: 'select version()', args: [], argTypes: [] }));
          } catch (error) {
            // Its message is no more than the kind.
            throw new Error(JSON.stringify(/** @type {Error} */ (error).cause), { cause: error });
          } finally {
            await connection.dispose();
          }
        },
      ],
      ['SQLAlchemy', sqlAlchemyMissing, (url, { password }) => askSqlAlchemy(url, password)],
      ['JDBC', jdbcMissing, askJdbcFor('org.postgresql.Driver', /PostgreSQL \d/)],
      ['.NET', false, askDotNet('Npgsql', /PostgreSQL/)],
      [
        'Go',
        goMissing,
        (text, { password }) =>
          askGo(['"database/sql"', '"fmt"', '_ "github.com/lib/pq"'], `db, err := sql.Open("postgres", ${text} + " password=${password}")`),
      ],
    ],
    /PostgreSQL \d/,
    /^(psql|URL|Environment|pg_service|SQLAlchemy)/,
  );
  programs(() => server, 'aurora-postgresql', 'org.postgresql.Driver', /PostgreSQL \d/);
});

describe('Connection details of MySQL', { skip: mariadbMissing }, () => {
  /** @type {Server} */
  let server;
  before(async () => {
    server = await startMariaDB();
  });
  after(() => server.stop());

  const question = '--batch --execute "select version()"';
  everyClient(
    () => server,
    'aurora-mysql',
    [
      [
        'mysql',
        mysqlMissing,
        (line, { password }) =>
          shell(`${line.replace('mysql ', 'mysql --no-defaults ').replace('--password', `--password=${password}`)} ${question}`, {}),
      ],
      [
        '.my.cnf',
        mysqlMissing,
        async (text, { password }) => {
          const file = `${await temporaryFolder('my')}/my.cnf`;
          await writeFile(file, text);
          return shell(
            `mysql --defaults-file=${file} --defaults-group-suffix=${/\[client(.*)\]/.exec(text)?.[1] ?? ''} --password=${password} ${question}`,
            {},
          );
        },
      ],
      ['SQLAlchemy', sqlAlchemyMissing, (url, { password }) => askSqlAlchemy(url, password)],
      ['JDBC', jdbcMissing, askJdbcFor('org.mariadb.jdbc.Driver', /\d-MariaDB/)],
      ['.NET', false, askDotNet('MySqlConnector', /MariaDB/)],
      [
        'Go',
        goMissing,
        (text, { user, password }) =>
          askGo(
            ['"crypto/tls"', '"crypto/x509"', '"database/sql"', '"fmt"', '"os"', '"github.com/go-sql-driver/mysql"'],
            // As in a function that returns nothing but an error.
            text.replace('return err', 'return answer, err').replace(`"${user}@tcp`, `"${user}:${password}@tcp`),
          ),
      ],
    ],
    /MariaDB/,
    /^Go/,
  );
  programs(() => server, 'aurora-mysql', 'org.mariadb.jdbc.Driver', /\d-MariaDB/);

  it('do not connect with DATABASE_URL to a server whose certificate AWS has not issued', async () => {
    const url = (await detailsOf(server, 'aurora-mysql'))('DATABASE_URL').replace('@', `:${server.password}@`);
    await assert.rejects(mysql.createConnection(url), /certificate/);
  });
});

describe('Connection details of Redis', { skip: redisMissing }, () => {
  /** @type {Server} */
  let server;
  before(async () => {
    server = await startRedis();
  });
  after(() => server.stop());

  // These verify with the machine's authorities, AWS's among them: here, those that the details' file has.
  everyClient(
    () => server,
    'valkey',
    [
      [
        'redis-cli',
        false,
        (line, { password, trusted }) => shell(`${line} info server`, { REDISCLI_AUTH: password, SSL_CERT_FILE: trusted }),
      ],
      [
        'Node.js (ioredis)',
        false,
        (code, { password, trusted }) =>
          shell(
            'node --input-type=module',
            { NODE_EXTRA_CA_CERTS: trusted },
            `
      import { Redis } from 'ioredis';
      const redis = ${code.replace('{ host', `{ password: '${password}', retryStrategy: () => null, host`)};
      redis.on('error', error => { console.error(error); process.exit(1); });
      console.log(await redis.info('server'));
      redis.disconnect();`,
          ),
      ],
      [
        '.NET (StackExchange.Redis)',
        false,
        (text, { password, trusted }) =>
          converse('dotnet', [connectionStringsAssembly, 'StackExchange.Redis'], `${text},password=${password}\n`, /PONG/, {
            SSL_CERT_FILE: trusted,
          }),
      ],
    ],
    /redis_version:\d|PONG from Redis \d/,
    /^(Node|\.NET)/,
  );
});

describe('Connection details of DocumentDB', () => {
  /** @type {Awaited<ReturnType<typeof startDocumentDb>>} */
  let server;
  before(async () => {
    server = await startDocumentDb();
  });
  after(() => server.stop());

  /** @param {string} url */
  async function ping(url) {
    const client = new MongoClient(url, { serverSelectionTimeoutMS: 2_000 });
    try {
      return await client.db('orders').command({ ping: 1 });
    } finally {
      await client.close();
    }
  }

  const url = async (/** @type {{ authority?: string }} */ way = {}) =>
    (await detailsOf({ ...server, user: '', password: '', database: '', host: '' }, 'docdb', way))('URL');

  it('connect with the URL', async () => {
    assert.equal((await ping(await url()))['ok'], 1);
    assert.ok(server.commands.includes('ping'));
  });

  it('do not connect with the URL to a server whose certificate AWS has not issued', async () => {
    await assert.rejects(url({ authority: authorityFile }).then(ping), /unable to (verify|get)|self[- ]signed/);
  });

  it('give mongosh the same URL', async () => {
    const details = await detailsOf({ ...server, user: '', password: '', database: '', host: '' }, 'docdb', { folderName: 'details' });
    assert.match(
      await shell(details('mongosh').replace('mongosh', 'echo'), {}),
      /^mongodb:\/\/127\.0\.0\.1:\d+\/\?directConnection=true&tls=true&tlsCAFile=/,
    );
  });
});

it('Connection details of SQL Server are read by its driver as they are meant', async () => {
  const tunnel = { id: '1', name: 'orders', host: databaseHost, port: 1433, localPort: 41_433 };
  const text = connectionDetails(tunnel, { engine: 'sqlserver-se', authority: '/bundle.pem' }).find(
    (/** @type {{ name: string }} */ each) => each.name.startsWith('.NET'),
  ).text;
  assert.equal(
    await converse('dotnet', [connectionStringsAssembly, 'SqlClient'], `${text}\n`, /\w/),
    `127.0.0.1,41433 True ${databaseHost} False\n`,
  );
});
