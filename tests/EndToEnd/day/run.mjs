// A working day of twelve tunnels, compressed, where an hour is twenty seconds. Nothing is lost in silence, nothing is left behind, and nobody
// has to click but to sign in.
import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { random } from './conversation.mjs';
import { answered, hourSeconds, startLaptop } from './laptop.mjs';
import { descriptorsOf, residentMemoryOf } from './process.mjs';
import { startTraffic } from './traffic.mjs';
import { troubles } from './troubles.mjs';
import { artifacts } from '../../../scripts/lib/paths.mjs';
import { stillRunning } from '../../../scripts/lib/processes.mjs';
import { eventually, isListening } from '../ports.mjs';

export const skip = process.platform !== 'linux' && 'It looks into /proc';

const [known, used] = [40, 12];
/** Of the tunnels that are used, every so many also moves much. */
const transfersEvery = 6;
/** What the heap may keep of a day, in megabytes: its size is a matter of the collector, a leak of connections is not. */
const memoryGrowth = 48;
const upToAPerson = ['NeedsSignIn', 'NeedsJumpHost', 'NeedsApproval'];

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {boolean} click whether a person was needed
 * @property {number} finished connections
 * @property {number} reset
 * @property {number} longestWaitMs for an answer, or the end in place of it
 * @property {number} usableAfterMs from the end of the trouble until each tunnel has answered a new connection
 */
/** @typedef {{ descriptors: number, memory: number }} Held */
/** @typedef {{ seed: number, rounds: number, rows: Row[], atFirst: Held, atLast: Held, sessions: number, resumes: number, seconds: number }} Report */

/**
 * @param {import('node:test').TestContext} test
 * @param {object} options
 * @param {number} options.seed the order of the troubles, and how much is sent
 * @param {number} options.rounds how often each trouble comes
 * @param {string} [options.only] troubles whose name has this in it
 * @param {[part: number, parts: number]} [options.share] the part of them, counted from 0
 * @param {number} [options.soonMs] what is too long to wait
 * @returns {Promise<Report>}
 */
export async function liveThroughDay(test, { seed, rounds, only = '', share: [part, parts] = [0, 1], soonMs = Infinity }) {
  const started = performance.now();
  const next = random(seed);
  const laptop = await startLaptop();
  const { emulator, network, sidecar } = laptop;
  // What the sidecar says, as it goes: to look into what hangs, too.
  await mkdir(`${artifacts}/test-results`, { recursive: true });
  const log = createWriteStream(`${artifacts}/test-results/day-${seed}.log`);
  let written = 0;
  const write = () => {
    for (const { at, level, message } of sidecar.logs.slice(written)) log.write(`${at} ${level} ${message}\n`);
    written = sidecar.logs.length;
  };
  const writing = setInterval(write, 1_000);
  // Also when it has failed.
  test.after(async () => {
    clearInterval(writing);
    write();
    log.end();
    await laptop.stop();
  });
  const tell = (/** @type {string} */ message) => {
    sidecar.logs.push({ level: 'Test', category: 'day', message, at: new Date().toISOString() });
  };
  const held = () => descriptorsOf(sidecar.running.pid, network.port);
  const memory = () => residentMemoryOf(sidecar.running.pid);

  /** @type {Record<string, number>} */
  let ends = {};
  let longestWaitMs = 0;
  /** @type {Set<number>} */
  let resetPorts = new Set();
  /** @param {import('../sidecar.mjs').Tunnel[]} tunnels */
  const startAllTraffic = tunnels =>
    tunnels.map(({ localPort }, i) =>
      startTraffic(localPort, {
        next: random(seed * 1_000_003 + i),
        transfers: i % transfersEvery === 1,
        onEnd: end => {
          ends[end] = (ends[end] ?? 0) + 1;
          if (end === 'reset') resetPorts.add(localPort);
          if (end !== 'finished') tell(`port ${localPort}: ${end}`);
        },
        onWait: ms => {
          longestWaitMs = Math.max(longestWaitMs, ms);
        },
      }),
    );
  /** @type {Row[]} */
  const rows = [];
  /**
   * What comes of a trouble.
   * @param {Omit<import('./troubles.mjs').Trouble, 'happen'>} trouble
   * @param {import('../sidecar.mjs').Tunnel[]} tunnels
   * @param {ReturnType<typeof startTraffic>[]} traffic
   * @param {() => Promise<void>} happen
   */
  const liveThrough = async ({ name, click = false }, tunnels, traffic, happen) => {
    [ends, resetPorts, longestWaitMs] = [{}, new Set(), 0];
    const told = sidecar.changes.length;
    tell(`--- ${name}`);
    await happen();
    tell('--- It is over.');
    const over = performance.now();
    // Each tunnel, without a click, and for the tools that run all the time as well.
    await Promise.all(tunnels.map(({ localPort }) => answered(localPort)));
    const usableAfterMs = performance.now() - over;
    const goOn = await Promise.all(traffic.map(each => each.goesOn()));
    assert.ok(goOn.every(Boolean), `${name}: a connection has neither an answer nor an end.`);
    const changes = sidecar.changes.slice(told);
    const now = await sidecar.list();
    for (const port of resetPorts) {
      const tunnel = now.find(({ localPort }) => localPort === port);
      const reason =
        tunnel?.lastReset ?? tunnel?.fault ?? changes.find(change => change.localPort === port && change.fault !== undefined)?.fault;
      assert.ok(reason?.message, `${name}: a connection of ${tunnel?.name ?? port} was reset, and nothing says why.`);
    }
    assert.equal(ends.wrong ?? 0, 0, `${name}: bytes were wrong.`);
    assert.equal(ends.ended ?? 0, 0, `${name}: a connection ended in order, in the middle of a conversation.`);
    assert.equal(ends.away ?? 0, 0, `${name}: a port was away.`);
    const asked = changes.filter(({ state }) => !click && upToAPerson.includes(state));
    assert.deepEqual(asked, [], `${name}: a person was asked.`);
    rows.push({
      name,
      click,
      finished: ends.finished ?? 0,
      reset: ends.reset ?? 0,
      longestWaitMs: Math.round(longestWaitMs),
      usableAfterMs: Math.round(usableAfterMs),
    });
    test.diagnostic(JSON.stringify(rows.at(-1)));
    assert.ok(Math.max(longestWaitMs, usableAfterMs) < soonMs, `${name}: it took too long: ${JSON.stringify(rows.at(-1))}`);
  };

  const morning = await laptop.open(used);
  const early = startAllTraffic(morning);
  const quiet = { name: 'None: the service closes each socket after an hour' };
  await liveThrough(quiet, morning, early, () => delay(hourSeconds * 1_100));
  assert.equal(rows[0]?.reset, 0, 'A connection was reset, and nothing had happened.');
  await Promise.all(early.map(each => each.stop()));
  await laptop.closeAll();
  const atFirst = { descriptors: held(), memory: memory() };

  const tunnels = await laptop.open(known);
  const world = { ...laptop, used: tunnels.slice(0, used) };
  const traffic = startAllTraffic(world.used);
  await Promise.all(world.used.map(({ localPort }) => answered(localPort)));
  const chosen = troubles.filter(({ name }, i) => name.includes(only) && i % parts === part);
  const order = Array.from({ length: rounds }, () => chosen)
    .flat()
    .map(trouble => ({ trouble, at: next() }))
    .sort((a, b) => a.at - b.at);
  for (const { trouble } of order) await liveThrough(trouble, world.used, traffic, () => trouble.happen(world));

  await Promise.all(traffic.map(each => each.stop()));
  // Also those that nobody has used so far.
  await Promise.all(tunnels.map(({ localPort }) => answered(localPort)));
  const isOver = async () => (await sidecar.list()).every(({ statistics }) => statistics.connectionsNow === 0);
  assert.ok(await eventually(isOver), 'A connection is left.');
  const resumes = (await sidecar.list()).reduce((sum, { statistics }) => sum + statistics.resumes, 0);
  await laptop.closeAll();
  assert.ok(
    await eventually(() => held() <= atFirst.descriptors),
    `It holds ${held()} descriptors; in the first hour there were ${atFirst.descriptors}.`,
  );
  assert.ok(await eventually(() => memory() <= atFirst.memory + memoryGrowth), `It has grown from ${atFirst.memory} to ${memory()} MB.`);
  const atLast = { descriptors: held(), memory: memory() };
  assert.equal(await sidecar.shutdown(), 0);
  assert.equal(stillRunning().includes(sidecar.running.pid), false, 'A process is left.');
  for (const { localPort } of tunnels) assert.equal(await isListening(localPort), false, `Port ${localPort} still listens.`);
  assert.deepEqual(await laptop.sessionsLeft(), []);
  const report = {
    seed,
    rounds,
    rows,
    atFirst,
    atLast,
    sessions: (await emulator.sessions()).length,
    resumes,
    seconds: Math.round((performance.now() - started) / 1_000),
  };
  test.diagnostic(JSON.stringify({ ...report, rows: rows.length }));
  return report;
}
