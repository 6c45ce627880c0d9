// The local AWS as a program of its own: `rds-tunnel-emulator`.
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
 * @param {{ unpaced?: boolean, idleTimeoutSeconds?: number }} [options]
 * @returns {Promise<Emulator>}
 */
export async function startEmulator({ unpaced = false, idleTimeoutSeconds } = {}) {
  let endpoint = '';
  const stop = await startServer({
    name: 'The local AWS',
    command: 'dotnet',
    args: [emulatorAssembly, '--port', '0', '--resolve', `${databaseHost}=127.0.0.1`, ...unpaced ? ['--unpaced'] : [],
      ...idleTimeoutSeconds === undefined ? [] : ['--idle-timeout', String(idleTimeoutSeconds)]],
    ready: /http:\/\/127\.0\.0\.1:\d+/,
    onLine: line => { endpoint ||= /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? ''; },
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
