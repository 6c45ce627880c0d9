// A database tool's connection is led through a tunnel, and back.
import * as vscode from 'vscode';
import { pickProfile } from '../dialogs/pickProfile';
import { listen } from '../workspace/listen';
import type { OpenTunnelParams } from '../sidecar/contract';
import type { Services } from '../services';
import { knownDatabase } from '../state/knownDatabases';
import { back, rows } from '../ui/steps';
import { databaseTools } from './all';
import { routed, undo, type Change } from './changes';
import { regionOf } from '../state/endpoints';
import { entriesAt, entriesOf, replaceEntry, tunnelTarget, type Place, type Placed } from './lists';
import { qualifiedName, uniqueName } from './names';
import { rememberTunnel, removeUnusedTunnel } from './routedTunnels';
import type { Connection, DatabaseTool, Entry } from './tool';
import { notify } from '../ui/notify';
import type { Fixing } from '../workspace/workspaceTunnels';

/** A connection that could be led through a tunnel. */
export interface Found extends Placed {
  connection: Connection;
}

/** What was done to a connection: kept so that it can be undone. It holds no secret. */
interface Routing {
  tool: string;
  place: Place;
  name: string;
  host: string;
  port: number;
  localPort: number;
  changes: Change[];
}

const routingsKey = 'routedConnections';

/**
 * A tunnel to a connection's database, with a port for good: it stands in the settings from now on.
 * @returns undefined for whoever has given up
 */
export async function tunnelFor(
  services: Services,
  connection: Connection,
  target: vscode.ConfigurationTarget,
): Promise<Fixing | undefined> {
  const { name, host, port } = connection;
  const profile = await profileFor(services, connection);
  if (profile === undefined) return undefined;
  const region = regionOf(host) ?? profile.region;
  const request: OpenTunnelParams = { name, host, port, profile: profile.name, ...(region === undefined ? {} : { region }) };
  const known = services.workspaceTunnels.fixed(request, target);
  return known === undefined
    ? await services.workspaceTunnels.fix({ ...request, localPort: (await listen(services, request)).localPort }, target)
    : { tunnel: known };
}

/** @returns the name that it has now, and what takes it back; undefined for whoever has given up */
export async function routeThroughTunnel(
  services: Services,
  found: Found,
): Promise<{ message: string; takeBack: () => Promise<void> } | undefined> {
  const {
    tool,
    place,
    entry,
    connection: { name, host, port },
  } = found;
  const fixing = await tunnelFor(services, found.connection, tunnelTarget(place));
  if (fixing === undefined) return undefined;
  const {
    tunnel: { localPort, profile, region },
    written,
  } = fixing;
  if (written !== undefined) await rememberTunnel(services, { host, localPort }, written);
  const route = { host, port, localPort, authority: await services.authority() };
  const newName = nameFor(found, routed(tool, entry, route).entry, profile, region);
  const { entry: after, changes } = routed(tool, entry, route, newName);
  await replaceEntry(tool, place, entry, after);
  const routing: Routing = { tool: tool.section, place, name: newName ?? name, host, port, localPort, changes };
  await memoryOf(services, place).update(routingsKey, [...routingsAt(services, place), routing]);
  const message =
    newName === undefined
      ? vscode.l10n.t('"{0}" in {1} now connects through 127.0.0.1:{2}.', name, tool.name, localPort)
      : vscode.l10n.t(
          '"{0}" in {1} now connects through 127.0.0.1:{2}. It was renamed to "{3}", because {1} would confuse it with another connection.',
          name,
          tool.name,
          localPort,
          newName,
        );
  return { message, takeBack: () => undoRouting(services, routing) };
}

/** Whether there is anything to undo. */
export const hasRoutings = ({ memory, globalMemory }: Services): boolean =>
  [memory, globalMemory].some(each => each.get<Routing[]>(routingsKey, []).length > 0);

/** Asks which connection is to be as it was. */
export async function pickAndUndoRouting(services: Services): Promise<void> {
  const all = [...services.memory.get<Routing[]>(routingsKey, []), ...services.globalMemory.get<Routing[]>(routingsKey, [])];
  const picked = await vscode.window.showQuickPick(
    rows(
      all.map(routing => ({
        label: routing.name,
        description: `127.0.0.1:${routing.localPort} → ${routing.host}:${routing.port}`,
        detail: toolOf(routing)?.name ?? '',
        routing,
      })),
    ),
    {
      title: vscode.l10n.t('Connect without the tunnel again'),
      placeHolder: all.length === 0 ? vscode.l10n.t('No connection was routed through a tunnel') : vscode.l10n.t('Connection'),
    },
  );
  if (picked !== undefined) await undoRouting(services, picked.routing);
}

/** Another name, where the tool would take it for another of its connections once both lead to this machine. */
function nameFor(
  { tool, entry, connection: { name, host } }: Found,
  after: Entry,
  profile: string | undefined,
  region: string | undefined,
): string | undefined {
  const others = entriesOf(tool)
    .map(each => each.entry)
    .filter(each => JSON.stringify(each) !== JSON.stringify(entry));
  return !others.some(each => tool.isSame(after, each))
    ? undefined
    : uniqueName(tool, after, others, [qualifiedName(name, profile, region), qualifiedName(name, profile, region, host)]);
}

/** The profile that has listed the database, or the one that is chosen. */
async function profileFor(services: Services, { name, host }: Connection): Promise<{ name: string; region?: string } | undefined> {
  const known = knownDatabase(services.globalMemory, host)?.profile;
  if (known !== undefined) return { name: known };
  const picked = await pickProfile(services, { title: vscode.l10n.t('AWS profile for {0}', name) });
  return picked === back ? undefined : picked;
}

async function undoRouting(services: Services, routing: Routing): Promise<void> {
  const { place, host, name, changes } = routing;
  const tool = toolOf(routing);
  // Undone already, by the command or by the button.
  if (tool === undefined || !routingsAt(services, place).some(each => isSame(each, routing))) return;
  const entry = entryOf(services, routing, tool);
  if (entry !== undefined) {
    const before = undo(entry, changes);
    // Its address was written otherwise since: it would lead to this machine still.
    await replaceEntry(tool, place, entry, tool.localPort(before) !== undefined ? undo(entry, changes, false) : before);
  }
  await removeUnusedTunnel(services, routing);
  const all = routingsAt(services, place);
  await memoryOf(services, place).update(
    routingsKey,
    all.toSpliced(
      all.findIndex(each => isSame(each, routing)),
      1,
    ),
  );
  void notify.information(vscode.l10n.t('"{0}" connects to {1} again.', name, host));
}

/** The one of its name, or one that was renamed since; others go through the same tunnel, too. */
function entryOf(services: Services, routing: Routing, tool: DatabaseTool): Entry | undefined {
  const { place, name, localPort } = routing;
  const through = entriesAt(tool, place).filter(each => tool.localPort(each) === localPort);
  const namesOfOthers = routingsAt(services, place)
    .filter(each => each.tool === tool.section && each.localPort === localPort && JSON.stringify(each.place) === JSON.stringify(place))
    .map(each => each.name);
  return (
    through.find(each => each[tool.nameKey] === name) ?? through.find(each => !namesOfOthers.some(other => other === each[tool.nameKey]))
  );
}

const toolOf = (routing: Routing): DatabaseTool | undefined => databaseTools.find(tool => tool.section === routing.tool);

const isSame = (one: Routing, other: Routing): boolean => JSON.stringify(one) === JSON.stringify(other);

const memoryOf = ({ memory, globalMemory }: Services, { target }: Place): vscode.Memento =>
  target === vscode.ConfigurationTarget.Global ? globalMemory : memory;

const routingsAt = (services: Services, place: Place): Routing[] => memoryOf(services, place).get<Routing[]>(routingsKey, []);
