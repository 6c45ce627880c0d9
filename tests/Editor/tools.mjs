// What stands for the database tools, which cannot be had here: the settings that each declares, and what SQLTools exports.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { identityOf } from '../EndToEnd/sqltools.mjs';

/** SQLTools as other extensions see it, and as a person runs a query in it. */
const sqlTools = [
  String(identityOf),
  `const driver = () => import(${JSON.stringify(new URL('../EndToEnd/sqltools.mjs', import.meta.url).href)});`,
  await readFile(new URL('sqltools.js', import.meta.url), 'utf8'),
].join('\n');
const sqlToolsCommands = [{ command: 'sqltools.executeFromInput', title: 'Run Query', category: 'SQLTools Connection' }];

/** The settings of the database tools, which an editor refuses to write when nobody has declared them. */
const toolSettings = {
  'mtxr.sqltools': 'sqltools.connections',
  'ms-mssql.mssql': 'mssql.connections',
  'ms-ossdata.vscode-pgsql': 'pgsql.connections',
  'mongodb.mongodb-vscode': 'mdb.presetConnections',
};

/**
 * Puts a database tool, without anything behind its settings, into an editor's folder of extensions.
 * @param {string} extensions
 * @param {string} id
 */
export async function placeTool(extensions, id) {
  const [publisher = '', name = ''] = id.split('.');
  const setting = toolSettings[/** @type {keyof typeof toolSettings} */ (id)];
  const folder = `${extensions}/${id}-0.0.1`;
  await mkdir(folder, { recursive: true });
  if (name === 'sqltools') await writeFile(`${folder}/main.js`, sqlTools);
  await writeFile(
    `${folder}/package.json`,
    JSON.stringify({
      ...(name === 'sqltools' ? { main: './main.js', activationEvents: [] } : {}),
      publisher,
      name,
      version: '0.0.1',
      engines: { vscode: '^1.101.0' },
      __metadata: { id: randomBytes(16).toString('hex') },
      contributes: {
        ...(name === 'sqltools' ? { commands: sqlToolsCommands } : {}),
        configuration: { title: name, properties: { [setting]: { type: 'array', default: [] } } },
      },
    }),
  );
}

/** An extension of somebody else's. @typedef {{ name: string, activationEvents: string[], main: string }} Other `main`: its code */

/**
 * Puts an extension of somebody else's into an editor's folder of extensions.
 * @param {string} extensions
 * @param {Other} other
 */
export async function placeOther(extensions, { name, activationEvents, main }) {
  const folder = `${extensions}/others.${name}-0.0.1`;
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/main.js`, main);
  await writeFile(
    `${folder}/package.json`,
    JSON.stringify({
      publisher: 'others',
      name,
      version: '0.0.1',
      engines: { vscode: '^1.101.0' },
      main: './main.js',
      activationEvents,
      __metadata: { id: randomBytes(16).toString('hex') },
    }),
  );
}
