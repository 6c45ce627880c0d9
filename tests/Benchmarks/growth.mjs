// How what a tunnel costs grows: with idle connections, with tunnels, with bytes, and with the distance to AWS.
import { once } from 'node:events';
import { startEmulator } from '../EndToEnd/emulator.mjs';
import { startSidecar } from '../EndToEnd/sidecar.mjs';
import { startDistance } from './distance.mjs';
import { openTunnel } from './forwarders.mjs';
import { connectTo, transfer } from './load.mjs';
import { cpuSeconds, residentMegabytes } from './process-usage.mjs';

/** @typedef {import('./throughput.mjs').Target} Target */
/** @typedef {{ connections: number, residentMegabytes: number | undefined }} Connections */
/** @typedef {{ tunnels: number, openMs: number, residentMegabytes: number | undefined }} Tunnels */
/** @typedef {{ bytes: number, ms: number, cpuMs: number | undefined }} Size of a download */
/** @typedef {{ roundTripMs: number, firstMs: number, anotherMs: number, connectionMs: number }} Distance */

const connectionCounts = [0, 1, 10, 100, 1_000];
const tunnelCounts = [1, 10, 100];
/** How often each size is downloaded: processor time is counted in steps of 10 ms. */
const sizes = [
  { bytes: 1e3, times: 2_000 },
  { bytes: 1e5, times: 1_000 },
  { bytes: 1e7, times: 20 },
  { bytes: 1e9, times: 1 },
];
const roundTripsMs = [0, 100, 400];

/**
 * Resident memory while so many connections of one tunnel say nothing, each after its first byte.
 * @param {Target} target
 * @param {string | undefined} program
 */
export async function idleConnections(target, program) {
  const { emulator, sidecar, stop } = await world(program);
  const { port } = await openTunnel(sidecar, emulator, target.port);
  const sockets = [];
  /** @type {Connections[]} */
  const rows = [];
  for (const connections of connectionCounts) {
    while (sockets.length < connections) sockets.push(await connectTo(port, 'echo'));
    rows.push({ connections, residentMegabytes: residentMegabytes(sidecar.running.pid) });
  }
  for (const socket of sockets) socket.destroy();
  await stop();
  return rows;
}

/** Open tunnels of one process, each with a session. @param {Target} target @param {string | undefined} program */
export async function manyTunnels(target, program) {
  const { emulator, sidecar, stop } = await world(program);
  /** @type {Tunnels[]} */
  const rows = [];
  const started = performance.now();
  for (let tunnels = 1; tunnels <= Math.max(...tunnelCounts); tunnels++) {
    const { port } = await openTunnel(sidecar, emulator, target.port);
    (await connectTo(port, 'echo')).destroy();
    if (tunnelCounts.includes(tunnels))
      rows.push({ tunnels, openMs: performance.now() - started, residentMegabytes: residentMegabytes(sidecar.running.pid) });
  }
  await stop();
  return rows;
}

/** Downloads of a size, each on a connection of its own. @param {Target} target @param {string | undefined} program */
export async function downloads(target, program) {
  const { emulator, sidecar, stop } = await world(program);
  const { port } = await openTunnel(sidecar, emulator, target.port);
  const { pid } = sidecar.running;
  /** @type {Size[]} */
  const rows = [];
  await download(port, 1e7);
  for (const { bytes, times } of sizes) {
    const [used, started] = [cpuSeconds(pid), performance.now()];
    for (let i = 0; i < times; i++) await download(port, bytes);
    const usedNow = cpuSeconds(pid);
    rows.push({
      bytes,
      ms: (performance.now() - started) / times,
      cpuMs: used === undefined || usedNow === undefined ? undefined : ((usedNow - used) * 1_000) / times,
    });
  }
  await stop();
  return rows;
}

/**
 * From `tunnel/open` to the first byte, over networks of different length. Each of two distances differs by one round trip for each time
 * that something waits for an answer.
 * @param {Target} target
 * @param {string | undefined} program
 */
export async function distances(target, program) {
  /** @type {Distance[]} */
  const rows = [];
  for (const roundTripMs of roundTripsMs) {
    const { emulator, sidecar, stop } = await world(program);
    const distance = await startDistance(emulator.port, roundTripMs / 2);
    const far = { ...emulator, endpoint: distance.endpoint };
    const open = async () => {
      const started = performance.now();
      const { port } = await openTunnel(sidecar, far, target.port);
      (await connectTo(port, 'echo')).destroy();
      return { port, ms: performance.now() - started };
    };
    const [first, another] = [await open(), await open()];
    const started = performance.now();
    (await connectTo(another.port, 'echo')).destroy();
    rows.push({ roundTripMs, firstMs: first.ms, anotherMs: another.ms, connectionMs: performance.now() - started });
    await stop();
    distance.stop();
  }
  return rows;
}

/** A local AWS that has served before, and a process that has not. @param {string | undefined} program */
async function world(program) {
  const emulator = await startEmulator({ unpaced: true });
  const earlier = await startSidecar(emulator.env, { program });
  await openTunnel(earlier, emulator, emulator.port);
  await earlier.running.stop();
  const sidecar = await startSidecar(emulator.env, { program });
  const stop = async () => {
    await sidecar.running.stop();
    await emulator.stop();
  };
  return { emulator, sidecar, stop };
}

/** @param {number} port @param {number} bytes */
async function download(port, bytes) {
  const socket = await transfer(port, 'download', { bytes: 0 }, bytes);
  await once(socket, 'end');
  socket.destroy();
}
