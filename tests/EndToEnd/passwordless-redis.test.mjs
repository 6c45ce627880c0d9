// A tunnel with a login to a real Redis: tools speak plain RESP to 127.0.0.1 and have no password;
// the sidecar signs in over TLS that it verifies.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { connectionStringsAssembly } from '../../scripts/lib/paths.mjs';
import { run, start } from '../../scripts/lib/processes.mjs';
import { signedAgain } from './cache-tokens.mjs';
import { startEmulator } from './emulator.mjs';
import { findProgram, skipWithout } from './peers.mjs';
import { eventually } from './ports.mjs';
import { redisCli, redisMissing, startRedis } from './redis.mjs';
import { startSidecar } from './sidecar.mjs';

const skip = process.platform === 'linux' ? redisMissing : 'the servers of this test are started on Linux alone';
const redisBenchmark = findProgram('redis-benchmark');
/** As ElastiCache names the primary of a replication group. */
const redisHost = 'master.sessions.abc123.euc1.cache.amazonaws.com';
/** Likewise, at the usual port. */
const usualHost = 'replica.sessions.abc123.euc1.cache.amazonaws.com';
const secretId = 'rds!cluster-orders';
const secretPassword = 'correct horse battery'; // world.json's, of the user admin
const localPasswordText = randomBytes(24).toString('base64url');

describe('A tunnel with a login to Redis', () => {
  /** @type {import('./redis.mjs').Redis} */
  let database;
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {import('./sidecar.mjs').Sidecar} */
  let sidecar;

  before(async () => {
    if (skip !== false) return;
    database = await startRedis({
      certificateHost: redisHost,
      settings: [`user admin on ">${secretPassword}" ~* &* +@all`, 'user few on nopass ~few:* resetchannels -@all +get +set'],
    });
    emulator = await startEmulator({
      unpaced: true,
      world: true,
      alsoResolve: { [redisHost]: '127.0.0.1', [usualHost]: `127.0.0.1:${database.port}` },
    });
    sidecar = await startSidecar({ ...emulator.env, AWS_CA_BUNDLE: database.authority });
  });

  after(async () => {
    if (skip !== false) return;
    await sidecar.running.stop();
    await emulator.stop();
    await database.stop();
  });

  it('signs in with a secret, whatever the tool says of itself', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    for (const options of [
      {},
      { password: 'typed by habit' },
      { username: 'jane', password: 'typed by habit', db: 3 },
      { connectionName: 'tests' },
    ]) {
      await using(localPort, options, async redis => {
        assert.equal(await redis.acl('WHOAMI'), 'admin');
      });
    }
  });

  it('serves redis-cli with both versions of the protocol', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    for (const as of [
      [],
      ['-3'],
      ['-a', 'typed by habit', '--no-auth-warning'],
      ['--user', 'jane', '--pass', 'typed by habit', '--no-auth-warning', '-3', '-n', '2'],
    ]) {
      const asked = await run(redisCli ?? '', ['-p', String(localPort), ...as, 'ACL', 'WHOAMI']);
      assert.deepEqual([asked.code, asked.tail], [0, ['admin']], as.join(' '));
    }
  });

  it('serves StackExchange.Redis, with a password of its own and without', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    for (const options of [
      'protocol=resp2',
      'protocol=resp3',
      'user=jane,password=typed,protocol=resp2',
      'user=jane,password=typed,protocol=resp3',
    ]) {
      const program = await start('dotnet', [connectionStringsAssembly, 'StackExchange.Redis', 'keys']);
      program.child.stdin?.end(`127.0.0.1:${localPort},${options}\n`);
      assert.equal((await program.exited).code, 0, `${options}\n${program.tail.join('\n')}`);
      assert.ok(program.tail.includes('admin'), program.tail.join('\n'));
    }
  });

  it('asks tools for its local password where it has one, and no other is right', { skip }, async () => {
    const { localPort, id } = await open({ login: 'secret', secretId, localPassword: true, localPasswordText });
    for (const options of [{ password: localPasswordText }, { username: 'jane', password: localPasswordText }]) {
      await using(localPort, options, async redis => {
        assert.equal(await redis.acl('WHOAMI'), 'admin');
      });
    }
    await using(localPort, { password: secretPassword, enableReadyCheck: false }, async redis => {
      await assert.rejects(redis.get('a'), /WRONGPASS RDS Tunnel: The local password is wrong/);
    });
    await using(localPort, { enableReadyCheck: false }, async redis => {
      await assert.rejects(redis.get('a'), /NOAUTH/);
    });

    for (const as of [[], ['-3'], ['--user', 'jane', '-n', '2']]) {
      const asked = await run(redisCli ?? '', ['-p', String(localPort), ...as, 'ACL', 'WHOAMI'], {
        env: { ...process.env, REDISCLI_AUTH: localPasswordText },
      });
      assert.deepEqual([asked.code, asked.tail], [0, ['admin']], as.join(' '));
    }
    const without = await run(redisCli ?? '', ['-p', String(localPort), 'ACL', 'WHOAMI']);
    assert.match(without.tail.join('\n'), /NOAUTH/);

    for (const protocol of ['resp2', 'resp3']) {
      const program = await start('dotnet', [connectionStringsAssembly, 'StackExchange.Redis', 'keys']);
      program.child.stdin?.end(`127.0.0.1:${localPort},password=${localPasswordText},protocol=${protocol}\n`);
      assert.equal((await program.exited).code, 0, `${protocol}\n${program.tail.join('\n')}`);
      assert.ok(program.tail.includes('admin'), program.tail.join('\n'));
    }
    assert.equal((await sidecar.list()).find(tunnel => tunnel.id === id)?.fault, undefined);
  });

  it('leaves signing in to the tool with TLS alone', { skip }, async () => {
    const { localPort } = await open({ login: 'tls' });
    await using(localPort, { username: 'admin', password: secretPassword }, async redis => {
      assert.equal(await redis.acl('WHOAMI'), 'admin');
    });
    await using(localPort, { username: 'admin', password: 'wrong' }, async redis => {
      await assert.rejects(redis.get('a'), /WRONGPASS|NOAUTH/);
    });
  });

  it('signs in with a token of IAM', { skip }, async () => {
    // Redis cannot check a token as ElastiCache does. It is told what tokens of the next seconds
    // have to be, by another signer than the sidecar's, and takes nothing else.
    const { localPort } = await open({ login: 'iam', user: 'app' });
    const { token } = await sidecar.request('password/createIamToken', {
      scope: scope(),
      host: redisHost,
      port: database.port,
      user: 'app',
    });
    const secretKey = emulator.env.AWS_SECRET_ACCESS_KEY ?? '';
    assert.match(token, /^sessions\/\?Action=connect&User=app&/);
    assert.equal(signedAgain(token, secretKey), token);
    const now = Date.now();
    const tokens = Array.from({ length: 300 }, (_, second) => signedAgain(token, secretKey, new Date(now + second * 1000)));
    await database.ask('ACL', 'SETUSER', 'app', 'reset', 'on', ...tokens.map(each => `>${each}`), '~*', '&*', '+@all');
    await using(localPort, {}, async redis => {
      assert.equal(await redis.acl('WHOAMI'), 'app');
    });
    await database.ask('ACL', 'SETUSER', 'app', 'resetpass', '>something else');
    await using(localPort, { enableReadyCheck: false }, async redis => {
      await assert.rejects(redis.get('a'), /WRONGPASS/);
    });
  });

  it('pipelines, and carries large values both ways', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    await using(localPort, {}, async redis => {
      const answers = await Promise.all(
        Array.from({ length: 5_000 }, (_, i) => redis.set(`p:${i % 50}`, i).then(() => redis.get(`p:${i % 50}`))),
      );
      assert.equal(answers.length, 5_000);
      const value = randomBytes(20_000_000);
      await redis.set('large', value);
      const read = await redis.getBuffer('large');
      assert.equal(digest(read ?? Buffer.of()), digest(value));
    });
  });

  it('carries messages, transactions and blocking commands', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    await using(localPort, {}, publisher =>
      using(localPort, {}, async subscriber => {
        await subscriber.subscribe('news');
        const heard = new Promise(resolve => {
          subscriber.on('message', (channel, message) => {
            resolve([channel, message]);
          });
        });
        assert.equal(await publisher.publish('news', 'hello'), 1);
        assert.deepEqual(await heard, ['news', 'hello']);
        assert.deepEqual(await publisher.multi().set('counted', 1).incr('counted').exec(), [
          [null, 'OK'],
          [null, 2],
        ]);
        await using(localPort, {}, async waiting => {
          const popped = waiting.blpop('queue', 0);
          await publisher.rpush('queue', 'first');
          assert.deepEqual(await popped, ['queue', 'first']);
        });
      }),
    );
  });

  it('signs 200 connections in at once', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => using(localPort, {}, redis => redis.echo(String(i)))));
    assert.deepEqual(
      answers,
      Array.from({ length: 200 }, (_, i) => String(i)),
    );
  });

  it('serves redis-benchmark', { skip: skip || skipWithout(redisBenchmark, 'redis-benchmark') }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    const { code, tail } = await run(redisBenchmark ?? '', [
      '-p',
      String(localPort),
      ...['-c', '50', '-n', '5000', '-t', 'set,get,lpush,mset', '-d', '512', '-P', '4', '--csv'],
    ]);
    assert.equal(code, 0, tail.join('\n'));
    const [, ...rows] = tail.map(line => line.split(','));
    assert.deepEqual(
      rows.map(([name]) => name),
      ['"SET"', '"GET"', '"LPUSH"', '"MSET (10 keys)"'],
    );
    assert.ok(
      rows.every(([, perSecond = '']) => Number(perSecond.replaceAll('"', '')) > 0),
      tail.join('\n'),
    );
  });

  it("passes the database's own words when it refuses", { skip }, async () => {
    const tunnel = await open({ login: 'secret', secretId, user: 'nobody' });
    await using(tunnel.localPort, { enableReadyCheck: false }, async redis => {
      await assert.rejects(redis.get('a'), /WRONGPASS/);
    });
    const fault = await faultOf(tunnel.id);
    assert.equal(fault.code, 'LoginFailed');
    assert.match(fault.message, /wrong user or password.*WRONGPASS.*secret rds!cluster-orders/);
  });

  it('serves a user who may do little', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId, user: 'few' });
    await using(localPort, { enableReadyCheck: false, password: 'typed by habit' }, async redis => {
      assert.equal(await redis.set('few:1', 'one'), 'OK');
      await assert.rejects(redis.set('other', 'one'), /NOPERM/);
    });
  });

  it('tells the tool why there is no password for it', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId: 'no-such-secret' });
    await using(localPort, { enableReadyCheck: false }, async redis => {
      await assert.rejects(redis.get('a'), /RDS Tunnel: .*no-such-secret/);
    });
  });

  it('sends nothing to a server whose certificate bears another name, or nobody vouches for', { skip }, async () => {
    const renamed = await startRedis({ certificateHost: 'master.other.abc123.euc1.cache.amazonaws.com' });
    const unknown = await startRedis({ certificateHost: redisHost }); // a man in the middle: the right name, signed by somebody else
    const trusting = await startSidecar({ ...emulator.env, AWS_CA_BUNDLE: renamed.authority });
    try {
      for (const [one, stranger, words] of /** @type {const} */ ([
        [trusting, renamed, /RDS Tunnel: .*certificate is for another host name/],
        [sidecar, unknown, /RDS Tunnel: .*issuer isn't trusted/],
      ])) {
        const { localPort } = await one.open({ ...request({ login: 'secret', secretId }), port: stranger.port });
        await using(localPort, { enableReadyCheck: false }, async redis => {
          await assert.rejects(redis.get('a'), words);
        });
        assert.equal((await stranger.ask('ACL', 'LOG')).join(''), ''); // nobody has tried to sign in
      }
    } finally {
      await trusting.running.stop();
      await renamed.stop();
      await unknown.stop();
    }
  });

  it('closes what a browser sends, and asks nobody for a secret', { skip }, async () => {
    const page = await startSidecar({ ...emulator.env, AWS_CA_BUNDLE: database.authority });
    try {
      const before = (await emulator.secrets()).length;
      const sessions = (await emulator.sessions()).length;
      const tunnel = await page.open({ ...request({ login: 'secret', secretId }), host: usualHost, port: 6379 });
      for (const head of [
        'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
        'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 36\r\n\r\n*3\r\n$3\r\nSET\r\n$4\r\npwnd\r\n$1\r\n1\r\n',
        'OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
      ]) {
        const socket = connect(tunnel.localPort, '127.0.0.1');
        socket.on('error', () => undefined);
        socket.resume();
        socket.write(head);
        await new Promise(resolve => {
          socket.on('close', resolve);
        });
      }
      assert.ok(
        await eventually(
          () =>
            page.logs.some(({ message }) => /plain lines aren't accepted/.test(message)) ||
            page.running.tail.some(line => line.includes("plain lines aren't accepted")),
        ),
      );
      assert.equal((await emulator.secrets()).length, before);
      assert.equal((await emulator.sessions()).length, sessions);
      assert.deepEqual(await database.ask('EXISTS', 'pwnd'), ['0']);
    } finally {
      await page.running.stop();
    }
  });

  it('writes the password nowhere', { skip }, async () => {
    const written = JSON.stringify([sidecar.running.tail, sidecar.logs, sidecar.changes, sidecar.notifications, await sidecar.list()]);
    for (const secret of [secretPassword, localPasswordText, 'X-Amz-Signature']) assert.ok(!written.includes(secret));
  });

  const scope = () => ({ region: emulator.region, endpointUrl: emulator.endpoint });

  /** @param {Partial<import('./sidecar.mjs').OpenTunnel>} login */
  const request = login => ({ target: emulator.target, host: redisHost, port: database.port, ...scope(), ...login });

  /** @param {Partial<import('./sidecar.mjs').OpenTunnel>} login */
  const open = login => sidecar.open(request(login));

  /** @param {string} id */
  async function faultOf(id) {
    const find = async () => (await sidecar.list()).find(tunnel => tunnel.id === id)?.fault;
    assert.ok(await eventually(async () => (await find()) !== undefined));
    return /** @type {import('./sidecar.mjs').Fault} */ (await find());
  }
});

/** @param {Buffer} bytes */
const digest = bytes => createHash('sha256').update(bytes).digest('hex');

/**
 * @template T
 * @param {number} port @param {import('ioredis').RedisOptions} options @param {(redis: Redis) => Promise<T>} use
 */
async function using(port, options, use) {
  const redis = new Redis({ host: '127.0.0.1', port, maxRetriesPerRequest: 0, retryStrategy: () => null, ...options });
  redis.on('error', () => undefined);
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}
