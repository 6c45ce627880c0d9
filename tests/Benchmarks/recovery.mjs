// How long a download stands still when its websocket is lost.
import { setTimeout as delay } from 'node:timers/promises';
import { startDistance } from './distance.mjs';
import { openTunnel } from './forwarders.mjs';
import { transfer } from './load.mjs';

const roundTripMs = 200;
const beforeCutMs = 3_000;
const giveUpMs = 120_000;

/** What has to pass before it counts as flowing again: more than the repairs bring in a second, less than the agent's pace does. */
const flowingBytesPerSecond = 400_000;

/**
 * @param {import('../EndToEnd/sidecar.mjs').Sidecar} sidecar
 * @param {import('../EndToEnd/emulator.mjs').Emulator} emulator with an agent that keeps its pace
 * @param {import('./throughput.mjs').Target} target
 * @returns milliseconds from the cut until it flows again
 */
export async function recovery(sidecar, emulator, target) {
  const distance = await startDistance(emulator.port, roundTripMs / 2);
  const tunnel = await openTunnel(sidecar, { ...emulator, endpoint: distance.endpoint }, target.port);
  const received = { bytes: 0 };
  const socket = await transfer(tunnel.port, 'download', received);
  try {
    await delay(beforeCutMs);
    distance.cut();
    const cut = performance.now();
    while (performance.now() - cut < giveUpMs) {
      const before = received.bytes;
      await delay(1_000);
      if (received.bytes - before >= flowingBytesPerSecond) return performance.now() - 1_000 - cut;
    }
    throw new Error(`The download stood still for ${giveUpMs / 1_000} s.`);
  } finally {
    socket.destroy();
    await tunnel.stop();
    distance.stop();
  }
}
