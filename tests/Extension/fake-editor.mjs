// What stands for the editor in tests of modules that need little of it: a clipboard, settings, and somebody who answers.

/**
 * @typedef {{ message: string, buttons: string[], press: (button?: string) => void }} Shown a
 * notification, which stays until a button is pressed, or none
 */

/** The editor's numbers for the places of settings. */
export const target = { Global: 1, Workspace: 2, WorkspaceFolder: 3 };

class Emitter {
  /** @type {Set<(value: unknown) => void>} */
  #listeners = new Set();
  event = (/** @type {(value: unknown) => void} */ listener) => {
    this.#listeners.add(listener);
    return {
      dispose: () => {
        this.#listeners.delete(listener);
      },
    };
  };

  fire(/** @type {unknown} */ value) {
    for (const listener of this.#listeners) listener(value);
  }

  dispose() {
    this.#listeners.clear();
  }
}

/**
 * @returns {{ all: Map<string, any>, get: (key: string, otherwise?: any) => any, update: (key:
 * string, value: any) => Promise<void> }} a Memento
 */
export function fakeMemory() {
  const all = new Map();
  return {
    all,
    get: (key, otherwise) => all.get(key) ?? otherwise,
    update: (key, value) => {
      all.set(key, value);
      return Promise.resolve();
    },
  };
}

/** @typedef {{ items: any[], title?: string, placeholder?: string, step?: number, totalSteps?: number }} Asked a list that was shown */
/**
 * @typedef {{ prompt: string, value: string, title?: string, step?: number, totalSteps?: number,
 * problem?: string }} Typed an input that was shown
 */

/**
 * What the user does with lists and inputs: an item or a text, `back`, or undefined for Escape.
 * Lists get their first item and inputs what they suggest when nothing else is said.
 * @typedef {{ pick: (asked: Asked) => any, type: (typed: Typed) => string | undefined }} User
 */

/** As the Back button of a step. */
export const back = 'back';

/**
 * Enough of the editor's API for notifications, an input that is answered with what it suggests,
 * picks that are answered by `choose`, settings, and the clipboard.
 */
export function fakeEditor() {
  let clipboard = '';
  /** @type {Shown[]} */
  const shown = [];
  const show = (/** @type {string} */ message, /** @type {string[]} */ ...buttons) =>
    new Promise(resolve => {
      shown.push({ message, buttons, press: resolve });
    });
  /** @type {Record<string, unknown>} */
  const settings = {};
  /** By place, and by the whole name of the setting. @type {Record<number, Record<string, any>>} */
  const stored = { 1: {}, 2: {} };
  /** Likewise, of the folders of a workspace with several, by address. @type {Record<string, Record<string, any>>} */
  const folders = {};
  /** Names of the settings that were written, one for each time. @type {string[]} */
  const writes = [];
  const changed = new Emitter();
  const never = () => ({ dispose: () => undefined });
  /** @type {Set<string>} */
  const installed = new Set();
  /** @type {Record<string, unknown>} */
  const exported = {};
  /** Of the workspace's folders, by address. @type {Record<string, string>} */
  const files = {};
  class FileSystemError extends Error {
    code = 'FileNotFound';
  }
  /** @type {User} */
  const user = { pick: ({ items }) => items[0], type: ({ value }) => value };
  /** @param {(input: any) => any} answer @param {(input: any, answer: any) => void} accept */
  const quickInput = (answer, accept) => () => {
    /** @type {Record<string, any>} */
    const on = {};
    const input = /** @type {any} */ ({
      items: [],
      buttons: [],
      value: '',
      validationMessage: undefined,
      activeItems: [],
      selectedItems: [],
      dispose: () => undefined,
      onDidAccept: (/** @type {unknown} */ run) => {
        on.accept = run;
      },
      onDidHide: (/** @type {unknown} */ run) => {
        on.hide = run;
      },
      onDidTriggerButton: (/** @type {unknown} */ run) => {
        on.button = run;
      },
      onDidTriggerItemButton: () => undefined,
      onDidChangeValue: () => undefined,
      hide: () => {
        on.hide();
      },
      show: () => {
        setImmediate(() => {
          const answered = answer(input);
          if (answered === undefined) on.hide();
          else if (answered === back) on.button();
          else {
            accept(input, answered);
            on.accept();
            // What is refused stays on the screen: the user sees why, and answers again.
            if (input.validationMessage !== undefined) input.show();
          }
        });
      },
    });
    return input;
  };
  const editor = {
    shown,
    user,
    /** Of the extension, without its prefix. */
    settings,
    stored,
    folders,
    writes,
    /** Ids of extensions. */
    installed,
    /** What those export. */
    exported,
    files,
    /** Answers a pick. @type {(items: any[], options: any) => any} */
    choose: items => items[0],
    /** Answers an input. @type {(options: any) => string | undefined} */
    type: ({ value }) => value ?? '',
    /** Somebody has changed a setting. @param {string} name */
    settingChanged: name => {
      changed.fire({ affectsConfiguration: (/** @type {string} */ each) => each === name });
    },
    get clipboard() {
      return clipboard;
    },
    set clipboard(text) {
      clipboard = text;
    },
    vscode: {
      l10n: {
        t: (/** @type {string} */ text, /** @type {unknown[]} */ ...values) =>
          text.replace(/\{(\d)\}/g, (_, index) => String(values[Number(index)])),
      },
      env: {
        language: 'en',
        clipboard: {
          writeText: (/** @type {string} */ text) => {
            clipboard = text;
            return Promise.resolve();
          },
          readText: () => Promise.resolve(clipboard),
        },
      },
      window: {
        showInputBox: (/** @type {any} */ options) => Promise.resolve(editor.type(options)),
        showQuickPick: (/** @type {any[]} */ items, /** @type {any} */ options) => Promise.resolve(editor.choose(items, options)),
        createQuickPick: quickInput(
          input => user.pick(input),
          (input, answered) => {
            input.selectedItems = [answered];
          },
        ),
        createInputBox: quickInput(
          input => user.type(input),
          (input, answered) => {
            input.value = answered;
          },
        ),
        showInformationMessage: show,
        showWarningMessage: show,
        showErrorMessage: show,
      },
      workspace: {
        isTrusted: true,
        workspaceFolders: undefined,
        workspaceFile: /** @type {unknown} */ (undefined),
        getConfiguration: (/** @type {string} */ section, /** @type {any} */ resource) => ({
          get: (/** @type {string} */ name, /** @type {unknown} */ otherwise) => settings[name] ?? otherwise,
          inspect: (/** @type {string} */ name) => ({
            globalValue: stored[1]?.[`${section}.${name}`],
            workspaceValue: stored[2]?.[`${section}.${name}`],
            workspaceFolderValue: resource === undefined ? undefined : folders[String(resource)]?.[`${section}.${name}`],
          }),
          update: (/** @type {string} */ name, /** @type {any} */ value, /** @type {number} */ where) => {
            if (where === target.WorkspaceFolder && resource === undefined)
              return Promise.reject(new Error('Unable to write to Folder Settings because no resource is provided.'));
            const file = where === target.WorkspaceFolder ? (folders[String(resource)] ??= {}) : (stored[where] ??= {});
            if (value === undefined) Reflect.deleteProperty(file, `${section}.${name}`);
            else file[`${section}.${name}`] = value;
            writes.push(`${section}.${name}`);
            editor.settingChanged(`${section}.${name}`);
            return Promise.resolve();
          },
        }),
        fs: {
          readDirectory: (/** @type {any} */ uri) => {
            const names = Object.keys(files)
              .filter(each => each.startsWith(`${uri}/`))
              .map(each => [each.slice(`${uri}/`.length), 1]);
            return names.length === 0 ? Promise.reject(new FileSystemError()) : Promise.resolve(names);
          },
          stat: (/** @type {any} */ uri) =>
            files[String(uri)] === undefined
              ? Promise.reject(new FileSystemError())
              : Promise.resolve({ type: 1, size: files[String(uri)]?.length }),
          readFile: (/** @type {any} */ uri) => Promise.resolve(new TextEncoder().encode(files[String(uri)])),
        },
        createFileSystemWatcher: () => ({ onDidChange: never, onDidCreate: never, onDidDelete: never, dispose: () => undefined }),
        onDidChangeConfiguration: changed.event,
        onDidGrantWorkspaceTrust: never,
        onDidChangeWorkspaceFolders: never,
      },
      extensions: {
        getExtension: (/** @type {string} */ id) => (installed.has(id) ? { id, activate: () => Promise.resolve(exported[id]) } : undefined),
        onDidChange: never,
      },
      languages: { createDiagnosticCollection: () => ({ clear: () => undefined, set: () => undefined, dispose: () => undefined }) },
      CancellationTokenSource: class {
        token = { isCancellationRequested: false };
        cancel() {
          this.token.isCancellationRequested = true;
        }
        dispose() {
          return undefined;
        }
      },
      commands: { executeCommand: () => Promise.resolve() },
      QuickInputButtons: { Back: {} },
      FileType: { Unknown: 0, File: 1, Directory: 2, SymbolicLink: 64 },
      ConfigurationTarget: target,
      Disposable: Object.assign(
        /** @this {any} @param {() => void} dispose */ function (dispose) {
          this.dispose = dispose;
        },
        {
          from: (/** @type {{ dispose: () => void }[]} */ ...all) => ({
            dispose: () => {
              for (const each of all) each.dispose();
            },
          }),
        },
      ),
      Uri: {
        parse: (/** @type {string} */ text) => ({ toString: () => text }),
        joinPath: (/** @type {any} */ uri, /** @type {string[]} */ ...parts) => ({ toString: () => [uri, ...parts].join('/') }),
      },
      FileSystemError,
      CancellationError: class extends Error {},
      EventEmitter: Emitter,
    },
  };
  return editor;
}
