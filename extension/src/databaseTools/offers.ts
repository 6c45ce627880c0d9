import * as vscode from 'vscode';
import { pickProfile } from '../commands/pickProfile';
import { showError } from '../errors';
import { listen } from '../listen';
import type { OpenTunnelParams } from '../sidecar/contract';
import type { Services } from '../services';
import { knownDatabase } from '../state/knownDatabases';
import { back } from '../ui/steps';
import { databaseTools } from './all';
import { restored, routed, type Change } from './changes';
import { isAwsDatabase, regionOf } from './endpoints';
import { isObject, type Connection, type DatabaseTool, type Entry, type Route } from './tool';

/** What was done to a connection: kept so that it can be undone. It holds no secret. */
interface Routing extends Route { tool: string; name: string; target: vscode.ConfigurationTarget; changes: Change[] }

interface Found { tool: DatabaseTool; target: vscode.ConfigurationTarget; entry: Entry; connection: Connection }

const declinedKey = 'declinedConnections';
const routingsKey = 'routedConnections';

const keyOf = ({ tool, connection: { name, host, port } }: Found): string => JSON.stringify([tool.section, name, host, port]);

/** Looks at the database tools' connections, and offers, once for each, to lead those of AWS databases through a tunnel. */
export function offerRouting(services: Services): vscode.Disposable {
  const asked = new Set<string>();
  const look = (): void => {
    if (!vscode.workspace.isTrusted) return;
    const declined = services.memory.get<string[]>(declinedKey, []);
    for (const found of connectionsOfAws(services)) {
      const key = keyOf(found);
      if (asked.has(key) || declined.includes(key)) continue;
      asked.add(key);
      void offer(services, found);
    }
  };
  look();
  return vscode.Disposable.from(
    vscode.workspace.onDidGrantWorkspaceTrust(look),
    vscode.workspace.onDidChangeConfiguration(change => { if (databaseTools.some(tool => change.affectsConfiguration(`${tool.section}.${tool.key}`))) look(); }),
    vscode.extensions.onDidChange(look));
}

function connectionsOfAws({ globalMemory }: Services): Found[] {
  return databaseTools.filter(tool => vscode.extensions.getExtension(tool.extensionId) !== undefined).flatMap(tool => {
    const values = vscode.workspace.getConfiguration(tool.section).inspect<unknown>(tool.key);
    return ([[vscode.ConfigurationTarget.Global, values?.globalValue], [vscode.ConfigurationTarget.Workspace, values?.workspaceValue]] as const)
      .flatMap(([target, list]) => entriesOf(list).flatMap((entry): Found[] => {
        const connection = tool.connection(entry);
        return connection !== undefined && (isAwsDatabase(connection.host) || knownDatabase(globalMemory, connection.host) !== undefined) ? [{ tool, target, entry, connection }] : [];
      }));
  });
}

const entriesOf = (list: unknown): Entry[] => Array.isArray(list) ? list.filter(isObject) : [];

async function offer(services: Services, found: Found): Promise<void> {
  const { tool, connection: { name, host } } = found;
  const [route, never] = [vscode.l10n.t('Route through a tunnel'), vscode.l10n.t('Not this one')];
  const pressed = await vscode.window.showInformationMessage(
    vscode.l10n.t('"{0}" in {1} connects to {2}. A tunnel reaches it without a public address.', name, tool.name, host), route, never);
  if (pressed === never) await services.memory.update(declinedKey, [...services.memory.get<string[]>(declinedKey, []), keyOf(found)]);
  if (pressed !== route) return;
  try {
    await routeThroughTunnel(services, found);
  } catch (error) {
    await showError(error, []);
  }
}

async function routeThroughTunnel(services: Services, { tool, target, entry, connection: { name, host, port } }: Found): Promise<void> {
  const profile = await pickProfile(services);
  if (profile === undefined || profile === back) return;
  const region = regionOf(host) ?? profile.region;
  const request: OpenTunnelParams = { name, host, port, profile: profile.name, ...region === undefined ? {} : { region } };
  // A port that nobody has now is the tunnel's for good: it stands in the settings from now on.
  const { localPort } = await listen(services, request);
  await services.workspaceTunnels.add({ ...request, localPort }, target);
  const route = { host, port, localPort };
  const { entry: after, changes } = routed(tool, entry, route);
  await replace(tool, target, entry, after);
  const routing: Routing = { ...route, tool: tool.section, name, target, changes };
  await remember(services, target, list => [...list, routing]);
  const takeBack = vscode.l10n.t('Undo');
  const pressed = await vscode.window.showInformationMessage(
    vscode.l10n.t('"{0}" in {1} now connects through 127.0.0.1:{2}.', name, tool.name, localPort), takeBack);
  if (pressed === takeBack) await undoRouting(services, routing);
}

/** Asks which connection is to be as it was. */
export async function pickAndUndoRouting(services: Services): Promise<void> {
  const all = [...services.memory.get<Routing[]>(routingsKey, []), ...services.globalMemory.get<Routing[]>(routingsKey, [])];
  const picked = await vscode.window.showQuickPick(
    all.map(routing => ({ label: routing.name, description: `127.0.0.1:${routing.localPort} → ${routing.host}:${routing.port}`, detail: toolOf(routing)?.name ?? '', routing })),
    { title: vscode.l10n.t('Connect without the tunnel again'), placeHolder: all.length === 0 ? vscode.l10n.t('No connection was routed through a tunnel') : vscode.l10n.t('Connection') });
  if (picked !== undefined) await undoRouting(services, picked.routing);
}

async function undoRouting(services: Services, routing: Routing): Promise<void> {
  const tool = toolOf(routing);
  if (tool === undefined) return;
  const values = vscode.workspace.getConfiguration(tool.section).inspect<unknown>(tool.key);
  const list = entriesOf(routing.target === vscode.ConfigurationTarget.Global ? values?.globalValue : values?.workspaceValue);
  const entry = list.find(each => leadsTo(tool, each, routing));
  if (entry !== undefined) await replace(tool, routing.target, entry, restored(tool, entry, routing.changes));
  await services.workspaceTunnels.remove(routing, routing.target);
  await remember(services, routing.target, all => all.filter(each => each.localPort !== routing.localPort || each.name !== routing.name));
  void vscode.window.showInformationMessage(vscode.l10n.t('"{0}" connects to {1} again.', routing.name, routing.host));
}

/** What we once made of it: the same connection, on the tunnel's port. */
function leadsTo(tool: DatabaseTool, entry: Entry, { localPort }: Routing): boolean {
  const view = (tool.view ?? ((each: Entry): Entry => each))(entry);
  return Number(view.port) === localPort;
}

const toolOf = (routing: Routing): DatabaseTool | undefined => databaseTools.find(tool => tool.section === routing.tool);

async function replace(tool: DatabaseTool, target: vscode.ConfigurationTarget, before: Entry, after: Entry): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(tool.section);
  const values = configuration.inspect<unknown>(tool.key);
  const list = target === vscode.ConfigurationTarget.Global ? values?.globalValue : values?.workspaceValue;
  if (!Array.isArray(list)) return;
  const wanted = JSON.stringify(before);
  await configuration.update(tool.key, list.map((each: unknown) => JSON.stringify(each) === wanted ? after : each), target);
}

async function remember(services: Services, target: vscode.ConfigurationTarget, change: (list: Routing[]) => Routing[]): Promise<void> {
  const memory = target === vscode.ConfigurationTarget.Global ? services.globalMemory : services.memory;
  await memory.update(routingsKey, change(memory.get<Routing[]>(routingsKey, [])));
}
