// The local AWS as a program of its own: `rds-tunnel-emulator`.
import { fileURLToPath } from 'node:url';
import { emulatorAssembly } from '../../scripts/lib/paths.mjs';
import { databaseHost } from './peers.mjs';
import { startServer } from './servers.mjs';

/** @typedef {{ id: string, state: string, target: string, endReason?: string }} EmulatedSession */

/**
 * @typedef {object} Emulator
 * @property {string} endpoint
 * @property {number} port
 * @property {string} target the jump host
 * @property {string} region
 * @property {NodeJS.ProcessEnv} env the credentials that it accepts
 * @property {() => Promise<EmulatedSession[]>} sessions every session so far
 * @property {string} proxy an HTTPS proxy that answers for AWS's own names, when it was asked for
 * @property {() => Promise<string[]>} proxiedHosts the names that were asked of it so far
 * @property {() => Promise<string[]>} secrets that it has given out so far
 * @property {(key: { x?: string, y?: string }) => Promise<{ keys: { accessKeyId: string, secretAccessKey: string,
 * sessionToken: string }, clientId: string, refreshToken: string }>} logIn what `aws login` would have for a public key
 * @property {(action: string, plan?: object) => Promise<void>} control posts to an action of its control interface
 * @property {() => Promise<void>} stop
 */

/**
 * @typedef {object} EmulatorOptions
 * @property {boolean} [unpaced] agents do not sleep after each message
 * @property {boolean} [compiled] whole at its first calls: it starts more slowly, and no compiler runs beside what is measured
 * @property {number} [idleTimeoutSeconds]
 * @property {number} [connectionLifetimeSeconds] after which a client's websocket is closed
 * @property {string} [agentVersion]
 * @property {number} [accessTokenLifetimeSeconds] of Identity Center
 * @property {boolean | string} [world] with the databases of world.json, or of a file
 * @property {string} [certificateAuthority] starts the proxy, and writes there whom its clients have to trust
 * @property {string} [proxyCredentials] `user:password`, without which it lets nobody through
 * @property {Record<string, string>} [alsoResolve] other hosts that the agents find, and where
 * @property {string | false} [databaseAddress] where the agents find the database's host: `address` or `address:port`; false: where its
 * cluster's writer is
 */

/**
 * @param {EmulatorOptions} [options]
 * @returns {Promise<Emulator>}
 */
export async function startEmulator({
  unpaced = false,
  compiled = false,
  idleTimeoutSeconds,
  connectionLifetimeSeconds,
  agentVersion,
  accessTokenLifetimeSeconds,
  world = false,
  certificateAuthority,
  proxyCredentials,
  databaseAddress = '127.0.0.1',
  alsoResolve = {},
} = {}) {
  let [endpoint, proxy] = ['', ''];
  const stop = await startServer({
    name: 'The local AWS',
    command: 'dotnet',
    args: [
      emulatorAssembly,
      ...Object.entries({ ...(databaseAddress !== false && { [databaseHost]: databaseAddress }), ...alsoResolve }).flatMap(
        ([host, address]) => ['--resolve', `${host}=${address}`],
      ),
      ...(unpaced ? ['--unpaced'] : []),
      ...(idleTimeoutSeconds === undefined ? [] : ['--idle-timeout', String(idleTimeoutSeconds)]),
      ...(connectionLifetimeSeconds === undefined ? [] : ['--connection-lifetime', String(connectionLifetimeSeconds)]),
      ...(accessTokenLifetimeSeconds === undefined ? [] : ['--access-token-lifetime', String(accessTokenLifetimeSeconds)]),
      ...(world === false ? [] : ['--world', world === true ? fileURLToPath(new URL('world.json', import.meta.url)) : world]),
      ...(certificateAuthority === undefined ? [] : ['--aws-proxy', certificateAuthority]),
      ...(agentVersion === undefined ? [] : ['--agent-version', agentVersion]),
    ],
    env: {
      ...(proxyCredentials === undefined ? {} : { RDS_TUNNEL_EMULATOR_PROXY_CREDENTIALS: proxyCredentials }),
      ...(compiled ? { DOTNET_TieredCompilation: '0' } : {}),
    },
    ready: /^\{"endpoint":/,
    onLine: line => {
      if (line.startsWith('{"endpoint":')) ({ endpoint, proxy } = /** @type {{ endpoint: string, proxy: string }} */ (JSON.parse(line)));
    },
  });
  /** @param {string} path @param {RequestInit} [init] */
  const ask = async (path, init) => {
    const answer = await fetch(`${endpoint}/_emulator/${path}`, init);
    if (!answer.ok) throw new Error(`The local AWS answered ${answer.status}: ${await answer.text()}`);
    return answer;
  };
  return {
    endpoint,
    port: Number(new URL(endpoint).port),
    target: 'i-0123456789abcdef0',
    region: 'eu-central-1',
    env: { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
    proxy,
    sessions: async () => /** @type {EmulatedSession[]} */ (await (await ask('sessions')).json()),
    proxiedHosts: async () => /** @type {string[]} */ (await (await ask('proxied-hosts')).json()),
    secrets: async () => /** @type {string[]} */ (await (await ask('secrets')).json()),
    logIn: async ({ x, y }) =>
      /** @type {any} */ (await (await ask('console-login', { method: 'POST', body: JSON.stringify({ x, y }) })).json()),
    control: async (action, plan) => {
      await ask(action, { method: 'POST', ...(plan === undefined ? {} : { body: JSON.stringify(plan) }) });
    },
    stop,
  };
}
