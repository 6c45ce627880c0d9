// A service of ECS as the jump host: whatever task runs then.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startEmulator } from './emulator.mjs';
import { findProgram, skipWithout, temporaryFolder } from './peers.mjs';
import { connectAndEcho, startEcho } from './ports.mjs';
import { startSidecar, stateFolder } from './sidecar.mjs';
import { worldOf } from './worlds.mjs';

const host = 'orders.abc123.eu-central-1.rds.amazonaws.com';
const task = (/** @type {string} */ id, /** @type {object} */ of) => ({
  instanceId: `ecs:tools_${id.repeat(32)}_${id.repeat(32)}-0123456789`,
  region: 'eu-central-1',
  name: 'jump',
  vpcId: 'vpc-0a',
  securityGroupIds: ['sg-0jump'],
  ipAddress: '10.20.0.4',
  tags: { team: 'shop' },
  task: { cluster: 'tools', ...of },
});
const world = worldOf(host, [task('a', { service: 'jump' }), task('b', { service: 'web', hasExec: false })]);

describe('A service of ECS', () => {
  /** @type {Awaited<ReturnType<typeof startEcho>>} */
  let echo;
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {NodeJS.ProcessEnv} */
  let env;

  before(async () => {
    echo = await startEcho();
    const file = join(await temporaryFolder('world'), 'world.json');
    await writeFile(file, JSON.stringify(world));
    emulator = await startEmulator({ unpaced: true, world: file, alsoResolve: { [host]: `127.0.0.1:${echo.port}` } });
    env = { ...emulator.env, AWS_REGION: emulator.region, AWS_ENDPOINT_URL: emulator.endpoint, XDG_STATE_HOME: await stateFolder() };
  });

  after(async () => {
    echo.stop();
    await emulator.stop();
  });

  it('is found, leads to the database, and does so after a deployment through the new task', async () => {
    const sidecar = await startSidecar(env);
    const { jumpHosts, recommended } = await sidecar.request('jumpHost/list', { database: { host, port: 5432 }, scope: {} });
    assert.equal(recommended, 'ecs:tools/jump');
    assert.deepEqual(
      jumpHosts.map((/** @type {any} */ each) => each.target),
      ['ecs:tools/jump'],
    );

    const { localPort } = await sidecar.open({ host, port: 5432 });
    const connection = await connectAndEcho(localPort);
    const over = new Promise(resolve => {
      connection.on('error', () => undefined).once('close', resolve);
    });
    const [first] = await emulator.sessions();
    assert.equal(first?.target, world.instances[0]?.instanceId);

    await emulator.control('deploy', { cluster: 'tools', service: 'jump' });
    await over;
    (await connectAndEcho(localPort)).destroy();
    const [, second] = await emulator.sessions();
    assert.match(String(second?.target), /^ecs:tools_[0-9a-f]{32}_/);
    assert.notEqual(second?.target, first?.target);
    assert.equal(await sidecar.shutdown(), 0);
  });

  it('can be named as the target; one without ECS Exec is told what it lacks', async () => {
    const sidecar = await startSidecar(env);
    const { localPort, target } = await sidecar.open({ host, port: 5432, target: 'ecs:tools/jump', openNow: true });
    assert.equal(target, 'ecs:tools/jump');
    (await connectAndEcho(localPort)).destroy();
    await assert.rejects(
      sidecar.open({ host, port: 5432, target: 'ecs:tools/web', openNow: true }),
      /No task of the ECS service web in cluster tools runs with ECS Exec\..*enableExecuteCommand/,
    );
    const { steps } = await sidecar.request('tunnel/check', { tunnel: { host, port: 5432, target: 'ecs:tools/web' } });
    assert.match(steps.find((/** @type {any} */ step) => step.name === 'Target').message, /No task of the ECS service web/);
    assert.equal(await sidecar.shutdown(), 0);
  });
});

const aws = findProgram('aws', ['/usr/bin', '/usr/local/bin']);

describe('The AWS CLI', { skip: skipWithout(aws, 'the AWS CLI') }, () => {
  it('sees the same tasks in the local AWS', async () => {
    const file = join(await temporaryFolder('world'), 'world.json');
    await writeFile(file, JSON.stringify(world));
    const emulator = await startEmulator({ world: file });
    const ecs = async (/** @type {string[]} */ ...args) =>
      JSON.parse(
        (
          await promisify(execFile)(String(aws), ['--endpoint-url', emulator.endpoint, '--output', 'json', 'ecs', ...args], {
            env: {
              ...process.env,
              ...emulator.env,
              AWS_REGION: emulator.region,
              AWS_DEFAULT_REGION: emulator.region,
              HOME: await stateFolder(),
            },
          })
        ).stdout,
      );
    const {
      clusterArns: [cluster],
    } = await ecs('list-clusters');
    const { taskArns } = await ecs('list-tasks', '--cluster', cluster.split('/')[1], '--service-name', 'jump', '--page-size', '1');
    const {
      tasks: [found],
      failures,
    } = await ecs('describe-tasks', '--cluster', 'tools', '--include', 'TAGS', '--tasks', ...taskArns, `${taskArns[0]}0`);
    assert.deepEqual(
      [found.group, found.enableExecuteCommand, found.containers[0].managedAgents[0].lastStatus, found.tags],
      ['service:jump', true, 'RUNNING', [{ key: 'team', value: 'shop' }]],
    );
    assert.equal(failures[0].reason, 'MISSING');
    await emulator.stop();
  });
});
