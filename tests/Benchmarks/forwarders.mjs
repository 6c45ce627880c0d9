// What is compared: something that forwards a local port to the target.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { start } from '../../scripts/lib/processes.mjs';
import { databaseHost, findProgram, freePort } from '../EndToEnd/peers.mjs';
import { hangMs } from '../EndToEnd/ports.mjs';
import { startSession } from './start-session.mjs';

/**
 * @typedef {object} Forwarder
 * @property {number} port on 127.0.0.1
 * @property {number} pid
 * @property {(connections: number, carried: () => number[]) => Promise<void>} readyFor waits until one more connection finds all that it
 * will get; told what each of those that are there has carried so far
 * @property {() => Promise<void>} stop
 */
/** @typedef {import('../EndToEnd/emulator.mjs').Emulator} Emulator */

export const maxSessions = 8;

/** How often a tunnel looks whether it needs a session more, what a transfer carries meanwhile, and how many looks are patient enough. */
const [lookMs, transferBytes, looksForASession] = [1_000, 128 * 1024, 15];

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
    readyFor: (connections, carried) => untilOneMore(async () => (await sessions()) >= connections, carried),
    stop: () => sidecar.close(id),
  };
}

/**
 * Until there is one more session, or would not be: the tunnel opens one when all of them carry a transfer, which it looks at each second.
 * @param {() => Promise<boolean>} isThere
 * @param {() => number[]} carried bytes of each connection so far
 */
async function untilOneMore(isThere, carried) {
  let before = carried();
  for (let looks = 0; looks < looksForASession && !(await isThere());) {
    await delay(lookMs);
    const now = carried();
    // A second in which one of them stood still says nothing about the tunnel.
    if (now.every((bytes, i) => bytes - (before[i] ?? 0) >= transferBytes)) looks++;
    before = now;
  }
}

/**
 * A program that only passes bytes on.
 * @param {number} targetPort
 * @returns {Promise<Forwarder>}
 */
export async function startRelay(targetPort) {
  const { pid, stop, child } = await start(process.execPath, [fileURLToPath(new URL('relay.mjs', import.meta.url)), String(targetPort)], {
    graceMs: 1_000,
    pipeStdout: true,
  });
  if (child.stdout === null) throw new Error('The relay has no pipes.');
  const [port] = /** @type {[Buffer]} */ (await once(child.stdout, 'data'));
  return { port: Number(port.toString()), pid, readyFor: () => Promise.resolve(), stop };
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
