// In the place of SQLTools, inside the extension host: what it exports, its command that selects a
// connection, as far as it goes without a database, and the one that runs a query.
// `identityOf` and `driver` stand before this text in the file that the editor loads.
/* global identityOf, driver */
const vscode = require('vscode');

/** By command. A hook is called before its command, and not waited for. */
const hooks = new Map();
/** The connections that were opened, by identity: one that has the identity of an open one is taken for it, whatever its port. */
const opened = new Map();

const connections = () => {
  const all = vscode.workspace.getConfiguration('sqltools').get('connections', []);
  const ids = all.map(identityOf);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  // Its tree refuses such a list, all of it.
  if (twice !== undefined) throw new Error(`Element with id ${twice} is already registered`);
  return all;
};

/** @param chosen an identity, or an item of its view; otherwise the tool asks, which nobody answers here */
function select(chosen) {
  const connection = typeof chosen === 'string' ? connections().find(each => identityOf(each) === chosen) : chosen?.conn;
  if (connection === undefined) return undefined;
  const id = identityOf(connection);
  if (!opened.has(id)) opened.set(id, { ...connection, id });
  return opened.get(id);
}

/** The connection that the last query went to, and its password, as long as it is open. */
let active;

/** Asks which, among those that are open if there are any, and not if it is one. */
async function pickConnection() {
  const all = connections();
  const open = all.filter(each => opened.has(identityOf(each)));
  if (open.length === 1) return open[0];
  const picked = await vscode.window.showQuickPick(
    (open.length === 0 ? all : open).map(connection => ({
      label: connection.name,
      detail: `${connection.username}@${connection.server}:${connection.port}/${connection.database}`,
      connection,
    })),
    { placeHolder: 'Pick a connection', title: 'SQLTools Connections' },
  );
  return picked?.connection;
}

/** Asks what SQLTools asks, in its words and its order, and shows what comes, or why nothing does. */
async function runQuery() {
  try {
    const connection = connections().find(each => identityOf(each) === active?.id) ?? (await pickConnection());
    if (connection === undefined) return;
    const statement = await vscode.window.showInputBox({ prompt: 'Query', placeHolder: `Type the query to run on ${connection.name}` });
    if (!statement) return;
    const id = identityOf(connection);
    let password = active?.id === id ? active.password : undefined;
    if (connection.askForPassword && password === undefined) {
      password = await vscode.window.showInputBox({
        prompt: `${connection.name} password`,
        password: true,
        validateInput: text => (text === '' ? 'Password not provided.' : null),
      });
      if (password === undefined) return;
    }
    const { query } = await driver();
    const content = await query(opened.get(id) ?? connection, password, statement);
    // One that failed is not open: the next query asks anew.
    active = { ...select(id), password };
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content }));
  } catch (error) {
    await vscode.window.showErrorMessage(`Error fetching records. ${error.message}`, 'View Logs');
  }
}

exports.activate = async context => {
  context.subscriptions.push(
    vscode.commands.registerCommand('standIn.isHooked', () => hooks.has('selectConnection')),
    vscode.commands.registerCommand('sqltools.selectConnection', async (...args) => {
      for (const hook of hooks.get('selectConnection') ?? []) hook({ command: 'selectConnection', args });
      return select(...args);
    }),
    vscode.commands.registerCommand('sqltools.executeFromInput', runQuery),
    vscode.commands.registerCommand('sqltools.closeConnection', async ({ conn }) => {
      opened.delete(identityOf(conn));
      if (active?.id === identityOf(conn)) active = undefined;
    }),
  );
  const api = {
    addBeforeCommandHook: (command, hook) => {
      hooks.set(command, [...(hooks.get(command) ?? []), hook]);
      return api;
    },
  };
  return api;
};
