// Resident memory of the sidecar: idle, with ten tunnels, and over what an hour of traffic carries.
import { setTimeout as delay } from 'node:timers/promises';
import { openTunnel } from './forwarders.mjs';
import { echoTimes, transfer } from './load.mjs';
import { residentMegabytes } from './process-usage.mjs';

/** @typedef {import('../EndToEnd/sidecar.mjs').Sidecar} Sidecar */
/** @typedef {import('../EndToEnd/emulator.mjs').Emulator} Emulator */
/** @typedef {Awaited<ReturnType<typeof import('./load.mjs').startTarget>>} Target */

const tunnels = 10;
const restMs = 5_000;
/** Through each of the ten tunnels, each way. */
const bytesEach = 4e6;
/** At the 0.9 MB/s that a real agent lets through a session. */
const hourBytes = 3.2e9;
const samples = 8;

/**
 * @param {Sidecar} sidecar fresh
 * @param {Emulator} emulator
 * @param {Target} target
 */
export async function tenTunnels(sidecar, emulator, target) {
  const { pid } = sidecar.running;
  await delay(restMs);
  const idle = residentMegabytes(pid);
  const opened = [];
  for (let i = 0; i < tunnels; i++) opened.push(await openTunnel(sidecar, emulator, target.port));
  const quiet = residentMegabytes(pid);
  await Promise.all(
    opened.map(async ({ port }) => {
      await echoTimes(port, 100);
      await carry(port, 'download', bytesEach, target);
      await carry(port, 'upload', bytesEach, target);
    }),
  );
  const afterTraffic = residentMegabytes(pid);
  await delay(restMs);
  const afterRest = residentMegabytes(pid);
  for (const tunnel of opened) await tunnel.stop();
  return { idle, quiet, afterTraffic, afterRest };
}

/**
 * Half of it down, half up. Gives resident megabytes by bytes carried.
 * @param {Sidecar} sidecar
 * @param {Emulator} emulator
 * @param {Target} target
 * @param {(progress: string) => void} note
 */
export async function hourOfTraffic(sidecar, emulator, target, note) {
  const { pid } = sidecar.running;
  const tunnel = await openTunnel(sidecar, emulator, target.port);
  const series = [];
  // The first megabytes fill pools and compile what is hot: growth is counted from then on.
  await carry(tunnel.port, 'download', 1e8, target);
  await carry(tunnel.port, 'upload', 1e8, target);
  const started = performance.now();
  for (let i = 0; i <= samples; i++) {
    series.push({ megabytes: (i * hourBytes) / samples / 1e6, resident: residentMegabytes(pid) });
    note(`${series.at(-1)?.megabytes ?? 0} MB, ${series.at(-1)?.resident?.toFixed(1) ?? ''} MB resident`);
    if (i < samples) await carry(tunnel.port, i % 2 === 0 ? 'download' : 'upload', hourBytes / samples, target);
  }
  const seconds = (performance.now() - started) / 1_000;
  await tunnel.stop();
  return { series, seconds };
}

/**
 * @param {number} port
 * @param {'download' | 'upload'} direction
 * @param {number} bytes at least so many
 * @param {Target} target
 */
async function carry(port, direction, bytes, target) {
  const received = { bytes: 0 };
  const socket = await transfer(port, direction, received);
  // Uploads of others count too: with several at once each is a little shorter, which is of no importance here.
  const counter = direction === 'download' ? received : target.received;
  const end = counter.bytes + bytes;
  while (counter.bytes < end) {
    if (socket.destroyed) throw new Error(`The ${direction} was cut.`);
    await delay(20);
  }
  socket.destroy();
}
