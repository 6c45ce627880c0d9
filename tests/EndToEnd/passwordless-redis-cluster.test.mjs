// A tunnel with a login to a real cluster of Redis: its answers name ports of this machine, so that
// clients reach every node.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { Cluster } from 'ioredis';
import { connectionStringsAssembly } from '../../scripts/lib/paths.mjs';
import { run, start } from '../../scripts/lib/processes.mjs';
import { signedAgain } from './cache-tokens.mjs';
import { startEmulator } from './emulator.mjs';
import { eventually, isListening } from './ports.mjs';
import { clusterHost, startRedisCluster } from './redis-cluster.mjs';
import { redisCli, redisMissing } from './redis.mjs';
import { startSidecar } from './sidecar.mjs';

const skip = process.platform === 'linux' ? redisMissing : 'the servers of this test are started on Linux alone';
const secretId = 'rds!cluster-orders';
const secretPassword = 'correct horse battery'; // world.json's, of the user admin
const localPasswordText = randomBytes(24).toString('base64url');
const keys = Array.from({ length: 60 }, (_, i) => `key:${i}`);

describe('A tunnel with a login to a cluster of Redis', () => {
  /** @type {Awaited<ReturnType<typeof startRedisCluster>>} */
  let cluster;
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {import('./sidecar.mjs').Sidecar} */
  let sidecar;

  before(async () => {
    if (skip !== false) return;
    cluster = await startRedisCluster({ settings: [`user admin on ">${secretPassword}" ~* &* +@all`] });
    emulator = await startEmulator({
      unpaced: true,
      world: true,
      alsoResolve: Object.fromEntries([clusterHost, ...cluster.nodes.map(node => node.host)].map(host => [host, '127.0.0.1'])),
    });
    sidecar = await startSidecar({ ...emulator.env, AWS_CA_BUNDLE: cluster.authority });
  });

  after(async () => {
    if (skip !== false) return;
    await sidecar.running.stop();
    await emulator.stop();
    await cluster.stop();
  });

  it('lets redis-cli -c reach the keys of every node, with both versions of the protocol', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    for (const as of [[], ['-3']]) {
      for (const key of keys.slice(0, 10)) {
        assert.deepEqual(await cli(localPort, ...as, '-c', 'SET', key, key), ['OK']);
        assert.deepEqual(await cli(localPort, ...as, '-c', 'GET', key), [key]);
      }
    }
    const sizes = await Promise.all(cluster.nodes.slice(0, 3).map(async node => Number((await node.ask('DBSIZE'))[0])));
    assert.ok(
      sizes.every(size => size > 0),
      String(sizes),
    );
  });

  it('names local ports alone, which lead to the nodes as they are called', { skip }, async () => {
    const tunnel = await open({ login: 'secret', secretId });
    for (const question of ['NODES', 'SLOTS', 'SHARDS']) {
      for (const as of [[], ['-3']]) {
        const answer = (await cli(tunnel.localPort, ...as, 'CLUSTER', question)).join('\n');
        assert.ok(answer.includes('127.0.0.1'), answer);
        assert.ok(!answer.includes('amazonaws.com'), answer);
        for (const node of cluster.nodes) assert.doesNotMatch(answer, new RegExp(`\\b${node.port}\\b`));
      }
    }
    const nodes = await nodesOf(tunnel.id);
    assert.deepEqual(nodes.map(node => `${node.host}:${node.port}`).sort(), cluster.nodes.map(node => `${node.host}:${node.port}`).sort());
    for (const { host, localPort } of nodes) {
      const here = cluster.nodes.find(node => node.host === host);
      assert.deepEqual(await cli(localPort, 'CLUSTER', 'MYID'), await here?.ask('CLUSTER', 'MYID'));
    }
    const changed = sidecar.changes.filter(change => change.id === tunnel.id).at(-1);
    assert.equal(changed?.nodes?.length, cluster.nodes.length);

    await sidecar.close(tunnel.id);
    for (const { localPort } of nodes) assert.equal(await isListening(localPort), false);
  });

  it('leaves values alone, whatever they look like', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    const value = (await cluster.nodes[0]?.ask('CLUSTER', 'NODES'))?.join('\n') ?? '';
    assert.deepEqual(await cli(localPort, '-c', 'SET', 'copied', value), ['OK']);
    assert.equal((await cli(localPort, '-c', 'GET', 'copied')).join('\n').trim(), value.trim());
  });

  it('serves ioredis, with pipelines, transactions and large values', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    await using(localPort, {}, async redis => {
      await useKeys(redis);
      assert.equal(redis.nodes('master').length, 3);
      assert.deepEqual(await redis.multi().set('{a}1', 1).incr('{a}1').exec(), [
        [null, 'OK'],
        [null, 2],
      ]);
      const large = randomBytes(5_000_000);
      await redis.set('large', large);
      assert.ok(large.equals((await redis.getBuffer('large')) ?? Buffer.of()));
      const shards = /** @type {unknown} */ (await redis.call('CLUSTER', 'SHARDS'));
      assert.ok(!JSON.stringify(shards).includes('amazonaws'));
    });
  });

  it('serves StackExchange.Redis, with both versions of the protocol', { skip }, async () => {
    const { localPort } = await open({ login: 'secret', secretId });
    for (const options of ['protocol=resp2', 'protocol=resp3']) {
      const program = await start('dotnet', [connectionStringsAssembly, 'StackExchange.Redis', 'keys']);
      program.child.stdin?.end(`127.0.0.1:${localPort},${options}\n`);
      assert.equal((await program.exited).code, 0, `${options}\n${program.tail.join('\n')}`);
      assert.ok(program.tail.includes('admin'), program.tail.join('\n'));
    }
  });

  it('leaves signing in to the tool with TLS alone', { skip }, async () => {
    const { localPort } = await open({ login: 'tls' });
    await using(localPort, { username: 'admin', password: secretPassword }, useKeys);
  });

  it('asks for the local password on every port', { skip }, async () => {
    const tunnel = await open({ login: 'secret', secretId, localPassword: true, localPasswordText });
    await using(tunnel.localPort, { password: localPasswordText }, useKeys);
    for (const { localPort } of await nodesOf(tunnel.id)) {
      assert.match((await cli(localPort, 'PING')).join('\n'), /NOAUTH/);
    }
  });

  it('signs in to every node with tokens of IAM, made for the cluster', { skip }, async () => {
    // As with a single Redis: the nodes are told what tokens of the next seconds have to be.
    const scope = { region: emulator.region, endpointUrl: emulator.endpoint };
    const { token } = await sidecar.request('password/createIamToken', { scope, host: clusterHost, port: cluster.port, user: 'app' });
    assert.match(token, /^carts\/\?Action=connect&User=app&/);
    const now = Date.now();
    const secretKey = emulator.env.AWS_SECRET_ACCESS_KEY ?? '';
    const tokens = Array.from({ length: 300 }, (_, second) => `>${signedAgain(token, secretKey, new Date(now + second * 1000))}`);
    for (const node of cluster.nodes) await node.ask('ACL', 'SETUSER', 'app', 'reset', 'on', ...tokens, '~*', '&*', '+@all');
    const { localPort } = await open({ login: 'iam', user: 'app' });
    await using(localPort, {}, useKeys);
  });

  it('opens no port for a node outside of the cluster, and says so', { skip }, async () => {
    const [, second] = cluster.nodes;
    await second?.ask('CONFIG', 'SET', 'cluster-announce-hostname', 'secrets.example.com');
    try {
      const tunnel = await open({ login: 'secret', secretId });
      const asked = () => cli(tunnel.localPort, 'CLUSTER', 'SLOTS').then(lines => lines.join('\n'));
      assert.ok(await eventually(async () => (await asked()).includes('secrets.example.com')));
      assert.ok(!(await nodesOf(tunnel.id)).some(node => node.host.includes('example')));
      assert.ok(
        await eventually(() =>
          [...sidecar.running.tail, ...sidecar.logs.map(log => log.message)].some(line =>
            /secrets\.example\.com.*isn't one of the cluster's own/.test(line),
          ),
        ),
      );
    } finally {
      await second?.ask('CONFIG', 'SET', 'cluster-announce-hostname', second.host);
      assert.ok(
        await eventually(async () =>
          (await Promise.all(cluster.nodes.map(node => node.ask('CLUSTER', 'SLOTS')))).every(
            lines => !lines.join().includes('example.com'),
          ),
        ),
      );
    }
  });

  it('follows a failover', { skip }, async () => {
    const { localPort, id } = await open({ login: 'secret', secretId });
    const [first] = cluster.nodes;
    await using(localPort, {}, async redis => {
      await useKeys(redis);
      await cluster.replica.ask('CLUSTER', 'FAILOVER');
      assert.ok(await eventually(async () => (await cluster.replica.ask('ROLE'))[0] === 'master'));
      assert.ok(await eventually(async () => (await first?.ask('ROLE'))?.[0] === 'slave'));
      await useKeys(redis);
    });
    // The former primary sends the tool to the promoted one.
    const promoted = (await nodesOf(id)).find(node => node.host === cluster.replica.host);
    const moved = await Promise.all(keys.map(async key => (await cli(localPort, 'SET', key, '1')).join()));
    assert.ok(
      moved.some(answer => answer.includes(`127.0.0.1:${promoted?.localPort}`)),
      moved.join('\n'),
    );
    assert.deepEqual(await cli(localPort, '-c', 'SET', 'after', 'failover'), ['OK']);
  });

  it('writes the password nowhere', { skip }, async () => {
    const written = JSON.stringify([sidecar.running.tail, sidecar.logs, sidecar.changes, sidecar.notifications, await sidecar.list()]);
    for (const secret of [secretPassword, localPasswordText, 'X-Amz-Signature']) assert.ok(!written.includes(secret));
  });

  /** @param {Partial<import('./sidecar.mjs').OpenTunnel>} login */
  const open = login =>
    sidecar.open({
      target: emulator.target,
      host: clusterHost,
      port: cluster.port,
      region: emulator.region,
      endpointUrl: emulator.endpoint,
      ...login,
    });

  /** @param {string} id */
  const nodesOf = async id => (await sidecar.list()).find(tunnel => tunnel.id === id)?.nodes ?? [];
});

/**
 * @param {number} port
 * @param {string[]} args
 */
const cli = async (port, ...args) => (await run(redisCli ?? '', ['-p', String(port), ...args])).tail;

/** @param {Cluster} redis */
async function useKeys(redis) {
  assert.deepEqual(
    await Promise.all(keys.map(key => redis.set(key, key))),
    keys.map(() => 'OK'),
  );
  assert.deepEqual(await Promise.all(keys.map(key => redis.get(key))), keys);
}

/**
 * @template T
 * @param {number} port @param {import('ioredis').RedisOptions} redisOptions @param {(redis: Cluster) => Promise<T>} use
 */
async function using(port, redisOptions, use) {
  const redis = new Cluster([{ host: '127.0.0.1', port }], { redisOptions });
  redis.on('error', () => undefined);
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}
