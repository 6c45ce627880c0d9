// npm run attack: hostile services, agents, clients, peers, files and users, few descriptors, a
// full disk and lost time, all at once and at random. Nobody else's transfer notices.
// It is run by hand.
//   RDS_TUNNEL_ATTACK_SECONDS  how long it attacks, after each attack was made once; 15. An hour is 3600
//   RDS_TUNNEL_ATTACK_SEED     what it does
//   RDS_TUNNEL_ATTACK_ONLY     only attacks whose name has this in it
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { sidecarCommand } from '../../../scripts/lib/paths.mjs';
import { attacks } from './attacks.mjs';
import { startBabblingAgent } from './babbling-agent.mjs';
import { startBystander } from './bystander.mjs';
import { descriptorsOf, residentMemoryOf } from '../day/process.mjs';
import { random, startNamedEcho } from '../day/traffic.mjs';
import { startEmulator } from '../emulator.mjs';
import { startEchoingAws } from '../marked/echoing-aws.mjs';
import { Marks } from '../marked/marks.mjs';
import { databaseHost, temporaryFolder } from '../peers.mjs';
import { eventually, hangMs } from '../ports.mjs';
import { startSidecar } from '../sidecar.mjs';

const attackMs = 1_000 * Number(process.env.RDS_TUNNEL_ATTACK_SECONDS ?? 15);
const seed = Number(process.env.RDS_TUNNEL_ATTACK_SEED ?? Date.now() % 1_000_000);
const chosen = attacks.filter(({ name, skip }) => skip !== true && name.includes(process.env.RDS_TUNNEL_ATTACK_ONLY ?? ''));
/** At a time. */
const attackers = 4;
/** Enough for the work, few for who opens hundreds of connections. */
const descriptors = 600;
/** In the log when somebody at a window's socket does not speak JSON-RPC. */
const malformedFraming = 101;
/** Megabytes more than before: buffers that are bounded, and a heap as large as the collector likes it. */
const memoryGrowth = 200;

void describe('An attacker', { skip: process.platform !== 'linux' && 'it looks into /proc' }, () => {
  void it('disturbs nobody else, and leaves nothing behind', { timeout: attackMs + 2 * hangMs }, async test => {
    test.diagnostic(`RDS_TUNNEL_ATTACK_SEED=${seed}`);
    const next = random(seed);
    const home = await temporaryFolder('attacks');
    await mkdir(join(home, '.aws'));
    const [emulator, echo, echoing, babbling] = await Promise.all([
      startEmulator({ unpaced: true }),
      startNamedEcho('E'),
      startEchoingAws(new Marks()),
      startBabblingAgent(next),
    ]);
    const sidecar = await startSidecar(
      { ...emulator.env, HOME: home, XDG_RUNTIME_DIR: home, XDG_STATE_HOME: home, AWS_EC2_METADATA_DISABLED: 'true' },
      { program: await limited(home) },
    );
    const open = () =>
      sidecar.open({
        target: emulator.target,
        host: databaseHost,
        port: echo.port,
        region: emulator.region,
        endpointUrl: emulator.endpoint,
      });
    const quiet = await Promise.all([open(), open()]);
    const transfers = await Promise.all(quiet.map(({ localPort }) => startBystander(localPort, next)));
    const held = () => descriptorsOf(sidecar.running.pid, emulator.port);
    const memory = () => residentMemoryOf(sidecar.running.pid);
    const world = {
      next,
      sidecar,
      emulator,
      echoingAws: echoing.url,
      babblingAgent: babbling.url,
      home,
      echoPort: echo.port,
      bystanders: quiet.map(({ localPort }) => localPort),
    };
    /** @type {Record<string, number>} */
    const done = {};
    /** @type {Set<string>} */
    const running = new Set();
    let most = 0;
    /** Until no more are given. @param {() => import('./attacks.mjs').Attack | undefined} give */
    const attackAll = async give => {
      const attacker = async () => {
        for (let each = give(); each !== undefined; each = give()) {
          running.add(each.name);
          await each.attack(world);
          running.delete(each.name);
          done[each.name] = (done[each.name] ?? 0) + 1;
        }
      };
      let isOver = false;
      const attacking = Promise.all(Array.from({ length: attackers }, attacker)).finally(() => {
        isOver = true;
      });
      attacking.catch(() => undefined); // told below
      await eventually(() => {
        most = Math.max(most, memory());
        return isOver;
      }, attackMs + hangMs);
      assert.ok(isOver, `Without an answer: ${[...running].join('; ')}`);
      await attacking;
      for (const { id } of await sidecar.list()) if (!quiet.some(tunnel => tunnel.id === id)) await sidecar.close(id);
    };

    // Each once: from then on nothing grows.
    const once = [...chosen];
    await attackAll(() => once.pop());
    const before = { descriptors: held(), memory: memory() };
    const until = Date.now() + attackMs;
    await attackAll(() => (Date.now() < until ? chosen[Math.floor(next() * chosen.length)] : undefined));
    test.diagnostic(JSON.stringify(done));

    const bytes = (await Promise.all(transfers.map(each => each.stop()))).map(each => Math.round(each / 1_000));
    assert.deepEqual(
      sidecar.logs.filter(({ level, eventId }) => level === 'Error' && eventId !== malformedFraming),
      [],
    );
    for (const { id } of await sidecar.list()) if (!quiet.some(each => each.id === id)) await sidecar.close(id);
    assert.ok(
      await eventually(() => held() <= before.descriptors),
      `It holds ${held()} descriptors; before there were ${before.descriptors}.`,
    );
    assert.ok(await eventually(() => memory() <= before.memory + memoryGrowth), `It has grown from ${before.memory} to ${memory()} MB.`);
    test.diagnostic(
      JSON.stringify({
        kilobytes: bytes,
        before,
        after: { descriptors: held(), memory: memory() },
        most,
        babbled: babbling.sessions.started,
      }),
    );
    for (const { localPort } of quiet) await (await startBystander(localPort, next)).stop();
    assert.equal(await sidecar.shutdown(), 0);
    for (const each of [echo, echoing, babbling]) each.stop();
    await emulator.stop();
  });
});

/**
 * The sidecar with few descriptors, to whom a file that may not grow is an error, as on a full disk.
 * @param {string} folder
 * @returns the program
 */
async function limited(folder) {
  const program = join(folder, 'program');
  const { file, args } = sidecarCommand;
  await writeFile(
    program,
    `#!/bin/sh\nulimit -n ${descriptors}\ntrap '' XFSZ\nexec ${[file, ...args].map(each => `'${each}'`).join(' ')} "$@"\n`,
    { mode: 0o755 },
  );
  return program;
}
