// The sidecar as an editor runs it: `rds-tunnel serve --stdio`, spoken to with vscode-jsonrpc. docs/rpc.md is the contract.
import { createMessageConnection, ProgressType, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { sidecarCommand } from '../../scripts/lib/paths.mjs';
import { start } from '../../scripts/lib/processes.mjs';
import { temporaryFolder } from './peers.mjs';

const protocolVersion = 2;

/** Methods that tell how they get on. */
const withProgress = ['database/list', 'tunnel/check', 'sso/signIn'];

/** @typedef {{ code: string, message: string }} Fault */
/**
 * @typedef {object} Statistics
 * @property {number} connectionsNow
 * @property {number} connectionsTotal
 * @property {number} bytesUp
 * @property {number} bytesDown
 * @property {number} retransmissions
 * @property {number} resumes
 * @property {number} sessionsNow
 * @property {number} sessionsTotal
 * @property {number} [roundTripTimeMilliseconds]
 */
/**
 * @typedef {{ id: string, name: string, localPort: number, target?: string, state: string, statistics: Statistics,
 * fault?: Fault, lastReset?: Fault, windows?: number, socketPath?: string, certificatePath?: string, localPassword?: boolean,
 * accessRequestId?: string,
 * nodes?: { host: string, port: number, localPort: number }[] }} Tunnel
 */
/** @typedef {{ level: string, category: string, eventId?: number, message: string, at: string }} Log `at`: when it came */
/**
 * @typedef {object} OpenTunnel
 * @property {number} port
 * @property {string} [target]
 * @property {string} [host]
 * @property {number} [localPort]
 * @property {string} [name]
 * @property {string} [region]
 * @property {string} [document]
 * @property {string} [reason]
 * @property {string} [endpointUrl]
 * @property {boolean} [openNow]
 * @property {number} [maxSessions]
 * @property {string} [login]
 * @property {string} [user]
 * @property {string} [secretId]
 * @property {boolean} [compress]
 * @property {boolean} [localTls]
 * @property {boolean} [socket]
 * @property {boolean} [localPassword]
 * @property {string} [localPasswordText]
 * @property {boolean} [startJumpHost]
 * @property {string} [profile]
 * @property {string} [requestAccess]
 */

/**
 * @typedef {object} Sidecar
 * @property {import('../../scripts/lib/processes.mjs').Running} running
 * @property {Tunnel[]} changes every tunnel/stateChanged so far
 * @property {Log[]} logs every log so far
 * @property {(method: string, params?: object) => Promise<any>} request any method of the contract
 * @property {{ method: string, params: any }[]} notifications every other notification so far
 * @property {{ method: string, token: string, value: any }[]} progress what requests of these methods have told so far
 * @property {(request: OpenTunnel) => Promise<Tunnel>} open
 * @property {() => Promise<Tunnel[]>} list
 * @property {(id: string) => Promise<void>} close
 * @property {() => Promise<number | null>} shutdown ends it as an editor does; gives its exit code
 */

/**
 * Starts a sidecar and says hello to it. It is ended with this process, if it has not ended before.
 * @param {NodeJS.ProcessEnv} env where its credentials are
 * @param {{ parentProcessId?: number, program?: string, codeOf?: (profile: string) => string }}
 * [options] the process without which it ends; a published sidecar;
 *   the code of a profile's multi-factor device
 * @returns {Promise<Sidecar>}
 */
export async function startSidecar(env, { parentProcessId = process.pid, program, codeOf } = {}) {
  const { file, args } = program === undefined ? sidecarCommand : { file: program, args: [] };
  const running = await start(file, [...args, 'serve', '--stdio'], {
    env: { ...withoutAws, XDG_STATE_HOME: await stateFolder(), ...env },
    pipeStdout: true,
  });
  const { stdin, stdout } = running.child;
  if (stdin === null || stdout === null) throw new Error('The sidecar has no pipes.');
  const connection = createMessageConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin));
  // A write that fails is seen by the request that it belongs to, or by `exited`.
  connection.onError(() => undefined);
  /** @type {Tunnel[]} */
  const changes = [];
  connection.onNotification('tunnel/stateChanged', (/** @type {{ tunnel: Tunnel }} */ { tunnel }) => {
    changes.push(tunnel);
  });
  /** @type {Log[]} */
  const logs = [];
  connection.onNotification('log', (/** @type {Log} */ log) => {
    logs.push({ ...log, at: new Date().toISOString() });
  });
  /** @type {{ method: string, params: any }[]} */
  const notifications = [];
  connection.onNotification((method, params) => {
    notifications.push({ method, params });
  });
  if (codeOf !== undefined)
    connection.onRequest('mfa/askCode', (/** @type {{ profile: string }} */ { profile }) => ({ code: codeOf(profile) }));
  connection.listen();
  // An answer that will never come is an error.
  const gone = running.exited.then(({ code, signal }) => {
    throw new Error(`The sidecar has ended (${signal ?? code ?? 'unknown'}).\n${running.tail.join('\n')}`);
  });
  gone.catch(() => undefined);
  /** @type {{ method: string, token: string, value: any }[]} */
  const progress = [];
  let lastToken = 0;
  /**
   * @param {string} method
   * @param {object} params may have a token of the test's own
   */
  const listening = (method, params) => {
    const all = { progressToken: `${method} ${++lastToken}`, ...params };
    connection.onProgress(new ProgressType(), all.progressToken, value => {
      progress.push({ method, token: all.progressToken, value });
    });
    return all;
  };
  /** @type {(method: string, params?: object) => Promise<any>} */
  const ask = (method, params) =>
    Promise.race([
      gone,
      params === undefined
        ? connection.sendRequest(method)
        : connection.sendRequest(method, withProgress.includes(method) ? listening(method, params) : params),
    ]);

  await ask('initialize', {
    clientInfo: { name: 'tests', version: '0.1.0' },
    protocolVersion,
    parentProcessId,
  });
  return {
    running,
    changes,
    logs,
    notifications,
    progress,
    request: ask,
    open: request => ask('tunnel/open', request),
    list: async () => /** @type {{ tunnels: Tunnel[] }} */ (await ask('tunnel/list')).tunnels,
    close: id => ask('tunnel/close', { id }),
    shutdown: async () => {
      await ask('shutdown');
      await connection.sendNotification('exit');
      return (await running.exited).code;
    },
  };
}

/** What one test has a sidecar remember is no other test's business. */
export const stateFolder = () => temporaryFolder('state');

/** The credentials of whoever runs this have no business here. */
export const withoutAws = Object.fromEntries(
  Object.keys(process.env)
    .filter(name => name.startsWith('AWS_'))
    .map(name => [name, undefined]),
);
