// What must be undone before this process ends, whichever way it ends.

/** @type {Set<() => Promise<void>>} */
const undoings = new Set();
/** @type {Promise<void> | undefined} */
let ending;
let isSignalled = false;
let listening = false;

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/**
 * Registers something to undo; the latest is undone first. Returns a function that undoes it now, once.
 * @param {() => unknown} undo
 */
export function atEnd(undo) {
  listen();
  /** @type {Promise<void> | undefined} */
  let done;
  const once = () => {
    undoings.delete(once);
    return (done ??= (async () => {
      await undo();
    })());
  };
  undoings.add(once);
  return once;
}

/** Undoes everything that is registered, once, however often it is called. */
export function endAll() {
  ending ??= undoAll().finally(() => {
    ending = undefined;
  });
  return ending;
}

/** One undoing that fails does not keep the others from happening. */
async function undoAll() {
  for (const undo of [...undoings].reverse()) {
    try {
      await undo();
    } catch (error) {
      process.stderr.write(`${String(error)}\n`);
      process.exitCode = 1;
    }
  }
}

/** The first signal ends in order, with the exit code that is set or the signal's own; a second one ends at once. */
function listen() {
  if (listening) return;
  listening = true;
  process.once('beforeExit', () => {
    void endAll();
  });
  for (const [signal, number] of Object.entries(signalNumbers)) {
    process.on(signal, () => {
      if (isSignalled) process.exit(128 + number);
      isSignalled = true;
      void endAll().finally(() => process.exit(process.exitCode ?? 128 + number));
    });
  }
}
