// A suite that hangs is ended, and what hung with it: what ran then is all that is left to find the reason by.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Calls after each silence as long as this.
 * @param {number} silenceMs
 * @param {() => void} onSilent
 */
export function watchSilence(silenceMs, onSilent) {
  const timer = setTimeout(onSilent, silenceMs);
  return {
    onSound: () => {
      timer.refresh();
    },
    stop: () => {
      clearTimeout(timer);
    },
  };
}

/**
 * The processes below one, a line each: age, state, what the kernel waits for, and command line.
 * @param {number} root
 * @returns {Promise<string>}
 */
export async function processesBelow(root) {
  const { stdout } = await run('ps', ['-eo', 'pid=,ppid=,etimes=,stat=,wchan:20=,args=', '-ww']).catch((/** @type {unknown} */ error) => ({
    stdout: `ps failed: ${String(error)}`,
  }));
  const below = new Set([root]);
  // A parent's number may be the higher one.
  const rows = stdout.split('\n').map(line => ({ line, ids: /^ *(\d+) +(\d+)/.exec(line)?.slice(1).map(Number) ?? [] }));
  for (let before = 0; before !== below.size;) {
    before = below.size;
    for (const {
      ids: [pid = 0, parent = 0],
    } of rows)
      if (below.has(parent)) below.add(pid);
  }
  return rows
    .filter(({ ids: [pid = 0] }) => pid !== root && below.has(pid))
    .map(({ line }) => line.slice(0, 400))
    .join('\n');
}
