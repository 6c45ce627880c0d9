// Connections of database tools that lead to private AWS databases are offered a tunnel: all at once, and each once.
import * as vscode from 'vscode';
import { showError } from '../errors';
import type { Services } from '../services';
import { knownDatabase } from '../state/knownDatabases';
import { databaseTools } from './all';
import { isAwsDatabase } from './endpoints';
import { entriesOf, isInstalled } from './lists';
import { routeThroughTunnel, type Found } from './routing';
import { notify } from '../ui/notify';

const declinedKey = 'declinedConnections';

const keyOf = ({ tool, connection: { name, host, port } }: Found): string => JSON.stringify([tool.section, name, host, port]);

/** Looks at the database tools' connections whenever they change. */
export function offerRouting(services: Services): vscode.Disposable {
  const asked = new Set<string>();
  const look = (): void => {
    if (!vscode.workspace.isTrusted || !vscode.workspace.getConfiguration('rdsTunnel').get<boolean>('offerTunnels', true)) return;
    const declined = services.memory.get<string[]>(declinedKey, []);
    const found = routable(services).filter(each => !asked.has(keyOf(each)) && !declined.includes(keyOf(each)));
    for (const each of found) asked.add(keyOf(each));
    if (found.length > 0) offer(services, found).catch((error: unknown) => showError(error, []));
  };
  look();
  return vscode.Disposable.from(
    vscode.workspace.onDidGrantWorkspaceTrust(look),
    vscode.workspace.onDidChangeConfiguration(change => {
      if (change.affectsConfiguration('rdsTunnel.offerTunnels') || databaseTools.some(tool => change.affectsConfiguration(`${tool.section}.${tool.key}`))) look();
    }),
    vscode.extensions.onDidChange(look));
}

/** By a command: all that could be led through a tunnel, those that were declined, too. */
export async function reviewConnections(services: Services): Promise<void> {
  const found = routable(services);
  if (found.length > 0) await review(services, found);
  else void notify.information(vscode.l10n.t('No connection of your database tools leads straight to an AWS database.'));
}

function routable({ globalMemory }: Services): Found[] {
  return databaseTools.filter(isInstalled).flatMap(entriesOf).flatMap(placed => {
    const connection = placed.tool.connection(placed.entry);
    return connection !== undefined && (isAwsDatabase(connection.host) || knownDatabase(globalMemory, connection.host) !== undefined) ? [{ ...placed, connection }] : [];
  });
}

async function offer(services: Services, found: readonly Found[]): Promise<void> {
  const [first] = found;
  if (first === undefined) return;
  const [use, examine, never] = [vscode.l10n.t('Use a tunnel'), vscode.l10n.t('Review…'), vscode.l10n.t('Don\'t ask again')];
  const isOne = found.length === 1;
  const pressed = await notify.information(isOne
    ? vscode.l10n.t('"{0}" in {1} connects to {2}. Connect to it through a tunnel?', first.connection.name, first.tool.name, first.connection.host)
    : vscode.l10n.t('{0} connections lead to private AWS databases. Connect to them through tunnels?', found.length), isOne ? use : examine, never);
  if (pressed === never) await decline(services, found);
  if (pressed === use) await route(services, first);
  if (pressed === examine) await review(services, found);
}

/** Those that are left unchecked are not offered again. */
async function review(services: Services, found: readonly Found[]): Promise<void> {
  const picked = await vscode.window.showQuickPick(found.map(each => ({
    label: each.connection.name, description: `${each.connection.host}:${each.connection.port}`, detail: each.tool.name, picked: true, each,
  })), { canPickMany: true, title: vscode.l10n.t('Connect through tunnels'), placeHolder: vscode.l10n.t('Connections to lead through a tunnel'), matchOnDescription: true, matchOnDetail: true, ignoreFocusOut: true });
  if (picked === undefined) return;
  await decline(services, found.filter(each => !picked.some(item => item.each === each)));
  for (const { each } of picked) if (!await route(services, each)) return;
}

/** @returns false for whoever has given up */
async function route(services: Services, found: Found): Promise<boolean> {
  const done = await routeThroughTunnel(services, found);
  if (done === undefined) return false;
  const takeBack = vscode.l10n.t('Undo');
  notify.information(done.message, takeBack)
    .then(pressed => pressed === takeBack ? done.takeBack() : undefined)
    .then(undefined, (error: unknown) => showError(error, []));
  return true;
}

async function decline({ memory }: Services, found: readonly Found[]): Promise<void> {
  await memory.update(declinedKey, [...new Set([...memory.get<string[]>(declinedKey, []), ...found.map(keyOf)])]);
}
