// What stands for the editor in tests of modules that need little of it: a clipboard, and somebody who answers.

/** @typedef {{ message: string, buttons: string[], press: (button?: string) => void }} Shown a notification, which stays until a button is pressed, or none */

/** Enough of the editor's API for notifications, an input that is answered with what it suggests, and the clipboard. */
export function fakeEditor() {
  let clipboard = '';
  /** @type {Shown[]} */
  const shown = [];
  const show = (/** @type {string} */ message, /** @type {string[]} */ ...buttons) => new Promise(resolve => { shown.push({ message, buttons, press: resolve }); });
  /** @type {Record<string, unknown>} */
  const settings = {};
  return {
    shown,
    /** Of the extension, without its prefix. */
    settings,
    get clipboard() { return clipboard; },
    set clipboard(text) { clipboard = text; },
    vscode: {
      l10n: { t: (/** @type {string} */ text, /** @type {unknown[]} */ ...values) => text.replace(/\{(\d)\}/g, (_, index) => String(values[Number(index)])) },
      env: { clipboard: { writeText: (/** @type {string} */ text) => { clipboard = text; return Promise.resolve(); }, readText: () => Promise.resolve(clipboard) } },
      window: {
        showInputBox: (/** @type {{ value?: string }} */ { value }) => Promise.resolve(value ?? ''),
        showInformationMessage: show, showWarningMessage: show, showErrorMessage: show,
      },
      workspace: { getConfiguration: () => ({ get: (/** @type {string} */ name, /** @type {unknown} */ otherwise) => settings[name] ?? otherwise }) },
      commands: { executeCommand: () => Promise.resolve() },
      CancellationError: class extends Error {},
      EventEmitter: class { event() { return { dispose: () => undefined }; } },
    },
  };
}
