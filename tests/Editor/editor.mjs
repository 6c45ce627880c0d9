// A browser that shows the editor with the packaged extension, and what a person does in it.
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { it } from 'node:test';
import { chromium as chromiumProgram } from '../../scripts/lib/editor.mjs';
import { artifacts, root } from '../../scripts/lib/paths.mjs';
import { temporaryFolder } from '../EndToEnd/peers.mjs';
import { eventually, hangMs } from '../EndToEnd/ports.mjs';
import { startCodeServer } from './code-server.mjs';

const require = createRequire(import.meta.url);
export const pictures = `${artifacts}/pictures`;

const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * A browser of its own that goes through the proxy, under whatever authority: its answers come from the local AWS.
 * @param {string} url
 * @param {string} proxy
 */
export async function openBehindProxy(url, proxy) {
  const browser = await require('playwright-core').chromium.launch({
    executablePath: chromiumProgram,
    headless: true,
    args: [...chromiumArguments, `--proxy-server=https=${proxy.replace('http://', '')}`, '--ignore-certificate-errors'],
  });
  await mkdir(pictures, { recursive: true });
  const page = await browser.newPage();
  page.setDefaultTimeout(hangMs);
  await page.goto(url);
  return { page, close: () => browser.close() };
}

/**
 * @typedef {import('./code-server.mjs').ServerOptions & { hostTests?: boolean }} EditorOptions
 * `hostTests`: runs the tests of the folder host in the extension host
 */

/** The packaged extension in an editor of its own, and a browser that shows it. @param {EditorOptions} options */
export async function startEditor({ hostTests = false, ...options }) {
  const { port, url, settingsFile, userSettingsFile, stop } = await startCodeServer({
    extension: `${artifacts}/vsix/rds-tunnel-linux-x64.vsix`,
    ...options,
    ...(hostTests ? { flags: ['--vscode-option', 'enable-smoke-test-driver'] } : {}),
  });
  const { close, ...editor } = await openEditor(`${url}${hostTests ? payloadFor(port) : ''}`);
  return {
    ...editor,
    url,
    settingsFile,
    userSettingsFile,
    writeSettings: (/** @type {object} */ values) => writeFile(settingsFile, JSON.stringify(values)),
    stop: async () => {
      await close();
      await stop();
    },
  };
}

/**
 * A browser that shows an editor.
 * @param {string} url
 * @param {string} [language] of the editor, and so of its extensions; its own words stay English without a language pack
 */
export async function openEditor(url, language) {
  await mkdir(pictures, { recursive: true });
  const browser = await require('playwright-core').chromium.launchPersistentContext(`${await temporaryFolder('browser')}/profile`, {
    executablePath: chromiumProgram,
    headless: true,
    viewport: { width: 1280, height: 800 },
    args: chromiumArguments,
  });
  const page = browser.pages()[0];
  page.setDefaultTimeout(hangMs);
  await browser.grantPermissions(['clipboard-read', 'clipboard-write']);
  // The editor calls these when tests have run in its extension host.
  for (const name of ['codeAutomationExit', 'codeAutomationLog']) await page.exposeFunction(name, () => undefined);
  // What the file of a language pack sets.
  if (language !== undefined) await page.addInitScript(`globalThis._VSCODE_NLS_LANGUAGE = ${JSON.stringify(language)};`);
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  // The extension is known when its icon is there.
  await page.locator('.activitybar a.action-label[aria-label^="RDS Tunnel"]').waitFor();

  const toast = (/** @type {string | RegExp} */ text) => page.locator('.notification-toast').filter({ hasText: text }).first();
  // By what it says of itself: a row that is used again keeps, hidden, texts of the list before.
  const row = (/** @type {string} */ text) =>
    page.locator(`.quick-input-list .monaco-list-row[aria-label*=${JSON.stringify(text)}]`).first();
  return {
    page,
    browser,
    toast,
    row,
    /**
     * Takes a row of the palette, by keys, once the list is whole: until then its rows move, and the one that has the focus may lose it.
     * @param {string} text
     */
    choose: async text => {
      await row(text).waitFor();
      await page.locator('.quick-input-widget:visible .monaco-progress-container.active').waitFor({ state: 'hidden' });
      const isFocused = () => row(text).evaluate((/** @type {any} */ each) => Boolean(each.classList.contains('focused')));
      while (!(await isFocused())) await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
    },
    /** The extension's item in the status bar. */
    status: page.locator('[id="rds-tunnel.rds-tunnel.tunnels"]'),
    /** Presses a button of a notification. @param {string | RegExp} text @param {string} button */
    press: (text, button) => toast(text).getByRole('button', { name: button, exact: true }).click(),
    /** @param {string} command as the palette shows it */
    command: async command => {
      await page.keyboard.press('F1');
      const input = page.locator('.quick-input-widget:visible input.input');
      await input.waitFor();
      await input.fill(`>${command}`);
      await page.locator(`.quick-input-list .monaco-list-row[aria-label^="${command}"]`).first().click();
      // Until the palette is gone, its rows could be taken for those of what the command asks.
      await eventually(() => input.evaluateAll((/** @type {any[]} */ all) => all.every(each => !String(each.value).startsWith('>'))));
    },
    /** What can be seen, when what was on its way out is gone. @param {string} name */
    picture: async name => {
      await page.locator('.notification-toast .monaco-progress-container.active').first().waitFor({ state: 'hidden' }); // one by one, until none is left
      await page.evaluate(
        'Promise.all(document.getAnimations().filter(each => each.effect.getTiming().iterations < Infinity).map(each => each.finished.catch(() => {})))',
      );
      await page.screenshot({ path: `${pictures}/${name}.png` });
    },
    /** The same in both kinds of themes, of which the editor follows the system's. @param {string} name */
    async pictures(name) {
      await page.mouse.move(640, 640); // what it is over shows a hint
      for (const [scheme, suffix, theme] of /** @type {const} */ ([
        ['dark', '-dark', 'vs-dark'],
        ['light', '', 'vs'],
      ])) {
        await page.emulateMedia({ colorScheme: scheme });
        await page.locator(`.monaco-workbench.${theme}`).waitFor();
        await this.picture(`${name}${suffix}`);
      }
    },
    clipboard: async () => String(await page.evaluate('navigator.clipboard.readText()')),
    /** What the extension wants to open in the browser; the editor asks before it opens what is not of this machine. */
    urlToOpen: async () => {
      // The dialog shows a shortened address; the button copies all of it.
      await page.locator('.monaco-dialog-box').getByRole('button', { name: 'Copy', exact: true }).click();
      return String(await page.evaluate('navigator.clipboard.readText()'));
    },
    /** Closes the window, as a user does, and leaves the server. */
    closeWindow: () => page.close(),
    close: () => browser.close(),
  };
}

/**
 * Tests that follow on each other; one that fails leaves a picture of what could be seen.
 * @param {() => Awaited<ReturnType<typeof startEditor>>} editor
 */
export function stepsIn(editor) {
  /** @type {string | undefined} */
  let failed;
  /**
   * @param {string} name
   * @param {{ skip?: string | false } | (() => Promise<void>)} options may be left out
   * @param {() => Promise<void>} [then]
   */
  return (name, options, then) =>
    void it(name, typeof options === 'function' ? {} : options, async () => {
      const run = typeof options === 'function' ? options : then;
      if (run === undefined) throw new Error('There is nothing to do.');
      if (failed !== undefined) throw new Error(`It begins where this step ends: ${failed}.`);
      try {
        await run();
      } catch (error) {
        failed = name;
        await editor()
          .picture(`failed-${name.replace(/\W+/g, '-').slice(0, 60)}`)
          .catch(() => undefined);
        throw error;
      }
    });
}

/** By which a web editor runs tests in its extension host. @param {number} port */
function payloadFor(port) {
  const folder = `vscode-remote://127.0.0.1:${port}${root}tests/Editor/host`;
  return `&payload=${encodeURIComponent(
    JSON.stringify([
      ['extensionDevelopmentPath', folder],
      ['extensionTestsPath', `${folder}/index.js`],
      ['skipWelcome', 'true'],
    ]),
  )}`;
}
