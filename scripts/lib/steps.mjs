// Steps as they are shown: by listr2, animated in a terminal, plain lines elsewhere.
import { Listr, ListrLogger } from 'listr2';
import { dim, duration } from './terminal.mjs';

/** @typedef {(progress: string) => void} Note says how far a running step is; only a terminal shows it */

/** Of the titles of a story's chapters. */
const titleWidth = 15;

const isPlain = !process.stdout.isTTY || process.stdout.columns === 0 || process.env.CI === 'true';

/** Signals are ours: what has been started ends before this process does. Errors are told once, by whoever ran the steps. */
export const display = /** @type {const} */ ({
  registerSignalListeners: false,
  rendererOptions: { collapseErrors: false, showErrorMessage: false },
  fallbackRendererCondition: isPlain,
  fallbackRendererOptions: { logger: new ListrLogger({ toStderr: [] }) },
});

/** @param {{ output: string }} task @returns {Note} */
export const noteOf = task =>
  isPlain
    ? () => undefined
    : progress => {
        task.output = progress;
      };

/**
 * Runs one step; its closing line says how long it took, and what else there is to say.
 * @template T
 * @param {string} title
 * @param {(note: Note) => Promise<T>} action
 * @param {(result: T) => string} [detail]
 */
export const step = (title, action, detail) =>
  told(title, action, (result, time) => `${title} ${dim(detail === undefined ? time : `${time}, ${detail(result)}`)}`);

/**
 * One part of a story, and then what came out of it.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} action
 * @param {(result: T, time: string) => string} tell
 */
export const chapter = (title, action, tell) => told(title, action, (result, time) => `${title.padEnd(titleWidth)} ${tell(result, time)}`);

/**
 * @template T
 * @param {string} title
 * @param {(note: Note) => Promise<T>} action
 * @param {(result: T, time: string) => string} closingLine
 * @returns {Promise<T>}
 */
async function told(title, action, closingLine) {
  /** @type {T[]} */
  const results = [];
  await new Listr(
    [
      {
        title,
        task: async (_, task) => {
          const started = performance.now();
          const result = await action(noteOf(task));
          results.push(result);
          task.title = closingLine(result, duration(performance.now() - started));
        },
      },
    ],
    display,
  ).run();
  return /** @type {T} */ (results[0]);
}
