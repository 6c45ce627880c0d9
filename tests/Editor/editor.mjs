// code-server with the packaged extension, and a browser that shows it.
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { it } from 'node:test';
import { chromium as chromiumProgram } from '../../scripts/lib/editor.mjs';
import { artifacts, root } from '../../scripts/lib/paths.mjs';
import { run, start } from '../../scripts/lib/processes.mjs';
import { freePort, temporaryFolder } from '../EndToEnd/peers.mjs';
import { eventually } from '../EndToEnd/ports.mjs';

const require = createRequire(import.meta.url);
const node = `${root}tests/Editor/node_modules/node/bin/node`;
const server = `${root}tests/Editor/node_modules/code-server/out/node/entry.js`;
const startTimeoutMs = 60_000;
const pageTimeoutMs = 20_000;
export const pictures = `${artifacts}/pictures`;

/** Said to every new user, and of no interest to a test. */
const quiet = {
  'workbench.startupEditor': 'none', 'telemetry.telemetryLevel': 'off', 'extensions.autoUpdate': 'off', 'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true, 'git.enabled': false, 'chat.disableAIFeatures': true, 'workbench.secondarySideBar.defaultVisibility': 'hidden',
};

const chromiumArguments = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/**
 * A browser of its own that goes through the proxy, under whatever authority: its answers come from the local AWS.
 * @param {string} url
 * @param {string} proxy
 */
export async function openBehindProxy(url, proxy) {
  const browser = await require('playwright-core').chromium.launch({
    executablePath: chromiumProgram, headless: true, args: [...chromiumArguments, `--proxy-server=https=${proxy.replace('http://', '')}`, '--ignore-certificate-errors'],
  });
  await mkdir(pictures, { recursive: true });
  const page = await browser.newPage();
  page.setDefaultTimeout(pageTimeoutMs);
  await page.goto(url);
  return { page, close: () => browser.close() };
}

/**
 * @typedef {object} EditorOptions
 * @property {NodeJS.ProcessEnv} env
 * @property {Record<string, string>} [files] of the workspace, by path
 * @property {object} [settings] the user's
 * @property {boolean} [trust] ask whether the workspace is trusted, as a new user is asked
 * @property {boolean} [hostTests] runs the tests of the folder host in the extension host
 * @property {string[]} [tools] ids of database tools that are to be there, without anything behind their settings
 */

/** @param {EditorOptions} options */
export async function startEditor({ env, files = {}, settings = {}, trust = false, tools = [], hostTests = false }) {
  const home = await temporaryFolder('editor');
  const [workspace, user, extensions] = [`${home}/workspace`, `${home}/user`, `${home}/extensions`];
  for (const folder of [`${home}/home`, workspace, `${user}/User`, extensions, pictures]) await mkdir(folder, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    await mkdir(`${workspace}/${path}`.replace(/\/[^/]*$/, ''), { recursive: true });
    await writeFile(`${workspace}/${path}`, text);
  }
  await writeFile(`${user}/User/settings.json`, JSON.stringify({ ...quiet, ...settings }));
  // What is written there by others is noticed at once, unlike the user's.
  const settingsFile = `${workspace}/.vscode/settings.json`;
  const writeSettings = (/** @type {object} */ values) => writeFile(settingsFile, JSON.stringify(values));
  await writeFile(`${home}/config.yaml`, 'auth: none\n');
  for (const id of tools) await placeTool(extensions, id);

  const environment = { HOME: `${home}/home`, XDG_CONFIG_HOME: `${home}/home/.config`, XDG_DATA_HOME: `${home}/home/.local/share`, ...env };
  const folders = ['--config', `${home}/config.yaml`, '--user-data-dir', user, '--extensions-dir', extensions];
  const installed = await run(node, [server, ...folders, '--install-extension', `${artifacts}/vsix/rds-tunnel-linux-x64.vsix`], { env: environment });
  if (installed.code !== 0) throw new Error(`The extension cannot be installed:\n${installed.tail.join('\n')}`);
  const port = await freePort();
  const running = await start(node, [
    server, ...folders, '--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry', '--disable-update-check', '--disable-getting-started-override',
    ...trust ? [] : ['--disable-workspace-trust'], '--ignore-last-opened', '--reconnection-grace-time', '2', '--vscode-option', 'force-disable-user-env',
    ...hostTests ? ['--vscode-option', 'enable-smoke-test-driver'] : [],
  ], { env: environment });
  if (!await eventually(() => isHealthy(port), startTimeoutMs)) throw new Error(`The editor did not start:\n${running.tail.join('\n')}`);

  const browser = await require('playwright-core').chromium.launchPersistentContext(`${home}/browser`, {
    executablePath: chromiumProgram, headless: true, viewport: { width: 1280, height: 800 }, args: chromiumArguments,
  });
  const page = browser.pages()[0];
  page.setDefaultTimeout(pageTimeoutMs);
  await browser.grantPermissions(['clipboard-read', 'clipboard-write']);
  if (hostTests) await page.exposeFunction('codeAutomationExit', () => undefined);
  if (hostTests) await page.exposeFunction('codeAutomationLog', () => undefined);
  await page.goto(`http://127.0.0.1:${port}/?folder=${workspace}${hostTests ? payloadFor(port) : ''}`, { waitUntil: 'domcontentloaded' });
  // The extension is known when its icon is there.
  await page.locator('.activitybar a.action-label[aria-label^="RDS Tunnel"]').waitFor();

  const toast = (/** @type {string | RegExp} */ text) => page.locator('.notification-toast').filter({ hasText: text });
  const row = (/** @type {string} */ text) => page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text }).first();
  return {
    page,
    browser,
    workspace,
    settingsFile,
    writeSettings,
    toast,
    row,
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
    },
    /** @param {string} name */
    picture: name => page.screenshot({ path: `${pictures}/${name}.png` }),
    /** What the extension wants to open in the browser; the editor asks before it opens what is not of this machine. */
    urlToOpen: async () => {
      // The dialog shows a shortened address; the button copies all of it.
      await page.locator('.monaco-dialog-box').getByRole('button', { name: 'Copy', exact: true }).click();
      return String(await page.evaluate('navigator.clipboard.readText()'));
    },
    /** Closes the window, as a user does, and leaves the server. */
    closeWindow: () => page.close(),
    stop: async () => {
      await browser.close();
      await running.stop();
    },
  };
}

/**
 * Tests that follow on each other; one that fails leaves a picture of what could be seen.
 * @param {() => Awaited<ReturnType<typeof startEditor>>} editor
 */
export function stepsIn(editor) {
  /** @type {string | undefined} */
  let failed;
  return (/** @type {string} */ name, /** @type {() => Promise<void>} */ run) => void it(name, async () => {
    if (failed !== undefined) throw new Error(`It begins where this step ends: ${failed}.`);
    try {
      await run();
    } catch (error) {
      failed = name;
      await editor().picture(`failed-${name.replace(/\W+/g, '-').slice(0, 60)}`).catch(() => undefined);
      throw error;
    }
  });
}

/** @param {number} port */
async function isHealthy(port) {
  try {
    return (await fetch(`http://127.0.0.1:${port}/healthz`)).ok;
  } catch {
    return false;
  }
}

/** By which a web editor runs tests in its extension host. @param {number} port */
function payloadFor(port) {
  const folder = `vscode-remote://127.0.0.1:${port}${root}tests/Editor/host`;
  return `&payload=${encodeURIComponent(JSON.stringify([['extensionDevelopmentPath', folder], ['extensionTestsPath', `${folder}/index.js`], ['skipWelcome', 'true']]))}`;
}

/** SQLTools as other extensions see it: hooks before commands, and two commands by which a test sees and uses them. */
const sqlTools = `
const hooks = [];
exports.activate = context => {
  const vscode = require('vscode');
  context.subscriptions.push(
    vscode.commands.registerCommand('standIn.hooks', () => hooks.length),
    vscode.commands.registerCommand('standIn.choose', (...args) => { for (const hook of hooks) hook({ command: 'selectConnection', args }); }));
  return { addBeforeCommandHook: (command, hook) => { if (command === 'selectConnection') hooks.push(hook); } };
};
`;

/** The settings of the database tools, which an editor refuses to write when nobody has declared them. */
const toolSettings = { 'mtxr.sqltools': 'sqltools.connections', 'ms-mssql.mssql': 'mssql.connections', 'ms-ossdata.vscode-pgsql': 'pgsql.connections', 'mongodb.mongodb-vscode': 'mdb.presetConnections' };

/** @param {string} extensions @param {string} id */
async function placeTool(extensions, id) {
  const [publisher = '', name = ''] = id.split('.');
  const setting = toolSettings[/** @type {keyof typeof toolSettings} */ (id)];
  const folder = `${extensions}/${id}-0.0.1`;
  await mkdir(folder, { recursive: true });
  if (name === 'sqltools') await writeFile(`${folder}/main.js`, sqlTools);
  await writeFile(`${folder}/package.json`, JSON.stringify({
    ...name === 'sqltools' ? { main: './main.js', activationEvents: [] } : {},
    publisher, name, version: '0.0.1', engines: { vscode: '^1.101.0' }, __metadata: { id: randomBytes(16).toString('hex') },
    contributes: { configuration: { title: name, properties: { [setting]: { type: 'array', default: [] } } } },
  }));
}
