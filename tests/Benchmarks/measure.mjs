// The benchmark's course: paced agent, unpaced agent, starts, memory; ours and the plugin take turns.
import { step } from '../../scripts/lib/steps.mjs';
import { say } from '../../scripts/lib/terminal.mjs';
import { startEmulator } from '../EndToEnd/emulator.mjs';
import { startSidecar } from '../EndToEnd/sidecar.mjs';
import { coldOpen, listing } from './discovery.mjs';
import { maxSessions, openTunnel, pluginProgram, startPlugin, startRelay } from './forwarders.mjs';
import { connectTo, echoTimes, startTarget, transfer } from './load.mjs';
import { compressedRows, download, openBothWays, signIns, startEngines } from './logins.mjs';
import { hourOfTraffic, tenTunnels } from './memory.mjs';
import { residentMegabytes } from './process-usage.mjs';
import { recovery } from './recovery.mjs';
import { sessionsAnew } from './signing.mjs';
import { ramp } from './throughput.mjs';

/** @typedef {import('./forwarders.mjs').Forwarder} Forwarder */
/** `short`: only what is compared with the baseline. @typedef {{ runs: number, program: string | undefined, long: boolean, short: boolean }} Options */

const speed = { unit: 'MB/s', digits: 2 };
const cpu = { unit: 'CPU ms/MB', digits: 2 };
const time = { unit: 'ms', digits: 2 };
const rows = { unit: 'rows/s', digits: 0 };
const memory = { unit: 'MB', digits: 1 };

const counts = [1, 4, 8];
const directions = /** @type {const} */ (['download', 'upload']);
const echoes = 3_000;
/** Where each of them may wait for a queue. */
const fewEchoes = 200;

/**
 * Adds what one course, or several, show.
 * @param {import('./results.mjs').Results} results
 * @param {Options} options
 */
export async function measure(results, options) {
  const target = await startTarget();
  try {
    for (const agent of /** @type {const} */ (['paced', 'unpaced'])) await carriage(agent, target, results, options);
    if (!options.short) await repairs(target, results, options);
    await starts(target, results, options);
    await signing(target, results, options);
    await logins(results, options);
    await residence(target, results, options);
    await finding(results, options);
  } finally {
    target.stop();
  }
}

/**
 * Throughput and round trips.
 * @param {'paced' | 'unpaced'} agent
 * @param {import('./throughput.mjs').Target} target
 * @param {import('./results.mjs').Results} results
 * @param {Options} options
 */
async function carriage(agent, target, results, { runs, program }) {
  const emulator = await startEmulator({ unpaced: agent === 'unpaced', compiled: true });
  const sidecar = await startSidecar(emulator.env, { program });
  /** @type {[import('./results.mjs').Column, () => Promise<Forwarder>][]} */
  const forwarders = [['ours', () => openTunnel(sidecar, emulator, target.port)]];
  // It has no agent: its rate is the machine's.
  if (agent === 'unpaced') forwarders.push(['relay', () => startRelay(target.port)]);
  if (pluginProgram !== undefined) forwarders.push(['plugin', () => startPlugin(emulator, target.port)]);

  await step(`Warming up, ${agent} agent`, async () => {
    const tunnel = await openTunnel(sidecar, emulator, target.port);
    for (const direction of directions) await ramp([tunnel], target, direction, [1]);
    await tunnel.stop();
  });
  for (let run = 1; run <= runs; run++) {
    for (const direction of directions) {
      for (const [column, open] of forwarders) {
        await step(
          `${agent} agent, run ${run} of ${runs}: ${direction}, ${column}`,
          async () => {
            const rates = await measured(column, open, forwarder => ramp([forwarder], target, direction, counts));
            for (const [i, { megabytesPerSecond, cpuSecondsPerMegabyte }] of rates.entries()) {
              results.add(`${direction}, ${agent}, ${counts[i] ?? 0}`, speed, column, megabytesPerSecond);
              if (i === 0 && cpuSecondsPerMegabyte !== undefined)
                results.add(`${direction}, ${agent}, 1: processor`, cpu, column, cpuSecondsPerMegabyte * 1_000);
            }
            return rates.map(rate => rate.megabytesPerSecond.toFixed(2)).join(', ');
          },
          detail => `${detail} MB/s`,
        );
      }
    }
    for (const [column, open] of forwarders) {
      await step(`${agent} agent, run ${run} of ${runs}: echo, ${column}`, async () => {
        const times = await measured(column, open, async ({ port }) => {
          await echoTimes(port, echoes / 10);
          return echoTimes(port, echoes);
        });
        results.add(`echo of 100 bytes, ${agent}, p50`, time, column, times[echoes * 0.5]);
        results.add(`echo of 100 bytes, ${agent}, p99`, time, column, times[echoes * 0.99]);
      });
    }
    if (agent === 'paced') {
      for (const [column, open] of forwarders) {
        await step(`${agent} agent, run ${run} of ${runs}: echo beside a download, ${column}`, async () => {
          const times = await measured(column, open, forwarder => echoBesideADownload(forwarder));
          results.add('echo of 100 bytes beside a download, paced, p50', time, column, times[fewEchoes * 0.5]);
          results.add('echo of 100 bytes beside a download, paced, p99', time, column, times[fewEchoes * 0.99]);
        });
      }
    }
    if (pluginProgram !== undefined && agent === 'paced') {
      await step(`${agent} agent, run ${run} of ${runs}: download, ${maxSessions} plugins`, async () => {
        const [rate] = await measured(
          'plugin',
          () => startPlugins(emulator, target.port),
          ({ forwarders }) => ramp(forwarders, target, 'download', [maxSessions]),
        );
        results.add(`download, ${agent}, ${maxSessions} plugins at once`, speed, 'plugin', rate?.megabytesPerSecond);
      });
    }
  }
  await sidecar.running.stop();
  await emulator.stop();
}

/** @param {Forwarder} forwarder */
async function echoBesideADownload({ port, readyFor }) {
  const bulk = await transfer(port, 'download', { bytes: 0 });
  try {
    await readyFor(2, () => [bulk.bytesRead]);
    return await echoTimes(port, fewEchoes);
  } finally {
    bulk.destroy();
  }
}

/**
 * Opens, measures, stops. Now and then a plugin gives no answer on a connection: it gets further chances, ours gets none.
 * @template {{ stop: () => Promise<void> }} F
 * @template T
 * @param {import('./results.mjs').Column} column
 * @param {() => Promise<F>} open
 * @param {(forwarder: F) => Promise<T>} body
 * @returns {Promise<T>}
 */
async function measured(column, open, body, chances = column === 'plugin' ? 5 : 1) {
  const forwarder = await open();
  try {
    return await body(forwarder);
  } catch (error) {
    if (chances === 1) throw error;
    say(`  (${String(error)} Once more.)`);
  } finally {
    await forwarder.stop();
  }
  return measured(column, open, body, chances - 1);
}

/**
 * @param {import('../EndToEnd/emulator.mjs').Emulator} emulator
 * @param {number} targetPort
 */
async function startPlugins(emulator, targetPort) {
  /** @type {Forwarder[]} */
  const forwarders = [];
  for (let i = 0; i < maxSessions; i++) forwarders.push(await startPlugin(emulator, targetPort));
  return {
    forwarders,
    stop: async () => {
      await Promise.all(forwarders.map(plugin => plugin.stop()));
    },
  };
}

/**
 * What a lost websocket costs.
 * @param {import('./throughput.mjs').Target} target
 * @param {import('./results.mjs').Results} results
 * @param {Options} options
 */
async function repairs(target, results, { runs, program }) {
  const emulator = await startEmulator();
  const sidecar = await startSidecar(emulator.env, { program });
  for (let run = 1; run <= runs; run++) {
    await step(`Recovery, run ${run} of ${runs}`, async () => {
      results.add(
        'download, paced, websocket lost at a round trip of 200 ms: stands still for',
        time,
        'ours',
        await recovery(sidecar, emulator, target),
      );
    });
  }
  await sidecar.running.stop();
  await emulator.stop();
}

/**
 * From nothing to the first answer, and to the first byte.
 * @param {import('./throughput.mjs').Target} target
 * @param {import('./results.mjs').Results} results
 * @param {Options} options
 */
async function starts(target, results, { runs, program }) {
  const emulator = await startEmulator();
  for (let run = 0; run < runs * 3; run++) {
    await step('Starts', async () => {
      const started = performance.now();
      const sidecar = await startSidecar(emulator.env, { program });
      results.add('process start to first reply', time, 'ours', performance.now() - started);
      const first = await untilFirstByte(() => openTunnel(sidecar, emulator, target.port));
      results.add('tunnel/open, the first of a process, to first byte', time, 'ours', first);
      results.add(
        'tunnel/open, another one, to first byte',
        time,
        'ours',
        await untilFirstByte(() => openTunnel(sidecar, emulator, target.port)),
      );
      await sidecar.running.stop();
      const relayStarted = performance.now();
      const relay = await startRelay(target.port);
      results.add('process start to first reply', time, 'relay', performance.now() - relayStarted);
      await relay.stop();
      if (pluginProgram !== undefined) {
        // Each of its tunnels is the first of a process.
        const ms = await untilFirstByte(() => startPlugin(emulator, target.port), 'plugin');
        results.add('tunnel/open, the first of a process, to first byte', time, 'plugin', ms);
        results.add('tunnel/open, another one, to first byte', time, 'plugin', ms);
      }
    });
  }
  await emulator.stop();
}

/**
 * Sessions whose data channel is signed beside such as go without, in turns.
 * @param {import('./throughput.mjs').Target} target
 * @param {import('./results.mjs').Results} results
 * @param {Options} options
 */
export async function signing(target, results, { runs, program }) {
  const ways = await Promise.all(
    /** @type {const} */ ([
      ['signed', 'Required'],
      ['unsigned', 'Denied'],
    ]).map(async ([way, signature]) => {
      const emulator = await startEmulator({ unpaced: true });
      await emulator.control('channel', { signature });
      const sidecar = await startSidecar(emulator.env, { program });
      return { way, emulator, sidecar, tunnel: await sessionsAnew(sidecar, emulator, target.port) };
    }),
  );
  // The first ones compile what they run.
  for (let i = 0; i < 10; i++) for (const { tunnel } of ways) await tunnel.connect();
  for (let run = 1; run <= runs; run++) {
    await step(`Signatures, run ${run} of ${runs}`, async () => {
      for (let i = 0; i < 20; i++)
        for (const { way, tunnel } of ways) results.add(`the next session, ${way}, to first byte`, time, 'ours', await tunnel.connect());
    });
  }
  for (const { tunnel, sidecar, emulator } of ways) {
    await tunnel.stop();
    await sidecar.running.stop();
    await emulator.stop();
  }
}

/** Tunnels that sign in, beside plain ones. @param {import('./results.mjs').Results} results @param {Options} options */
export async function logins(results, { runs, program }) {
  const engines = await startEngines();
  for (const engine of engines) {
    // At the usual port: elsewhere, the sidecar waits to see who speaks first.
    const at = { world: true, databaseAddress: `127.0.0.1:${engine.database.port}` };
    const unpaced = await startEmulator({ unpaced: true, compiled: true, ...at });
    const paced = await startEmulator(at);
    const env = { AWS_CA_BUNDLE: engine.database.authority };
    const sidecar = await startSidecar({ ...unpaced.env, ...env }, { program });
    const { pid } = sidecar.running;
    const ways = await openBothWays(sidecar, unpaced, engine);
    for (let run = 1; run <= runs; run++) {
      await step(`Logins, ${engine.name}, run ${run} of ${runs}`, async () => {
        for (const { way, connect } of ways)
          for (const ms of await signIns(connect)) results.add(`${engine.name}, connected and signed in, ${way}`, time, 'ours', ms);
        for (const { way, connect } of ways) {
          const { megabytesPerSecond, cpuSecondsPerMegabyte } = await download(connect, pid);
          results.add(`${engine.name}, download, ${way}`, speed, 'ours', megabytesPerSecond);
          if (cpuSecondsPerMegabyte !== undefined)
            results.add(`${engine.name}, download, ${way}: processor`, cpu, 'ours', cpuSecondsPerMegabyte * 1_000);
        }
        if (engine.name !== 'MariaDB') return;
        for (const { way, rowsPerSecond, cpuMs } of await compressedRows(sidecar, paced, engine)) {
          results.add(`${engine.name}, paced, 20,000 rows, ${way}`, rows, 'ours', rowsPerSecond);
          results.add(`${engine.name}, paced, 20,000 rows, ${way}: processor`, time, 'ours', cpuMs);
        }
      });
    }
    for (const { stop } of ways) await stop();
    await sidecar.running.stop();
    await unpaced.stop();
    await paced.stop();
    await engine.database.stop();
  }
}

/** @param {() => Promise<Forwarder>} open @param {import('./results.mjs').Column} [column] */
function untilFirstByte(open, column = 'ours') {
  let started = 0;
  return measured(
    column,
    () => {
      started = performance.now();
      return open();
    },
    async ({ port }) => {
      const socket = await connectTo(port, 'echo');
      const ms = performance.now() - started;
      socket.destroy();
      return ms;
    },
  );
}

/**
 * @param {import('./throughput.mjs').Target} target
 * @param {import('./results.mjs').Results} results
 * @param {Options} options
 */
async function residence(target, results, { runs, program, long }) {
  const emulator = await startEmulator({ unpaced: true });
  for (let run = 1; run <= runs; run++) {
    await step(`Memory, run ${run} of ${runs}`, async () => {
      const sidecar = await startSidecar(emulator.env, { program });
      const { idle, quiet, afterTraffic, afterRest } = await tenTunnels(sidecar, emulator, target);
      results.add('resident, idle', memory, 'ours', idle);
      results.add('resident, 10 tunnels open', memory, 'ours', quiet);
      results.add('resident, 10 tunnels after traffic', memory, 'ours', afterTraffic);
      results.add('resident, 10 tunnels after a rest', memory, 'ours', afterRest);
      await sidecar.running.stop();
    });
  }
  if (pluginProgram !== undefined) {
    const plugin = await startPlugin(emulator, target.port);
    await echoTimes(plugin.port, 100);
    results.add('resident, 1 tunnel (a plugin has a process for each)', memory, 'plugin', residentMegabytes(plugin.pid));
    await plugin.stop();
  }
  if (long) {
    await step(
      'Memory over an hour of traffic',
      async note => {
        const sidecar = await startSidecar(emulator.env, { program });
        const { series, seconds } = await hourOfTraffic(sidecar, emulator, target, note);
        for (const { megabytes, resident } of series) results.add(`resident, after ${megabytes} MB`, memory, 'ours', resident);
        await sidecar.running.stop();
        return `in ${seconds.toFixed(0)} s`;
      },
      detail => detail,
    );
  }
  await emulator.stop();
}

/** @param {import('./results.mjs').Results} results @param {Options} options */
async function finding(results, { runs, program, short }) {
  for (let run = 1; run <= runs; run++) {
    await step(`Finding, run ${run} of ${runs}`, async () => {
      const { ms, firstMs, requests, grown } = await listing(program);
      results.add('2,000 databases in 3 regions: all', time, 'ours', ms);
      results.add('2,000 databases in 3 regions: the first page', time, 'ours', firstMs);
      results.add('2,000 databases in 3 regions', { unit: 'requests', digits: 0 }, 'ours', requests);
      results.add('2,000 databases in 3 regions: resident, more', memory, 'ours', grown);
      const cold = short ? undefined : await coldOpen(program);
      if (cold === undefined) return;
      results.add('cold, from process start to a row of PostgreSQL', time, 'ours', cold.total);
      results.add('cold, of it: process start to first reply', time, 'ours', cold.start);
      results.add('cold, of it: jump host found, session open', time, 'ours', cold.open);
      results.add('cold, of it: connection, TLS, sign-in, row', time, 'ours', cold.row);
    });
  }
}
