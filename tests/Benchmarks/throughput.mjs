// How much passes in a window of time in which all connections carry data.
import { setTimeout as delay } from 'node:timers/promises';
import { transfer } from './load.mjs';
import { cpuSeconds } from './process-usage.mjs';

/** @typedef {import('./forwarders.mjs').Forwarder} Forwarder */
/** @typedef {Awaited<ReturnType<typeof import('./load.mjs').startTarget>>} Target */
/** @typedef {{ megabytesPerSecond: number, cpuSecondsPerMegabyte: number | undefined }} Throughput */

const settleMs = 700;
const windowMs = 3_000;

/**
 * Connections join one after the other, each when the forwarder is ready for it; at 1, 4 and 8 the rate of them all together is taken.
 * @param {Forwarder[]} forwarders connections take turns on them
 * @param {Target} target
 * @param {'download' | 'upload'} direction
 * @param {number[]} counts ascending
 * @returns {Promise<Throughput[]>}
 */
export async function ramp(forwarders, target, direction, counts) {
  const downloaded = { bytes: 0 };
  const counter = direction === 'download' ? downloaded : target.received;
  /** @type {import('node:net').Socket[]} */
  const sockets = [];
  const results = [];
  try {
    for (const count of counts) {
      while (sockets.length < count) {
        const forwarder = /** @type {Forwarder} */ (forwarders[sockets.length % forwarders.length]);
        await forwarder.readyFor(sockets.length + 1, () => sockets.map(socket => carriedBy(socket, direction)));
        sockets.push(await transfer(forwarder.port, direction, downloaded));
      }
      await delay(settleMs);
      results.push(await rate(counter, forwarders));
    }
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  return results;
}

/** What a transfer has carried so far. @param {import('node:net').Socket} socket @param {'download' | 'upload'} direction */
function carriedBy(socket, direction) {
  if (socket.destroyed) throw new Error(`A connection was reset in the middle of its ${direction}.`);
  return direction === 'download' ? socket.bytesRead : socket.bytesWritten;
}

/**
 * @param {{ bytes: number }} counter
 * @param {Forwarder[]} forwarders
 * @returns {Promise<Throughput>}
 */
async function rate(counter, forwarders) {
  const cpu = () =>
    forwarders
      .map(({ pid }) => cpuSeconds(pid))
      .reduce((sum, each) => (sum === undefined || each === undefined ? undefined : sum + each), 0);
  const [bytes, used, started] = [counter.bytes, cpu(), performance.now()];
  await delay(windowMs);
  const [bytesEnd, usedEnd, ended] = [counter.bytes, cpu(), performance.now()];
  const megabytes = (bytesEnd - bytes) / 1e6;
  if (megabytes === 0) throw new Error(`Nothing arrived in ${windowMs / 1_000} s.`);
  return {
    megabytesPerSecond: (megabytes / (ended - started)) * 1_000,
    cpuSecondsPerMegabyte: used === undefined || usedEnd === undefined ? undefined : (usedEnd - used) / megabytes,
  };
}
