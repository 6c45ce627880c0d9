// A jump host that is stopped: a tunnel that may starts it for the first connection, and stops it when it ends.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sidecarCommand } from '../../scripts/lib/paths.mjs';
import { startEmulator } from './emulator.mjs';
import { temporaryFolder } from './peers.mjs';
import { connectAndEcho, eventually, startEcho } from './ports.mjs';
import { startSidecar, stateFolder } from './sidecar.mjs';
import { worldOf } from './worlds.mjs';

const host = 'orders.abc123.eu-central-1.rds.amazonaws.com';
const jump = 'i-0aaaaaaaaaaaaaaaa';
const worker = 'i-0bbbbbbbbbbbbbbbb';
const stopped = { region: 'eu-central-1', vpcId: 'vpc-0a', isStopped: true, pendingSeconds: 1, agentSeconds: 4, stoppingSeconds: 1 };
const world = worldOf(host, [
  { ...stopped, instanceId: jump, name: 'jump', securityGroupIds: ['sg-0jump'], isManaged: false },
  { ...stopped, instanceId: worker, name: 'worker', securityGroupIds: ['sg-0other'] },
]);

describe('A stopped jump host', () => {
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

  const stateOf = async (/** @type {string} */ id) => {
    const answer = await fetch(`${emulator.endpoint}/_emulator/instances`);
    const instances = /** @type {any[]} */ (await answer.json());
    return instances.find(each => each.instanceId === id);
  };

  const restsAgain = async () => {
    assert.ok(await eventually(async () => (await stateOf(jump)).state === 'Stopped'), 'it is stopped again');
  };

  it('is listed, is not taken without consent, and is said how to start', async () => {
    const sidecar = await startSidecar(env);
    const { jumpHosts, recommended, startable, advice } = await sidecar.request('jumpHost/list', {
      database: { host, port: 5432 },
      scope: {},
    });
    assert.equal(recommended, undefined);
    assert.equal(startable, jump);
    assert.deepEqual(
      jumpHosts.map((/** @type {any} */ each) => [each.target, each.canStart]),
      [
        [jump, true],
        [worker, undefined],
      ],
    );
    assert.equal(jumpHosts[0].reasons[0].message, 'stopped: starts in about 40 s');
    assert.match(advice, /is stopped\. Start it, or let the tunnel start it when it is needed \(startJumpHost\)/);
    await assert.rejects(sidecar.open({ host, port: 5432, openNow: true }), /is stopped\. Start it, or let the tunnel start it/);
    const { steps } = await sidecar.request('tunnel/check', { tunnel: { host, port: 5432, target: jump, startJumpHost: true } });
    const target = steps.find((/** @type {any} */ step) => step.name === 'Target');
    assert.match(target.message, /stopped: starts in about 40 s/);
    assert.match(target.advice, /The tunnel starts it for the first connection/);
    assert.equal((await stateOf(jump)).state, 'Stopped', 'a check changes nothing');
    assert.equal(await sidecar.shutdown(), 0);
  });

  it('is started by the first connection, which waits, and is stopped with the process', async () => {
    const sidecar = await startSidecar(env);
    const { localPort } = await sidecar.open({ host, port: 5432, startJumpHost: true });
    const connection = await connectAndEcho(localPort);
    const { state, tags } = await stateOf(jump);
    assert.equal(state, 'Running');
    assert.match(tags['rds-tunnel:lease'], /^\S+ from=\S+ until=\S+$/);
    assert.equal((await stateOf(worker)).state, 'Stopped');
    connection.destroy();
    assert.equal(await sidecar.shutdown(), 0);
    await restsAgain();
  });

  it('is started by the command line, which tells how far it has come', async () => {
    const program = spawn(
      sidecarCommand.file,
      [...sidecarCommand.args, 'open', '--host', host, '--port', '5432', '--start-jump-host', '--open-now'],
      { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let said = '';
    program.stdout.on('data', text => (said += String(text)));
    assert.ok(await eventually(() => said.includes('Listening on')), said);
    program.kill('SIGTERM');
    assert.deepEqual(await once(program, 'exit'), [0, null]);
    assert.match(said, new RegExp(`StartingJumpHost: Jump host ${jump}: starting`));
    assert.match(said, new RegExp(`StartingJumpHost: Jump host ${jump}: waiting for its agent`));
    await restsAgain();
  });

  it('is stopped by the next tunnel of the user after a crash', async () => {
    const sidecar = await startSidecar(env);
    await sidecar.open({ host, port: 5432, startJumpHost: true, openNow: true });
    process.kill(sidecar.running.pid, 'SIGKILL');
    await sidecar.running.exited;
    assert.equal((await stateOf(jump)).state, 'Running');
    for (const { id } of await emulator.sessions()) await emulator.control(`sessions/${id}/terminate`);
    const next = await startSidecar(env);
    await next.open({ host, port: 5432, startJumpHost: true, openNow: true });
    assert.equal(await next.shutdown(), 0);
    await restsAgain();
  });
});
