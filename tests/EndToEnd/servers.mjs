// A server that says when it is ready.
import { start } from '../../scripts/lib/processes.mjs';
import { hangMs } from './ports.mjs';

/**
 * @param {import('../../scripts/lib/processes.mjs').StartOptions
 *   & { name: string, command: string, args: string[], ready: RegExp }} options `ready`: a line that it prints
 * @returns {Promise<() => Promise<void>>} stops it
 */
export async function startServer({ name, command, args, ready, ...options }) {
  const { promise: isReady, resolve } = deferred();
  const running = await start(command, args, {
    ...options,
    onLine: line => {
      options.onLine?.(line);
      if (ready.test(line)) resolve(true);
    },
  });
  const timer = setTimeout(() => {
    resolve(false);
  }, hangMs);
  void running.exited.then(() => {
    resolve(false);
  });
  const started = await isReady;
  clearTimeout(timer);
  if (!started) {
    await running.stop();
    throw new Error(`${name} did not start:\n${running.tail.join('\n')}`);
  }
  return running.stop;
}

function deferred() {
  /** @type {(value: boolean) => void} */
  let resolve = () => undefined;
  /** @type {Promise<boolean>} */
  const promise = new Promise(r => {
    resolve = r;
  });
  return { promise, resolve };
}
