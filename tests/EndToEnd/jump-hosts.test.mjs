// Which jump host a tunnel takes: only one that something speaks for, or the one that its user chose.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sidecarCommand } from '../../scripts/lib/paths.mjs';
import { run } from '../../scripts/lib/processes.mjs';
import { startEmulator } from './emulator.mjs';
import { startNameServer } from './name-server.mjs';
import { findProgram, skipWithout, temporaryFolder } from './peers.mjs';
import { connectAndEcho, eventually, hangMs, startEcho } from './ports.mjs';
import { startSidecar, stateFolder } from './sidecar.mjs';

const own = 'orders-db.corp.example';
const legacy = 'legacy.abc123.eu-central-1.rds.amazonaws.com';
const [jumpA, webServer, jenkins, officePc] = ['i-0aaaaaaaaaaaaaaaa', 'i-0bbbbbbbbbbbbbbbb', 'i-0cccccccccccccccc', 'mi-0ddddddddddddddd0'];

/**
 * One jump host leads to the database; a web server and a build server of other VPCs, and a PC in the office, do not.
 * @param {object} [tagsOfWebServer]
 */
const world = (tagsOfWebServer = {}) => ({
  instances: [
    { instanceId: jumpA, region: 'eu-central-1', name: 'jump-a', vpcId: 'vpc-0a', securityGroupIds: ['sg-0jump'] },
    {
      instanceId: webServer,
      region: 'eu-central-1',
      name: 'web-server',
      vpcId: 'vpc-0z',
      securityGroupIds: ['sg-0web'],
      tags: tagsOfWebServer,
    },
    { instanceId: jenkins, region: 'eu-central-1', name: 'jenkins', vpcId: 'vpc-0y', securityGroupIds: ['sg-0ci'] },
    { instanceId: officePc, region: 'eu-central-1', name: 'OFFICE-PC-7', vpcId: null, platformName: 'Microsoft Windows 11 Pro' },
  ],
  aliases: { [own]: legacy },
  regions: [
    {
      name: 'eu-central-1',
      databases: [
        {
          identifier: 'legacy',
          engine: 'postgres',
          engineVersion: '16.4',
          host: legacy,
          port: 5432,
          vpcId: 'vpc-0a',
          securityGroupIds: ['sg-0legacy'],
        },
      ],
      clusters: [],
      proxies: [],
      vpcs: [
        { vpcId: 'vpc-0a', cidrBlocks: ['10.20.0.0/16'] },
        { vpcId: 'vpc-0y', cidrBlocks: ['10.30.0.0/16'] },
      ],
      securityGroups: [
        {
          groupId: 'sg-0legacy',
          vpcId: 'vpc-0a',
          ingress: [{ fromPort: 5432, toPort: 5432, groupIds: ['sg-0jump'], cidrBlocks: [], prefixListIds: [] }],
        },
      ],
    },
  ],
});

describe('The jump host of a tunnel that names none', () => {
  /** @type {Awaited<ReturnType<typeof startEcho>>} */
  let echo;
  /** @type {Awaited<ReturnType<typeof startNameServer>>} */
  let names;

  before(async () => {
    echo = await startEcho();
    names = await startNameServer({ [own]: legacy });
  });

  after(() => {
    echo.stop();
    names.stop();
  });

  /** @param {{ knowsAliases?: boolean, tagsOfWebServer?: object }} [options] */
  async function startWorld({ knowsAliases = false, tagsOfWebServer } = {}) {
    const file = join(await temporaryFolder('world'), 'world.json');
    await writeFile(file, JSON.stringify(world(tagsOfWebServer)));
    const address = `127.0.0.1:${echo.port}`;
    const emulator = await startEmulator({ unpaced: true, world: file, alsoResolve: { [legacy]: address, '10.20.3.7': address } });
    const env = {
      ...emulator.env,
      AWS_REGION: emulator.region,
      AWS_ENDPOINT_URL: emulator.endpoint,
      XDG_STATE_HOME: await stateFolder(),
      // A network's own name server, which knows the company's names; or one that knows nothing.
      RDS_TUNNEL_NAME_SERVERS: knowsAliases ? names.address : '127.0.0.1:9',
    };
    return {
      emulator,
      env,
      sidecar: await startSidecar(env),
      targets: async () => (await emulator.sessions()).map(({ target }) => target),
    };
  }

  /** @param {number} port */
  const four = port =>
    Promise.all(
      Array.from({ length: 4 }, async () => {
        (await connectAndEcho(port)).destroy();
      }),
    );

  /** A connection of which nothing becomes. @param {number} port */
  async function fail(port) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('x');
    socket.resume();
    // A reset, which once() would throw.
    await new Promise(resolve => {
      socket.once('close', resolve);
    });
  }

  it('is asked for when nothing is known of the database; its connections wait, and the answer is remembered', async () => {
    const { emulator, env, sidecar, targets } = await startWorld();
    const { localPort } = await sidecar.open({ host: own, port: 5432 });
    const waiting = four(localPort);
    assert.ok(await eventually(() => sidecar.changes.some(({ state }) => state === 'NeedsJumpHost')), JSON.stringify(sidecar.changes));
    assert.deepEqual(await targets(), [], 'no session goes anywhere meanwhile');
    const fault = sidecar.changes.find(({ state }) => state === 'NeedsJumpHost')?.fault;
    assert.equal(fault?.code, 'JumpHostChoiceNeeded');
    assert.match(fault.message, /jump-a \(i-0aaaaaaaaaaaaaaaa\)/);

    const { jumpHosts, recommended } = await sidecar.request('jumpHost/list', { database: { host: own, port: 5432 }, scope: {} });
    assert.equal(recommended, undefined);
    assert.equal(jumpHosts.length, 4);
    await sidecar.request('jumpHost/choose', { host: own, port: 5432, scope: {}, target: jumpA });
    await waiting;
    assert.deepEqual([...new Set(await targets())], [jumpA]);
    assert.equal(await sidecar.shutdown(), 0);

    const next = await startSidecar(env);
    const { target } = await next.open({ host: `${own.toUpperCase()}.`, port: 5432, openNow: true });
    assert.equal(target, jumpA);
    assert.equal(await next.shutdown(), 0);
    await emulator.stop();
  });

  it('is an error that says so where the tunnel is to open at once', async () => {
    const { emulator, sidecar, targets } = await startWorld();
    await assert.rejects(sidecar.open({ host: own, port: 5432, openNow: true }), error => {
      const { code, data } = /** @type {Error & { code: number, data: unknown }} */ (error);
      assert.equal(code, 3011);
      assert.deepEqual(data, { code: 'JumpHostChoiceNeeded' });
      return true;
    });
    assert.deepEqual(await targets(), []);
    assert.equal(await sidecar.shutdown(), 0);
    await emulator.stop();
  });

  for (const [what, host] of [
    ["by the name behind the company's own", own],
    ['in any spelling', `LEGACY${legacy.slice(6)}.`],
    ['by its address', '10.20.3.7'],
  ]) {
    it(`is the one that leads to a database ${what}`, async () => {
      const { emulator, sidecar, targets } = await startWorld({ knowsAliases: true });
      const { localPort } = await sidecar.open({ host, port: 5432 });
      await four(localPort);
      assert.deepEqual([...new Set(await targets())], [jumpA]);
      assert.equal(await sidecar.shutdown(), 0);
      await emulator.stop();
    });
  }

  it('is never replaced when its user chose it, and its failure says which it was', async () => {
    const { emulator, sidecar, targets } = await startWorld();
    await sidecar.request('jumpHost/choose', { host: own, port: 5432, scope: {}, target: jenkins });
    const { localPort } = await sidecar.open({ host: own, port: 5432 });
    for (let i = 0; i < 3; i++) await fail(localPort);
    assert.deepEqual([...new Set(await targets())], [jenkins]);
    const [{ fault }] = /** @type {[import('./sidecar.mjs').Tunnel]} */ (await sidecar.list());
    assert.equal(fault?.code, 'TargetUnreachable');
    assert.match(fault.message, new RegExp(jenkins));
    assert.equal(await sidecar.shutdown(), 0);
    await emulator.stop();
  });

  it('is the next one that something speaks for when the first does not lead there, and stays with that', async () => {
    // The tag speaks for the web server, but nothing lets it in.
    const { emulator, env, sidecar, targets } = await startWorld({ tagsOfWebServer: { 'rds-tunnel:jump-host': '' } });
    const { localPort } = await sidecar.open({ host: own, port: 5432 });
    await sidecar.request('jumpHost/choose', { host: own, port: 5432, scope: {} });
    await fail(localPort);
    // Nothing speaks for any other: it stays with that one.
    await fail(localPort);
    assert.deepEqual([...new Set(await targets())], [webServer]);
    await sidecar.shutdown();

    const knowing = await startSidecar({ ...env, RDS_TUNNEL_NAME_SERVERS: names.address });
    const tunnel = await knowing.open({ host: own, port: 5432 });
    const before = (await targets()).length;
    // By the alias, security groups speak against the web server.
    await four(tunnel.localPort);
    assert.deepEqual([...new Set((await targets()).slice(before))], [jumpA]);
    assert.equal(await knowing.shutdown(), 0);
    await emulator.stop();
  });

  describe('on the command line', () => {
    const options = [...sidecarCommand.args, 'open', '--host', own, '--port', '5432', '--open-now'];

    it('is named by --target where nobody can be asked', async () => {
      const { emulator, env, sidecar, targets } = await startWorld();
      const { code, tail } = await run(sidecarCommand.file, options, { env, timeoutMs: hangMs });
      assert.equal(code, 3, tail.join('\n'));
      const text = tail.join('\n');
      assert.match(text, /1\. .*\n.*2\. .*\n.*3\. .*\n.*4\. /);
      for (const name of ['jump-a', 'web-server', 'jenkins', 'OFFICE-PC-7']) assert.match(text, new RegExp(`${name} \\(`));
      assert.match(text, /--target/);
      assert.match(text, /JumpHostChoiceNeeded/);
      assert.deepEqual(await targets(), []);
      await sidecar.shutdown();
      await emulator.stop();
    });

    it(
      'is asked for at a terminal, and remembered',
      { skip: process.platform === 'linux' ? skipWithout(findProgram('script'), 'script (util-linux)') : 'script is another program here' },
      async () => {
        const { emulator, env, sidecar, targets } = await startWorld();
        const command = `exec ${sidecarCommand.file} ${options.join(' ')}`;
        const child = spawn('script', ['-qefc', command, '/dev/null'], {
          env: { ...process.env, ...env },
          stdio: ['pipe', 'pipe', 'ignore'],
        });
        let screen = '';
        child.stdout.on('data', (/** @type {Buffer} */ bytes) => {
          screen += bytes.toString();
        });
        const exited = once(child, 'exit');
        assert.ok(await eventually(() => screen.includes('empty to cancel')), screen);
        child.stdin.write('nonsense\n');
        assert.ok(await eventually(() => screen.split('empty to cancel').length > 2), screen);
        const number = /(\d)\. jump-a/.exec(screen)?.[1];
        child.stdin.write(`${number}\n`);
        assert.ok(await eventually(() => /Listening on 127\.0\.0\.1:\d+/.test(screen)), screen);
        (await connectAndEcho(Number(/Listening on 127\.0\.0\.1:(\d+)/.exec(screen)?.[1]))).destroy();
        child.stdin.write('\x03');
        await exited;
        assert.deepEqual([...new Set(await targets())], [jumpA]);

        const { target } = await sidecar.open({ host: own, port: 5432, openNow: true });
        assert.equal(target, jumpA, 'a sidecar that was there before knows it, too');
        await sidecar.shutdown();
        await emulator.stop();
      },
    );
  });
});
