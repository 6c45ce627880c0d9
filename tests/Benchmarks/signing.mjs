// What the signature of the data channel costs: the next session of a tunnel, from StartSession to its first byte.
import { eventually } from '../EndToEnd/ports.mjs';
import { openTunnel } from './forwarders.mjs';
import { connectTo } from './load.mjs';

/**
 * A tunnel whose session is over each time that somebody connects.
 * @param {import('../EndToEnd/sidecar.mjs').Sidecar} sidecar
 * @param {import('./forwarders.mjs').Emulator} emulator
 * @param {number} targetPort
 */
export async function sessionsAnew(sidecar, emulator, targetPort) {
  const { port, stop } = await openTunnel(sidecar, emulator, targetPort);
  const open = async () => (await sidecar.list()).find(({ localPort }) => localPort === port)?.statistics.sessionsNow;
  return {
    stop,
    /** Milliseconds from the connection, which starts a session, to its first byte. */
    connect: async () => {
      for (const { id, state } of await emulator.sessions()) if (state === 'active') await emulator.control(`sessions/${id}/terminate`);
      if (!(await eventually(async () => (await open()) === 0))) throw new Error('The tunnel did not notice that its session is over.');
      const started = performance.now();
      const socket = await connectTo(port, 'echo');
      const ms = performance.now() - started;
      socket.destroy();
      return ms;
    },
  };
}
