// What is compared: something that forwards a local port to the target.
import { setTimeout as delay } from 'node:timers/promises';
import { start } from '../../scripts/lib/processes.mjs';
import { databaseHost, findProgram, freePort } from '../EndToEnd/peers.mjs';
import { eventually, hangMs } from '../EndToEnd/ports.mjs';
import { startSession } from './start-session.mjs';

/**
 * @typedef {object} Forwarder
 * @property {number} port on 127.0.0.1
 * @property {number} pid
 * @property {(connections: number) => Promise<void>} readyFor waits until one more connection finds all that it will get
 * @property {() => Promise<void>} stop
 */
/** @typedef {import('../EndToEnd/emulator.mjs').Emulator} Emulator */

export const maxSessions = 8;

export const pluginProgram = findProgram('session-manager-plugin');

/**
 * A tunnel of a running sidecar, with a session for each of up to eight connections that carry a transfer.
 * @param {import('../EndToEnd/sidecar.mjs').Sidecar} sidecar
 * @param {Emulator} emulator
 * @param {number} targetPort
 * @returns {Promise<Forwarder>}
 */
export async function openTunnel(sidecar, emulator, targetPort) {
  const { id, localPort } = await sidecar.open({
    target: emulator.target,
    host: databaseHost,
    port: targetPort,
    region: emulator.region,
    endpointUrl: emulator.endpoint,
    openNow: true,
    maxSessions,
  });
  const sessions = async () => (await sidecar.list()).find(tunnel => tunnel.id === id)?.statistics.sessionsNow ?? 0;
  return {
    port: localPort,
    pid: sidecar.running.pid,
    readyFor: async connections => {
      if (!(await eventually(async () => (await sessions()) >= connections))) {
        throw new Error(`The tunnel has ${await sessions()} sessions, not the ${connections} that its connections can use.`);
      }
    },
    stop: () => sidecar.close(id),
  };
}

/**
 * session-manager-plugin with a session of its own.
 * @param {Emulator} emulator
 * @param {number} targetPort
 * @returns {Promise<Forwarder>}
 */
export async function startPlugin(emulator, targetPort) {
  if (pluginProgram === undefined) throw new Error('session-manager-plugin is not on PATH.');
  const port = await freePort();
  const request = {
    Target: emulator.target,
    DocumentName: 'AWS-StartPortForwardingSessionToRemoteHost',
    Parameters: { host: [databaseHost], portNumber: [String(targetPort)], localPortNumber: [String(port)] },
  };
  // Plugins before 1.2.764.0 do not sign.
  await emulator.control('channel', { signature: 'Optional' });
  const session = await startSession(emulator, request);
  /** @type {string[]} */
  const lines = [];
  const onLine = (/** @type {string} */ line) => {
    lines.push(line);
  };
  const { pid, stop } = await start(
    pluginProgram,
    [JSON.stringify(session), emulator.region, 'StartSession', '', JSON.stringify(request), emulator.endpoint],
    { env: emulator.env, graceMs: 1_000, onLine },
  );
  const end = Date.now() + hangMs;
  while (!lines.some(line => line.includes('Waiting for connections'))) {
    await delay(2);
    if (Date.now() > end) throw new Error(`session-manager-plugin did not open its session:\n${lines.join('\n')}`);
  }
  return { port, pid, readyFor: () => Promise.resolve(), stop };
}
