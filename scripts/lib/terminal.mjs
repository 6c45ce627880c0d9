// What the scripts say: one line for each step, with the time it took; a clock while it runs.

const interactive = process.stdout.isTTY && process.env.CI !== 'true';
const coloured = process.stdout.isTTY && process.env.NO_COLOR === undefined;
/** Without a terminal, how often a long step says that it still runs. */
const heartbeatMs = 20_000;
/** Of the titles of a story's chapters. */
const titleWidth = 15;
const frames = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'.split('');

/** @param {number} code @param {string} text */
const paint = (code, text) => coloured ? `\x1b[${code}m${text}\x1b[0m` : text;
/** @param {string} text */
export const bold = text => paint(1, text);
/** @param {string} text */
export const dim = text => paint(2, text);
/** @param {string} text */
export const red = text => paint(31, text);
/** @param {string} text */
export const green = text => paint(32, text);
/** @param {string} text */
export const yellow = text => paint(33, text);
/** @param {string} text */
export const cyan = text => paint(36, text);

/** @param {string} [text] */
export const say = (text = '') => { process.stdout.write(`${text}\n`); };

/** @param {number} ms */
export function duration(ms) {
  if (ms < 1_000) return `${ms.toFixed(0)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.floor(ms % 60_000 / 1_000)} s`;
}

/**
 * @callback Note says how far a running step is
 * @param {string} progress
 * @returns {void}
 */

/**
 * Runs one step under a clock; its closing line says how long it took.
 * @template T
 * @param {string} label
 * @param {(note: Note) => Promise<T>} action
 * @param {(result: T) => { ok: boolean, detail?: string }} [judge]
 * @returns {Promise<T>}
 */
export async function step(label, action, judge = () => ({ ok: true })) {
  const clock = startClock(label);
  try {
    const result = await action(clock.note);
    const { ok, detail = '' } = judge(result);
    clock.stop(ok, `${label} ${dim(`${clock.elapsed()}${detail === '' ? '' : `, ${detail}`}`)}`);
    return result;
  } catch (error) {
    clock.stop(false, `${label} ${dim(clock.elapsed())}`);
    throw error;
  }
}

/**
 * Runs one part of a story under a clock, and then tells what came out of it.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} action
 * @param {(result: T) => string} tell
 * @returns {Promise<T>}
 */
export async function chapter(title, action, tell) {
  const clock = startClock(title);
  try {
    const result = await action();
    clock.stop(true, `${title.padEnd(titleWidth)} ${tell(result)}`);
    return result;
  } catch (error) {
    clock.stop(false, title);
    throw error;
  }
}

/** @param {string} label */
function startClock(label) {
  const started = performance.now();
  const elapsed = () => duration(performance.now() - started);
  let progress = '';
  let frame = 0;
  const tick = interactive
    ? () => { process.stdout.write(`\r\x1b[K${cyan(frames[frame++ % frames.length] ?? '')} ${label} ${dim(`${elapsed()} ${progress}`)}`); }
    : () => { say(`  … ${label}: ${elapsed()} ${progress}`.trimEnd()); };
  const timer = setInterval(tick, interactive ? 100 : heartbeatMs);
  return {
    elapsed,
    /** @type {Note} */
    note: text => { progress = text; },
    stop: (/** @type {boolean} */ ok, /** @type {string} */ line) => {
      clearInterval(timer);
      say(`${interactive ? '\r\x1b[K' : ''}${ok ? green('✓') : red('✗')} ${line}`);
    },
  };
}
