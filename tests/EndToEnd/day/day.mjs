// npm run day: a working day of twelve tunnels, compressed, where an hour is ten seconds. Nothing
// is lost in silence, nothing is left behind, and nobody has to click but to sign in.
// It is run by hand: not each of its runs passes yet.
//   RDS_TUNNEL_DAY_ROUNDS  how often each trouble comes; 1
//   RDS_TUNNEL_DAY_SEED    the order of the troubles, and what is sent
//   RDS_TUNNEL_DAY_TROUBLES  only those whose name has this in it
//   RDS_TUNNEL_DAY_REPORT  a file for what was seen, as JSON
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startNetwork } from './network.mjs';
import { descriptorsOf, residentMemoryOf } from './process.mjs';
import { converse, random, startNamedEcho, startTraffic } from './traffic.mjs';
import { troubles } from './troubles.mjs';
import { startEmulator } from '../emulator.mjs';
import { databaseHost, temporaryFolder } from '../peers.mjs';
import { allow } from '../portal.mjs';
import { eventually, hangMs, isListening } from '../ports.mjs';
import { ssoProfile } from '../profiles.mjs';
import { startSidecar } from '../sidecar.mjs';

const rounds = Number(process.env.RDS_TUNNEL_DAY_ROUNDS ?? 1);
const seed = Number(process.env.RDS_TUNNEL_DAY_SEED ?? Date.now() % 1_000_000);
const [known, open] = [40, 12];
const hourSeconds = 10;
/** What the heap may keep of a day, in megabytes: its size is a matter of the collector, a leak of connections is not. */
const memoryGrowth = 48;

const appHost = 'app.abc123.eu-central-1.rds.amazonaws.com';
const memberHost = (/** @type {number} */ i) => `orders-${i}.abc123.eu-central-1.rds.amazonaws.com`;
const jumpHosts = ['i-0aaaaaaaaaaaaaaaa', 'i-0bbbbbbbbbbbbbbbb'];
const database = (/** @type {string} */ identifier, /** @type {string} */ host, /** @type {string | undefined} */ cluster) => ({
  identifier,
  engine: 'aurora-postgresql',
  engineVersion: '16.4',
  host,
  port: 5432,
  vpcId: 'vpc-0a',
  securityGroupIds: ['sg-0db'],
  ...(cluster === undefined ? {} : { cluster }),
});
const world = {
  instances: jumpHosts.map((instanceId, i) => ({
    instanceId,
    region: 'eu-central-1',
    name: `jump-${i}`,
    isOnline: i === 0,
    vpcId: 'vpc-0a',
    securityGroupIds: ['sg-0jump'],
  })),
  regions: [
    {
      name: 'eu-central-1',
      databases: [
        database('app', appHost, undefined),
        database('orders-1', memberHost(1), 'orders'),
        database('orders-2', memberHost(2), 'orders'),
      ],
      clusters: [
        {
          identifier: 'orders',
          engine: 'aurora-postgresql',
          engineVersion: '16.4',
          host: databaseHost,
          readerHost: null,
          customHosts: [],
          port: 5432,
          securityGroupIds: ['sg-0db'],
          members: ['orders-1', 'orders-2'],
        },
      ],
      proxies: [],
      securityGroups: [
        {
          groupId: 'sg-0db',
          vpcId: 'vpc-0a',
          ingress: [{ fromPort: 5432, toPort: 5432, groupIds: ['sg-0jump'], cidrBlocks: [], prefixListIds: [] }],
        },
      ],
    },
  ],
};

void describe('A working day', { skip: process.platform !== 'linux' && 'It looks into /proc' }, () => {
  void it('loses nothing in silence, and leaves nothing behind', { timeout: rounds * 2 * hangMs }, async test => {
    test.diagnostic(`RDS_TUNNEL_DAY_SEED=${seed}`);
    const next = random(seed);
    const home = await temporaryFolder('day');
    await mkdir(join(home, '.aws'));
    await writeFile(join(home, '.aws', 'config'), ssoProfile('dev'));
    await writeFile(join(home, 'world.json'), JSON.stringify(world));
    const certificateAuthority = join(home, 'authority.pem');
    const [app, first, second] = await Promise.all(['A', '1', '2'].map(startNamedEcho));
    if (app === undefined || first === undefined || second === undefined) throw new Error('No servers.');
    const emulator = await startEmulator({
      unpaced: true,
      world: join(home, 'world.json'),
      certificateAuthority,
      connectionLifetimeSeconds: hourSeconds,
      databaseAddress: `127.0.0.1:${first.port}`, // nobody asks for it: the cluster's host is its writer's
      alsoResolve: {
        [appHost]: `127.0.0.1:${app.port}`,
        [memberHost(1)]: `127.0.0.1:${first.port}`,
        [memberHost(2)]: `127.0.0.1:${second.port}`,
      },
    });
    const network = await startNetwork(emulator.proxy);
    const sidecar = await startSidecar({
      HOME: home,
      AWS_PROFILE: 'dev',
      AWS_CA_BUNDLE: certificateAuthority,
      AWS_EC2_METADATA_DISABLED: 'true',
      HTTPS_PROXY: network.address,
      NO_PROXY: '127.0.0.1,localhost',
    });
    const signIn = async () => {
      const asked = sidecar.progress.length;
      const signedIn = sidecar.request('sso/signIn', { session: { profile: 'dev' }, flow: 'AuthorizationCode' });
      const url = () =>
        sidecar.progress.slice(asked).find(({ method, value }) => method === 'sso/signIn' && value.url !== undefined)?.value.url;
      assert.ok(await eventually(() => url() !== undefined), 'No page to sign in.');
      await allow(url(), emulator.endpoint);
      await signedIn;
    };
    await signIn();
    await sidecar.request('log/setLevel', { level: 'Debug' });

    /** @param {number} count */
    const openTunnels = count =>
      Promise.all(
        Array.from({ length: count }, (_, i) =>
          sidecar.open({ name: `tunnel ${i}`, host: i % 6 === 0 ? databaseHost : appHost, port: 5432 }),
        ),
      );
    const active = async () => (await emulator.sessions()).filter(({ state }) => state === 'active');
    /**
     * The answer to a StartSession may be lost with the network: that session ends by the account's idle timeout, because nobody knows it.
     * @param {string} id
     */
    const isKnown = id => sidecar.logs.some(({ message }) => message.startsWith(`Session ${id} started`));
    const closeTunnels = async () => {
      for (const { id } of await sidecar.list()) await sidecar.close(id);
      const left = async () => (await active()).filter(({ id }) => isKnown(id));
      if (await eventually(async () => (await left()).length === 0, 20_000)) return;
      assert.fail(`Sessions are left: ${JSON.stringify(await left(), null, 1)}`);
    };
    const held = () => descriptorsOf(sidecar.running.pid, network.port);

    const order = Array.from({ length: rounds }, () =>
      troubles.filter(({ name }) => name.includes(process.env.RDS_TUNNEL_DAY_TROUBLES ?? '')),
    )
      .flat()
      .map(trouble => ({ trouble, at: next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ trouble }) => trouble);

    // The first hour.
    const morning = await openTunnels(open);
    await Promise.all(morning.map(({ localPort }) => answered(localPort)));
    await closeTunnels();
    const atFirst = { descriptors: held(), memory: residentMemoryOf(sidecar.running.pid) };

    const tunnels = await openTunnels(known);
    const used = tunnels.slice(0, open);
    /** @type {Record<string, number>} */
    let ends = {};
    /** @type {Set<number>} */
    let resetPorts = new Set();
    const traffic = used.map(({ localPort }) =>
      startTraffic(localPort, next, end => {
        ends[end] = (ends[end] ?? 0) + 1;
        if (end === 'reset') resetPorts.add(localPort);
        if (end === 'ended')
          sidecar.logs.push({ level: 'test', category: 'day', message: `port ${localPort} ended in order at ${new Date().toISOString()}` });
      }),
    );
    await Promise.all(used.map(({ localPort }) => answered(localPort)));
    /** @type {object[]} */
    const rows = [];
    const place = {
      emulator,
      network,
      sidecar,
      jumpHosts: [...jumpHosts],
      members: [first, second],
      clusterPorts: used.filter((_, i) => i % 6 === 0).map(({ localPort }) => localPort),
      signIn,
    };
    for (const { name, click, happen } of order) {
      [ends, resetPorts] = [{}, new Set()];
      const told = sidecar.changes.length;
      const logged = sidecar.logs.length;
      const words = () =>
        sidecar.logs
          .slice(logged)
          .map(({ level, message }) => `${level} ${message}`)
          .join('\n');
      await happen(place);
      const over = performance.now();
      // Each tunnel, without a click, and for the tools that run all the time as well.
      await Promise.all(used.map(({ localPort }) => answered(localPort)));
      const usableAfterMs = performance.now() - over;
      const tunnelsNow = await sidecar.list();
      for (const port of resetPorts) {
        const tunnel = tunnelsNow.find(({ localPort }) => localPort === port);
        const reason =
          tunnel?.lastReset ??
          tunnel?.fault ??
          sidecar.changes.slice(told).find(change => change.localPort === port && change.fault !== undefined)?.fault;
        assert.ok(reason?.message, `${name}: a connection of ${tunnel?.name ?? port} was reset, and nothing says why.`);
      }
      assert.equal(ends.wrong ?? 0, 0, `${name}: bytes were wrong.\n${words()}`);
      assert.equal(ends.ended ?? 0, 0, `${name}: a connection ended in order, in the middle of a conversation.\n${words()}`);
      assert.equal(ends.away ?? 0, 0, `${name}: a port was away.\n${words()}`);
      rows.push({
        name,
        click: click === true,
        finished: ends.finished ?? 0,
        reset: ends.reset ?? 0,
        usableAfterMs: Math.round(usableAfterMs),
      });
      test.diagnostic(`${name}: ${JSON.stringify(rows.at(-1))}`);
    }

    await Promise.all(traffic.map(each => each.stop()));
    assert.ok(
      await eventually(async () => (await sidecar.list()).every(({ statistics }) => statistics.connectionsNow === 0)),
      'A connection is left.',
    );
    const resumes = (await sidecar.list()).reduce((sum, { statistics }) => sum + statistics.resumes, 0);
    await closeTunnels();
    assert.ok(
      await eventually(() => held() <= atFirst.descriptors),
      `It holds ${held()} descriptors; in the first hour there were ${atFirst.descriptors}.`,
    );
    const memory = () => residentMemoryOf(sidecar.running.pid);
    assert.ok(await eventually(() => memory() <= atFirst.memory + memoryGrowth), `It has grown from ${atFirst.memory} to ${memory()} MB.`);
    const atLast = { descriptors: held(), memory: memory() };
    assert.equal(await sidecar.shutdown(), 0);
    for (const { localPort } of tunnels) assert.equal(await isListening(localPort), false, `Port ${localPort} still listens.`);
    const unanswered = await active();
    assert.deepEqual(
      unanswered.filter(({ id }) => isKnown(id)),
      [],
    );
    const report = {
      seed,
      rounds,
      rows,
      atFirst,
      atLast,
      resumes,
      unanswered: unanswered.length,
      sessions: (await emulator.sessions()).length,
    };
    test.diagnostic(JSON.stringify({ atFirst, atLast, resumes }));
    if (process.env.RDS_TUNNEL_DAY_REPORT !== undefined) await writeFile(process.env.RDS_TUNNEL_DAY_REPORT, JSON.stringify(report));
    network.stop();
    await emulator.stop();
    for (const server of [app, first, second]) server.stop();
  });
});

/** Tries until a connection has had its answer, as a tool that reconnects does. @param {number} port */
async function answered(port) {
  const isThere = await eventually(async () => {
    try {
      const { echo, close } = await converse(port);
      const isRight = await echo(Buffer.from('still there?'));
      await close();
      return isRight;
    } catch {
      return false;
    }
  });
  assert.ok(isThere, `Port ${port} gives no answer.`);
}
