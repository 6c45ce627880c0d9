// code-server with the extension: a real editor, as a server that a browser shows.
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { root } from '../../scripts/lib/paths.mjs';
import { run, start } from '../../scripts/lib/processes.mjs';
import { freePort, temporaryFolder } from '../EndToEnd/peers.mjs';
import { eventually } from '../EndToEnd/ports.mjs';
import { placeOther, placeTool } from './tools.mjs';

const node = `${root}tests/Editor/node_modules/node/bin/node`;
const server = `${root}tests/Editor/node_modules/code-server/out/node/entry.js`;

/** Said to every new user, and of no interest to a test. */
const quiet = {
  'workbench.startupEditor': 'none',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
};

/**
 * @typedef {object} ServerOptions
 * @property {NodeJS.ProcessEnv} env
 * @property {string} [extension] its VSIX; without one, what is built in this folder
 * @property {Record<string, string>} [files] of the workspace, by path
 * @property {object} [settings] the user's
 * @property {boolean} [trust] ask whether the workspace is trusted, as a new user is asked
 * @property {string[]} [tools] ids of database tools that are to be there, without anything behind their settings
 * @property {import('./tools.mjs').Other[]} [others] other extensions
 * @property {string[]} [flags] more of the editor's own
 */

/** @param {ServerOptions} options */
export async function startCodeServer({ env, extension, files = {}, settings = {}, trust = false, tools = [], others = [], flags = [] }) {
  const home = await temporaryFolder('editor');
  const [workspace, user, extensions] = [`${home}/workspace`, `${home}/user`, `${home}/extensions`];
  for (const folder of [`${home}/home`, `${workspace}/.vscode`, `${user}/User`, extensions]) await mkdir(folder, { recursive: true });
  for (const [path, text] of Object.entries(files)) await writeFile(`${workspace}/${path}`, text);
  await writeFile(`${user}/User/settings.json`, JSON.stringify({ ...quiet, ...settings }));
  await writeFile(`${home}/config.yaml`, 'auth: none\n');
  for (const id of tools) await placeTool(extensions, id);
  for (const other of others) await placeOther(extensions, other);

  const environment = { HOME: `${home}/home`, XDG_CONFIG_HOME: `${home}/home/.config`, XDG_DATA_HOME: `${home}/home/.local/share`, ...env };
  const folders = ['--config', `${home}/config.yaml`, '--user-data-dir', user, '--extensions-dir', extensions];
  if (extension === undefined) {
    await symlink(root, `${extensions}/rds-tunnel.rds-tunnel-0.1.0`);
  } else {
    const installed = await run(node, [server, ...folders, '--install-extension', extension], { env: environment });
    if (installed.code !== 0) throw new Error(`The extension cannot be installed:\n${installed.tail.join('\n')}`);
  }
  const port = await freePort();
  const running = await start(
    node,
    [
      server,
      ...folders,
      '--auth',
      'none',
      '--bind-addr',
      `127.0.0.1:${port}`,
      '--disable-telemetry',
      '--disable-update-check',
      '--disable-getting-started-override',
      ...(trust ? [] : ['--disable-workspace-trust']),
      '--ignore-last-opened',
      '--reconnection-grace-time',
      '2',
      '--vscode-option',
      'force-disable-user-env',
      ...flags,
    ],
    { env: environment },
  );
  if (!(await eventually(() => isHealthy(port)))) throw new Error(`The editor did not start:\n${running.tail.join('\n')}`);
  return {
    home,
    workspace,
    port,
    url: `http://127.0.0.1:${port}/?folder=${workspace}`,
    userSettingsFile: `${user}/User/settings.json`,
    /** What others write there is noticed at once, unlike the user's. */
    settingsFile: `${workspace}/.vscode/settings.json`,
    stop: running.stop,
  };
}

/** @param {number} port */
async function isHealthy(port) {
  try {
    return (await fetch(`http://127.0.0.1:${port}/healthz`)).ok;
  } catch {
    return false;
  }
}
