// The local AWS as a program of its own: `rds-tunnel-emulator`.
import { fileURLToPath } from 'node:url';
import { emulatorAssembly } from '../../scripts/lib/paths.mjs';
import { databaseHost } from './peers.mjs';
import { startServer } from './servers.mjs';

/** @typedef {{ id: string, state: string, endReason?: string }} EmulatedSession */

/**
 * @typedef {object} Emulator
 * @property {string} endpoint
 * @property {number} port
 * @property {string} target the jump host
 * @property {string} region
 * @property {NodeJS.ProcessEnv} env the credentials that it accepts
 * @property {() => Promise<EmulatedSession[]>} sessions every session so far
 * @property {() => Promise<void>} stop
 */

/**
 * @typedef {object} EmulatorOptions
 * @property {boolean} [unpaced] agents do not sleep after each message
 * @property {number} [idleTimeoutSeconds]
 * @property {string} [agentVersion]
 * @property {boolean} [world] with the databases of world.json
 * @property {string} [databaseAddress] where the agents find the database's host: `address` or `address:port`
 */

/**
 * @param {EmulatorOptions} [options]
 * @returns {Promise<Emulator>}
 */
export async function startEmulator({ unpaced = false, idleTimeoutSeconds, agentVersion, world = false, databaseAddress = '127.0.0.1' } = {}) {
  let endpoint = '';
  const stop = await startServer({
    name: 'The local AWS',
    command: 'dotnet',
    args: [emulatorAssembly, '--resolve', `${databaseHost}=${databaseAddress}`, ...unpaced ? ['--unpaced'] : [],
      ...idleTimeoutSeconds === undefined ? [] : ['--idle-timeout', String(idleTimeoutSeconds)],
      ...world ? ['--world', fileURLToPath(new URL('world.json', import.meta.url))] : [],
      ...agentVersion === undefined ? [] : ['--agent-version', agentVersion]],
    ready: /^\{"endpoint":/,
    onLine: line => {
      if (line.startsWith('{"endpoint":')) ({ endpoint } = /** @type {{ endpoint: string }} */ (JSON.parse(line)));
    },
  });
  return {
    endpoint,
    port: Number(new URL(endpoint).port),
    target: 'i-0123456789abcdef0',
    region: 'eu-central-1',
    env: { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
    sessions: async () => {
      const answer = await fetch(`${endpoint}/_emulator/sessions`);
      if (!answer.ok) throw new Error(`The local AWS answered ${answer.status}: ${await answer.text()}`);
      return /** @type {EmulatedSession[]} */ (await answer.json());
    },
    stop,
  };
}
