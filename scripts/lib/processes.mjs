// Programs run in process groups of their own, so that a whole group can be ended: nothing that we start outlives us.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { atEnd } from './endings.mjs';

const windows = process.platform === 'win32';
/** Kept for error messages; what a program printed before is gone. */
const maxTailLines = 200;
const setpriv = '/usr/bin/setpriv';
/** The groups that were started and have not been seen to end. @type {Set<number>} */
const groups = new Set();
process.once('exit', () => {
  for (const pid of groups) signalGroup(pid, 'SIGKILL');
});

/** What was started here and still runs: process group ids. */
export const stillRunning = () => [...groups].filter(pid => signalGroup(pid, 0));

/**
 * @typedef {object} StartOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] added to this process's environment
 * @property {string} [user] run as this system user; only root can
 * @property {(line: string) => void} [onLine] each line of stdout (unless `pipeStdout`) and stderr
 * @property {boolean} [pipeStdout] leave stdout to the caller: it is not read here
 * @property {NodeJS.Signals} [stopSignal] what asks the program to end, SIGTERM unless told
 * @property {number} [graceMs] how long it may take to end before it is killed
 */

/**
 * @typedef {object} Running
 * @property {import('node:child_process').ChildProcess} child
 * @property {number} pid also the id of its process group
 * @property {string[]} tail the last lines that it printed
 * @property {Promise<{code: number | null, signal: NodeJS.Signals | null}>} exited
 * @property {() => Promise<void>} stop ends the whole group: asks, waits, kills
 */

/**
 * Starts a program. It ends with this process, in order (signals) or not (on Linux, the kernel sees to it).
 * @param {string} command
 * @param {string[]} args
 * @param {StartOptions} [options]
 * @returns {Promise<Running>}
 */
export async function start(command, args, options = {}) {
  const { user, stopSignal = 'SIGTERM', graceMs = 10_000 } = options;
  const [file, argv] = leashed(command, args, user, stopSignal);
  const child = spawn(file, argv, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: !windows,
    windowsHide: true,
  });
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', error => {
      reject(new Error(`${command} could not be started: ${error.message}`));
    });
  });
  const pid = /** @type {number} */ (child.pid);
  groups.add(pid);

  /** @type {string[]} */
  const tail = [];
  for (const stream of options.pipeStdout ? [child.stderr] : [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', line => {
      if (tail.push(line) > maxTailLines) tail.shift();
      options.onLine?.(line);
    });
  }
  // A program that has ended no longer reads; whoever waits for it hears that through `exited`.
  child.stdin.on('error', () => undefined);

  /** @type {Running['exited']} */
  const exited = new Promise(resolve => {
    child.once('close', (code, signal) => {
      resolve({ code, signal });
    });
  });
  const stop = atEnd(async () => {
    signalGroup(pid, stopSignal);
    if (!(await groupEnds(pid, graceMs))) {
      signalGroup(pid, 'SIGKILL');
      await groupEnds(pid, 1_000);
    }
    if (!signalGroup(pid, 0)) groups.delete(pid);
  });
  // What the program started and left behind ends with it.
  child.once('exit', () => {
    void stop();
  });
  return { child, pid, tail, exited, stop };
}

/**
 * Runs a program to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {StartOptions & { timeoutMs?: number }} [options]
 * @returns {Promise<{code: number, tail: string[]}>} the exit code, 128 + signal as in a shell
 */
export async function run(command, args, options = {}) {
  const running = await start(command, args, options);
  running.child.stdin?.end();
  let timedOut = /** @type {boolean} */ (false);
  const timer =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          void running.stop();
        }, options.timeoutMs);
  const { code, signal } = await running.exited;
  clearTimeout(timer);
  await running.stop();
  if (timedOut) running.tail.push(`${command} was ended after ${(options.timeoutMs ?? 0) / 1000} s.`);
  return { code: timedOut ? 124 : (code ?? (signal === 'SIGKILL' ? 137 : 143)), tail: running.tail };
}

/**
 * setpriv becomes the program that it starts: the process id is the program's own, and the kernel ends it with us.
 * @param {string} command
 * @param {string[]} args
 * @param {string | undefined} user
 * @param {NodeJS.Signals} deathSignal
 * @returns {[string, string[]]}
 */
function leashed(command, args, user, deathSignal) {
  if (!existsSync(setpriv)) return user === undefined ? [command, args] : ['runuser', ['-u', user, '--', command, ...args]];
  const identity = user === undefined ? [] : [`--reuid=${user}`, `--regid=${user}`, '--init-groups'];
  return [setpriv, [...identity, '--pdeathsig', deathSignal, '--', command, ...args]];
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals | 0} signal
 * @returns {boolean} whether the group was there
 */
export function signalGroup(pid, signal) {
  try {
    process.kill(windows ? pid : -pid, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {number} pid
 * @param {number} timeoutMs
 */
async function groupEnds(pid, timeoutMs) {
  const end = Date.now() + timeoutMs;
  while (signalGroup(pid, 0)) {
    if (Date.now() >= end) return false;
    await delay(20);
  }
  return true;
}
