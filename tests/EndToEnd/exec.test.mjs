// `rds-tunnel exec`: a program with a tunnel around it, as shells, scripts and CI run it.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { atEnd } from '../../scripts/lib/endings.mjs';
import { root, sidecarCommand } from '../../scripts/lib/paths.mjs';
import { startEmulator } from './emulator.mjs';
import { mariadbMissing, startMariaDB } from './mariadb.mjs';
import { databaseHost, findProgram, freePort, skipWithout, temporaryFolder } from './peers.mjs';
import { eventually } from './ports.mjs';
import { postgresClientsMissing, postgresMissing, startPostgres } from './postgres.mjs';
import { redisMissing, startRedis } from './redis.mjs';
import { stateFolder, withoutAws } from './sidecar.mjs';

const skip = process.platform === 'win32' ? 'signals and shells of Unix' : postgresMissing;
const skipLogin = process.platform === 'linux' ? postgresMissing : 'the servers of this test are started on Linux alone';
const python = findProgram('python3', ['/usr/bin']);
const secretPassword = 'correct horse battery'; // world.json's

describe('rds-tunnel exec', { skip }, () => {
  /** @type {Awaited<ReturnType<typeof startPostgres>>} */
  let database;
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {NodeJS.ProcessEnv} */
  let env;
  /** Below a folder with a team's file. */
  let folder = '';

  before(async () => {
    database = await startPostgres();
    const { port, user, password, authority } = database;
    const client = new pg.Client({ host: '127.0.0.1', port, user, password, database: 'postgres', ssl: { rejectUnauthorized: false } });
    await client.connect();
    await client.query(`create user admin password '${secretPassword}'`);
    await client.end();
    emulator = await startEmulator({ unpaced: true, world: true });
    env = {
      ...process.env,
      ...withoutAws,
      ...emulator.env,
      XDG_STATE_HOME: await stateFolder(),
      AWS_REGION: emulator.region,
      AWS_ENDPOINT_URL: emulator.endpoint,
      AWS_CA_BUNDLE: authority,
      PGSSLROOTCERT: authority,
      PGPASSFILE: '/nonexistent',
    };
    const project = await temporaryFolder('project');
    folder = `${project}/services/orders`;
    await mkdir(folder, { recursive: true });
    await mkdir(`${project}/.vscode`);
    await writeFile(
      `${project}/.vscode/rds-tunnels.json`,
      `{
      // What everybody here needs.
      "tunnels": [
        { "name": "orders", "host": "${databaseHost}", "port": ${port}, "target": "${emulator.target}", "localPort": ${await freePort()}, },
        { "name": "passwordless", "host": "${databaseHost}", "port": ${port}, "target": "${emulator.target}", "login": "secret", "secretId": "rds!cluster-orders", "database": "postgres", "environment": true },
        { "name": "twice", "host": "a.example.com", "port": 1 }, { "name": "twice", "host": "b.example.com", "port": 1 },
        { "name": 5 }, { "name": "wrong", "host": 5, "port": 1 },
      ],
    }`,
    );
  });

  after(async () => {
    await emulator.stop();
    await database.stop();
  });

  /** @param {string[]} args @param {{ env?: NodeJS.ProcessEnv, cwd?: string, input?: string }} [options] */
  function begin(args, options = {}) {
    const child = spawn(sidecarCommand.file, [...sidecarCommand.args, 'exec', ...args], {
      cwd: options.cwd ?? folder,
      env: { ...env, ...options.env },
    });
    const stop = atEnd(() => {
      child.kill('SIGKILL');
      return Promise.resolve();
    });
    child.stdin.on('error', () => undefined).end(options.input ?? '');
    const written = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      written.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      written.stderr += text;
    });
    return {
      child,
      written,
      /** Until it has written this. @param {RegExp} text */
      says: async text => {
        assert.ok(await eventually(() => text.test(written.stdout + written.stderr) || child.exitCode !== null));
        assert.match(written.stdout + written.stderr, text);
      },
      ended: once(child, 'close').then(async ([code, signal]) => {
        await stop();
        return { code: /** @type {number | null} */ (code), signal: /** @type {string | null} */ (signal), ...written };
      }),
    };
  }

  /** @param {string[]} args @param {Parameters<typeof begin>[1]} [options] */
  const exec = (args, options) => begin(args, options).ended;
  const orders = ['--name', 'orders', '--'];
  const sh = (/** @type {string} */ script) => [...orders, 'sh', '-c', script];
  const nothingIsOpen = async () => {
    assert.ok(await eventually(async () => (await emulator.sessions()).every(({ state }) => state === 'ended')), 'every session is ended');
  };

  it("runs psql on a tunnel of the team's file, which is in a folder above", { skip: postgresClientsMissing }, async () => {
    const { code, stdout, stderr } = await exec(
      [
        '--name',
        'orders',
        '--user',
        database.user,
        '--database',
        'postgres',
        '--',
        'psql',
        '-XAtc',
        'select current_user, ssl from pg_stat_ssl where pid = pg_backend_pid()',
      ],
      { env: { PGPASSWORD: database.password } },
    );
    assert.deepEqual([code, stdout], [0, `${database.user}|t\n`], stderr);
    assert.match(stderr, /^rds-tunnel: orders is ready on 127\.0\.0\.1:\d+ \(from .*\/\.vscode\/rds-tunnels\.json\)\n$/);
    await nothingIsOpen();
  });

  it('gives a program DATABASE_URL, and a login spares it the password, which is in no variable', { skip: skipLogin }, async () => {
    const script =
      'import pg from "pg"; const client = new pg.Client(process.env.DATABASE_URL); await client.connect(); console.log(JSON.stringify({ row: (await client.query("select current_user as user")).rows[0], env: process.env })); await client.end();';
    const { code, stdout, stderr } = await exec([
      '--name',
      'passwordless',
      '--env',
      'MY_URL=jdbc:{url}&ApplicationName={"a"}',
      '--',
      'node',
      '--input-type=module',
      '--eval',
      script.replaceAll('"pg"', JSON.stringify(`${root}node_modules/pg/lib/index.js`)),
    ]);
    assert.equal(code, 0, stderr);
    const answer = /** @type {{ row: { user: string }, env: Record<string, string> }} */ (JSON.parse(stdout));
    assert.equal(answer.row.user, 'admin');
    const { DATABASE_URL, MY_URL, PGPORT, PGSSLMODE } = answer.env;
    assert.equal(DATABASE_URL, `postgresql://127.0.0.1:${PGPORT}/postgres?sslmode=disable`);
    assert.equal(MY_URL, `jdbc:${DATABASE_URL}&ApplicationName={"a"}`);
    assert.equal(PGSSLMODE, 'disable');
    for (const secret of [secretPassword, ...(await emulator.secrets())].filter(each => each !== emulator.env['AWS_SECRET_ACCESS_KEY']))
      assert.ok(!stdout.includes(secret), 'no secret is in the environment');
  });

  for (const [what, script, exit] of /** @type {[string, string, number][]} */ ([
    ['success', 'exit 0', 0],
    ['a code of its own', 'exit 3', 3],
    ['SIGKILL', 'kill -KILL $$', 137],
    ['SIGTERM', 'kill -TERM $$', 143],
    ['SIGSEGV', 'kill -SEGV $$', 139],
  ])) {
    it(`ends as a program does that ends with ${what}`, async () => {
      assert.equal((await exec(sh(script))).code, exit);
    });
  }

  it("gives AWS's authorities to a program also where no folder of this user's can be written, in one that nobody else can", async () => {
    const { code, stdout, stderr } = await exec(
      sh('dirname "$PGSSLROOTCERT" | xargs stat -c "%a %u"; grep -c BEGIN "$PGSSLROOTCERT"; rm -r "$(dirname "$PGSSLROOTCERT")"'),
      { env: { PGSSLROOTCERT: undefined, XDG_STATE_HOME: '/dev/null/state', HOME: '/dev/null' } },
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`^700 ${process.getuid?.()}\n\\d{2,}\n$`));
  });

  it('hands through the standard streams, and what a pipe without a reader does', async () => {
    assert.deepEqual((await exec([...orders, 'cat'], { input: 'one\ntwo' })).stdout, 'one\ntwo');
    const { stdout, stderr } = await exec(sh('yes | head -n 1; echo done >&2'));
    assert.equal(stdout, 'y\n');
    assert.match(stderr, /^rds-tunnel: orders is ready.*\ndone\n$/);
  });

  it('is not ended by a connection that closes under it while it starts the program', async () => {
    const before = (await emulator.sessions()).length;
    const running = begin([...orders, 'node', '--eval', 'console.log("runs")']);
    assert.ok(await eventually(async () => (await emulator.sessions()).length > before));
    // What a write to such a connection brings, at every moment from now on.
    const knock = () => {
      if (running.written.stdout === '' && running.child.exitCode === null && running.child.signalCode === null) {
        running.child.kill('SIGPIPE');
        setImmediate(knock);
      }
    };
    knock();
    const { code, signal } = await running.ended;
    assert.deepEqual([code, signal], [0, null]);
  });

  it("takes everything after -- for the program's, in every spelling", async () => {
    const given = ['--port', '3', '--', '-x', '', 'a b', '"\'$HOME\\', 'ä€'];
    assert.deepEqual(
      JSON.parse((await exec([...orders, 'node', '--eval', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...given])).stdout),
      given,
    );
  });

  it('says as a shell does that a program is not there, or none; and opens nothing for it', async () => {
    const before = (await emulator.sessions()).length;
    const plain = `${folder}/plain`;
    await writeFile(plain, 'echo');
    // What lies in the folder is not run by its name alone.
    await writeFile(`${folder}/only-here`, '#!/bin/sh\n');
    await chmod(`${folder}/only-here`, 0o755);
    for (const [program, exit] of /** @type {[string, number][]} */ ([
      ['no-such-program', 127],
      ['only-here', 127],
      ['./no-such-program', 127],
      [plain, 126],
      ['./plain', 126],
      [folder, 126],
    ])) {
      const { code, stderr } = await exec([...orders, program]);
      assert.equal(code, exit, program);
      assert.ok(stderr.startsWith(`rds-tunnel: ${program}: ${exit === 127 ? 'command not found' : 'not executable'}.`), stderr);
    }
    assert.equal((await emulator.sessions()).length, before);
    assert.equal((await exec([...orders, './only-here'])).code, 0);
  });

  it('says what the system does not run', async () => {
    for (const [name, content, exit, why] of /** @type {[string, string, number, RegExp][]} */ ([
      ['no-interpreter', '#!/nonexistent/interpreter\n', 127, /interpreter/],
      ['no-format', 'echo\n', 126, /#!\/bin\/sh/],
    ])) {
      await writeFile(`${folder}/${name}`, content);
      await chmod(`${folder}/${name}`, 0o755);
      const { code, stderr } = await exec([...orders, `./${name}`]);
      assert.equal(code, exit);
      assert.match(stderr, why);
    }
    await nothingIsOpen();
  });

  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT', 'SIGHUP'])) {
    it(`hands ${signal} on, and waits for what the program makes of it`, async () => {
      const running = begin([
        ...orders,
        'node',
        '--eval',
        `process.on('${signal}', () => { console.log('took it'); setTimeout(() => process.exit(42), 100); }); setInterval(() => {}, 1000); console.log('runs')`,
      ]);
      await running.says(/runs/);
      running.child.kill(signal);
      const { code, stdout } = await running.ended;
      assert.deepEqual([code, stdout], [42, 'runs\ntook it\n']);
      await nothingIsOpen();
    });
  }

  it('lets a terminal give Ctrl-C to the program, once', { skip: skipWithout(python, 'Python') }, async () => {
    const program =
      'let count = 0; process.on("SIGINT", () => { count++; console.log("got it"); }); process.on("SIGTERM", () => { console.log(`took ${count}`); process.exit(5); }); setInterval(() => {}, 1000); console.log(`runs ${process.stdin.isTTY} ${process.stdout.isTTY}`);';
    const driver = `${await temporaryFolder('terminal')}/driver.py`;
    // SIGTERM comes to this process alone, after whatever it would have handed on of Ctrl-C.
    await writeFile(
      driver,
      `import os, pty, signal, sys
pid, terminal = pty.fork()
if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
seen = b''
def until(text):
    global seen
    while text not in seen: seen += os.read(terminal, 1000)
until(b'runs true true')
os.write(terminal, b'\\x03')
until(b'got it')
os.kill(pid, signal.SIGTERM)
try:
    until(b'took')
    while True: seen += os.read(terminal, 1000)
except OSError: pass
print(seen.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`,
    );
    const child = execFile(
      python ?? '',
      [driver, sidecarCommand.file, ...sidecarCommand.args, 'exec', ...orders, 'node', '--eval', program],
      { cwd: folder, env },
    );
    const output = await textOf(/** @type {import('node:stream').Readable} */ (child.stdout));
    assert.match(output, /took 1\s[\s\S]* 5\n$/);
  });

  it('ends with 1 and the reason before the program starts, when there is no tunnel', async () => {
    await emulator.control('api-faults', { operation: 'StartSession', code: 'AccessDeniedException' });
    const { code, stderr } = await exec(sh('touch started'));
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^rds-tunnel: .*ssm:StartSession.*\(AccessDenied\)\n$/);
    assert.ok(!existsSync(`${folder}/started`));
  });

  it('waits for a database that starts later, and not for ever', async () => {
    const port = await freePort();
    const where = ['--host', databaseHost, '--port', String(port), '--target', emulator.target, '--engine', 'postgres'];
    const { code, stderr } = await exec([...where, '--wait', '1', '--', 'touch', 'started']);
    assert.equal(code, 1);
    assert.match(stderr, /\(TargetUnreachable\)\n$/);

    const waiting = begin([...where, '--wait', '600', '--', 'sh', '-c', 'echo $PGSSLMODE $DATABASE_URL']);
    const before = (await emulator.sessions()).length;
    assert.ok(await eventually(async () => (await emulator.sessions()).length > before));
    // A PostgreSQL without TLS, as far as it is asked.
    const late = createServer(socket => {
      socket.on('error', () => undefined).once('data', () => socket.end('N'));
    }).listen(port, '127.0.0.1');
    const answer = await waiting.ended;
    late.close();
    assert.deepEqual(
      [answer.code, /^prefer postgresql:\/\/127\.0\.0\.1:\d+\/\n$/.test(answer.stdout)],
      [0, true],
      answer.stdout + answer.stderr,
    );
    assert.ok(!existsSync(`${folder}/started`));
  });

  it('gives up at a signal while it waits', async () => {
    const waiting = begin([
      '--host',
      databaseHost,
      '--port',
      String(await freePort()),
      '--target',
      emulator.target,
      '--',
      'touch',
      'started',
    ]);
    const before = (await emulator.sessions()).length;
    assert.ok(await eventually(async () => (await emulator.sessions()).length > before));
    waiting.child.kill('SIGTERM');
    assert.equal((await waiting.ended).code, 143);
    assert.ok(!existsSync(`${folder}/started`));
    await nothingIsOpen();
  });

  it('says why the database takes no login, before the program starts', { skip: skipLogin }, async () => {
    const { code, stderr } = await exec(['--name', 'passwordless', '--user', 'nobody', '--', 'touch', 'started']);
    assert.equal(code, 1);
    assert.match(stderr, /nobody.*\(LoginFailed\)/);
    assert.ok(!existsSync(`${folder}/started`));
  });

  it('says in a line that the tunnel fails, and that it works again; the program goes on', async () => {
    const connecting =
      'const { connect } = require("node:net"); process.stdin.resume(); const ask = () => { const socket = connect(Number(process.env.PGPORT), "127.0.0.1"); socket.on("error", () => {}); socket.on("close", () => setTimeout(ask, 100)); socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])); socket.on("data", () => { console.log("answer"); socket.end(); }); }; ask(); process.on("SIGTERM", () => process.exit(0));';
    const running = begin([...orders, 'node', '--eval', connecting]);
    await running.says(/answer/);
    await emulator.control('api-faults', { operation: 'StartSession', code: 'AccessDeniedException', times: 2 });
    for (const { id, state } of await emulator.sessions()) if (state === 'active') await emulator.control(`sessions/${id}/terminate`);
    await running.says(/rds-tunnel: orders: .*\(AccessDenied\)/);
    await running.says(/rds-tunnel: orders works again/);
    running.child.kill('SIGTERM');
    const { code, stderr } = await running.ended;
    assert.equal(code, 0);
    assert.equal(stderr.match(/AccessDenied/g)?.length, 1, stderr);
  });

  for (const [what, args, why] of /** @type {[string, string[], RegExp][]} */ ([
    ['no such tunnel', ['--name', 'nope'], /has no tunnel "nope"\. It has: orders, passwordless, twice, twice, wrong\./],
    ['two of one name', ['--name', 'twice'], /2 tunnels are named "twice"/],
    ['a field of the wrong type', ['--name', 'wrong'], /"host" must be a string/],
  ])) {
    it(`says what is wrong with the team's file: ${what}`, async () => {
      const { code, stderr } = await exec([...args, '--', 'true']);
      assert.equal(code, 1);
      assert.match(stderr, why);
    });
  }

  it('says what is wrong with the command line', async () => {
    for (const [args, why] of /** @type {[string[], RegExp][]} */ ([
      [['--', 'true'], /requires --name, or --host and --port/],
      [['--host', 'db.example.com', '--', 'true'], /requires --name, or --host and --port/],
      [['--name', 'orders', '--env', 'A={foo}', '--', 'true'], /has no placeholder \{foo\}/],
      [['--name', 'orders', '--env', '=x', '--', 'true'], /needs a name and a value/],
      [['--name', 'orders', '--wait', '0', '--', 'true'], /--wait must be/],
      [['--name', 'orders', '--wait', 'x', '--', 'true'], /--wait/],
      [['--name', 'orders'], /program/],
    ])) {
      const { code, stdout, stderr } = await exec(args);
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, why);
    }
  });

  it("uses no team's file that everybody could have written, and says when there is none", async () => {
    const open = await temporaryFolder('open');
    await mkdir(`${open}/.vscode`);
    await mkdir(`${open}/project`);
    assert.match(
      (await exec(['--name', 'orders', '--', 'true'], { cwd: `${open}/project` })).stderr,
      /^rds-tunnel: There is no \.vscode\/rds-tunnels\.json in /,
    );
    await writeFile(`${open}/.vscode/rds-tunnels.json`, '{"tunnels":[{"name":"orders","host":"db.example.com","port":5432}]}');
    await chmod(open, 0o777);
    const { code, stderr } = await exec(['--name', 'orders', '--', 'true'], { cwd: `${open}/project` });
    assert.equal(code, 1);
    assert.match(stderr, /every user of this machine can change it/);
    await chmod(open, 0o755);
    await writeFile(`${open}/.vscode/rds-tunnels.json`, '{"tunnels":[{"name":"orders",\n"port":oops}]}');
    assert.match((await exec(['--name', 'orders', '--', 'true'], { cwd: `${open}/project` })).stderr, /isn't valid JSON \(line 2\)/);
  });
});

describe(
  'rds-tunnel exec with the clients of other databases',
  { skip: process.platform === 'win32' ? skip : mariadbMissing || redisMissing },
  () => {
    /** @type {Awaited<ReturnType<typeof startEmulator>>} */
    let emulator;
    before(async () => {
      emulator = await startEmulator({ unpaced: true });
    });
    after(() => emulator.stop());

    /** @param {string[]} args @param {NodeJS.ProcessEnv} own */
    const exec = async (args, own) => {
      const env = {
        ...process.env,
        ...withoutAws,
        ...emulator.env,
        XDG_STATE_HOME: await stateFolder(),
        AWS_REGION: emulator.region,
        AWS_ENDPOINT_URL: emulator.endpoint,
        ...own,
      };
      const child = spawn(
        sidecarCommand.file,
        [...sidecarCommand.args, 'exec', '--host', databaseHost, '--target', emulator.target, ...args],
        { env },
      );
      const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
      return { stdout, stderr };
    };

    it('leads mysql, and what reads DATABASE_URL', async () => {
      const server = await startMariaDB();
      try {
        const { stdout, stderr } = await exec(
          [
            '--port',
            String(server.port),
            '--engine',
            'mysql',
            '--user',
            'orders',
            '--database',
            'orders',
            '--',
            'sh',
            '-c',
            'echo "$DATABASE_URL" "$MYSQL_PORT"; exec mysql --no-defaults --protocol=tcp --user="$MYSQL_USER" --ssl --batch --skip-column-names --execute "select database()" "$MYSQL_DATABASE"',
          ],
          { MYSQL_PWD: server.password },
        );
        assert.match(stdout, /^mysql:\/\/orders@127\.0\.0\.1:(\d+)\/orders \1\norders\n$/, stderr);
      } finally {
        await server.stop();
      }
    });

    it('leads redis-cli, with TLS where the database speaks it', async () => {
      const server = await startRedis();
      try {
        const { stdout, stderr } = await exec(
          [
            '--port',
            String(server.port),
            '--engine',
            'redis',
            '--',
            'sh',
            '-c',
            'redis-cli -u "$REDIS_URL" ping; echo "$REDIS_URL $REDIS_HOST:$REDIS_PORT"',
          ],
          { SSL_CERT_FILE: server.authority, REDISCLI_AUTH: server.password },
        );
        assert.match(stdout, /^PONG\nrediss:\/\/127\.0\.0\.1:(\d+) 127\.0\.0\.1:\1\n$/, stderr);
      } finally {
        await server.stop();
      }
      const plain = createServer(socket => {
        socket.on('error', () => undefined).on('data', () => socket.end('-ERR\r\n'));
      }).listen(0, '127.0.0.1');
      await once(plain, 'listening');
      const { stdout, stderr } = await exec(
        [
          '--port',
          String(/** @type {import('node:net').AddressInfo} */ (plain.address()).port),
          '--engine',
          'redis',
          '--',
          'sh',
          '-c',
          'echo "$REDIS_URL"',
        ],
        {},
      );
      plain.close();
      assert.match(stdout, /^redis:\/\/127\.0\.0\.1:\d+\n$/, stderr);
    });
  },
);
