// The whole of it: local AWS and sidecar, two processes, a database behind them.
import { startEmulator } from './emulator.mjs';
import { databaseHost } from './peers.mjs';
import { startSidecar } from './sidecar.mjs';

/** @typedef {Awaited<ReturnType<typeof startStack>>} Stack */

/**
 * Without the agent's pace unless told otherwise: these tests are about bytes, not about speed.
 * @param {Parameters<typeof startEmulator>[0]} [options]
 */
export async function startStack(options = {}) {
  const emulator = await startEmulator({ unpaced: true, ...options });
  const sidecar = await startSidecar(emulator.env);
  return {
    emulator,
    sidecar,
    /**
     * @param {number} port where the jump host finds the database
     * @param {Partial<import('./sidecar.mjs').OpenTunnel>} [request]
     */
    open: (port, request = {}) =>
      sidecar.open({
        target: emulator.target,
        host: databaseHost,
        port,
        region: emulator.region,
        endpointUrl: emulator.endpoint,
        ...request,
      }),
    stop: async () => {
      await sidecar.running.stop();
      await emulator.stop();
    },
  };
}
