// Hostile services, agents, clients, peers, files and users, few descriptors, a full disk and lost
// time, all at once and at random, and beside them the transfers of somebody else.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sidecarCommand } from '../../../scripts/lib/paths.mjs';
import { attacks } from './attacks.mjs';
import { startBabblingAgent } from './babbling-agent.mjs';
import { startBystander } from './bystander.mjs';
import { descriptorsOf, residentMemoryOf } from '../day/process.mjs';
import { random, startNamedEcho } from '../day/conversation.mjs';
import { startEmulator } from '../emulator.mjs';
import { startEchoingAws } from '../marked/echoing-aws.mjs';
import { Marks } from '../marked/marks.mjs';
import { databaseHost, temporaryFolder } from '../peers.mjs';
import { eventually } from '../ports.mjs';
import { startSidecar } from '../sidecar.mjs';

export const skip = process.platform !== 'linux' && 'it looks into /proc';

/** At a time. */
const attackers = 4;
/** Enough for the work, few for who opens hundreds of connections. */
const descriptors = 600;
/** In the log when somebody at a window's socket does not speak JSON-RPC. */
const malformedFraming = 101;
/** Megabytes more than before: buffers that are bounded, and a heap as large as the collector likes it. */
const memoryGrowth = 200;

/**
 * Attacks a sidecar: nobody else's transfer notices, nothing is left behind.
 * @param {import('node:test').TestContext} test
 * @param {object} options
 * @param {number} options.seed what it does
 * @param {(attacks: number) => boolean} options.goesOn whether it attacks once more, after each attack was made once
 * @param {number} options.mayTakeMs only what hangs takes so long
 * @param {string} [options.only] attacks whose name has this in it
 */
export async function attackSidecar(test, { seed, goesOn, mayTakeMs, only = '' }) {
  const chosen = attacks.filter(({ name, skip }) => skip !== true && name.includes(only));
  const home = await temporaryFolder('attacks');
  await mkdir(join(home, '.aws'));
  const [emulator, echo, echoing, babbling] = await Promise.all([
    startEmulator({ unpaced: true }),
    startNamedEcho('E'),
    startEchoingAws(new Marks()),
    startBabblingAgent(random(seed)),
  ]);
  const sidecar = await startSidecar(
    { ...emulator.env, HOME: home, XDG_RUNTIME_DIR: home, XDG_STATE_HOME: home, AWS_EC2_METADATA_DISABLED: 'true' },
    { program: await limited(home) },
  );
  // Also when it has failed.
  test.after(async () => {
    await sidecar.running.stop();
    for (const each of [echo, echoing, babbling]) each.stop();
    await emulator.stop();
  });
  const open = () =>
    sidecar.open({
      target: emulator.target,
      host: databaseHost,
      port: echo.port,
      region: emulator.region,
      endpointUrl: emulator.endpoint,
    });
  const quiet = await Promise.all([open(), open()]);
  const transfers = await Promise.all(quiet.map(({ localPort }) => startBystander(localPort, random(seed))));
  const held = () => descriptorsOf(sidecar.running.pid, emulator.port);
  const memory = () => residentMemoryOf(sidecar.running.pid);
  const closeOthers = async () => {
    for (const { id } of await sidecar.list()) if (!quiet.some(tunnel => tunnel.id === id)) await sidecar.close(id);
  };
  /** @type {Record<string, number>} */
  const done = {};
  let [most, made] = [0, 0];
  /** Until no more are given. @param {() => boolean} isMore @param {(next: () => number) => number} choose */
  const attackAll = async (isMore, choose) => {
    /** @type {Set<{ name: string }>} */
    const running = new Set();
    const attacker = async () => {
      while (isMore()) {
        // What an attack does, does not depend on which others were faster.
        const next = random(seed * 1_000_003 + made++);
        const { name, attack } = /** @type {import('./attacks.mjs').Attack} */ (chosen[choose(next)]);
        const one = { name };
        running.add(one);
        await attack({
          next,
          sidecar,
          emulator,
          echoingAws: echoing.url,
          babblingAgent: babbling.url,
          home,
          echoPort: echo.port,
          bystanders: quiet.map(({ localPort }) => localPort),
        });
        running.delete(one);
        done[name] = (done[name] ?? 0) + 1;
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
    }, mayTakeMs);
    assert.ok(isOver, `Without an answer: ${[...running].map(({ name }) => name).join('; ')}`);
    await attacking;
    await closeOthers();
  };

  // Each once: from then on nothing grows.
  await attackAll(
    () => made < chosen.length,
    () => made - 1,
  );
  const before = { descriptors: held(), memory: memory() };
  await attackAll(
    () => goesOn(made - chosen.length),
    next => Math.floor(next() * chosen.length),
  );
  test.diagnostic(JSON.stringify(done));

  const bytes = (await Promise.all(transfers.map(each => each.stop()))).map(each => Math.round(each / 1_000));
  assert.deepEqual(
    sidecar.logs.filter(({ level, eventId }) => level === 'Error' && eventId !== malformedFraming),
    [],
  );
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
  for (const { localPort } of quiet) await (await startBystander(localPort, random(seed))).stop();
  assert.equal(await sidecar.shutdown(), 0);
}

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
