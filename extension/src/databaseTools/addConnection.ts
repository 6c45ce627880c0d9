import * as vscode from 'vscode';
import { askDatabaseName, askUser } from '../commands/databaseUser';
import type { OpenTunnelParams, Tunnel } from '../sidecar/contract';
import type { Services } from '../services';
import { databaseTools } from './all';
import { knownDatabase } from '../state/knownDatabases';
import { hasAuthorityOf } from './authority';
import { addToDbcode, connectionFor, dbcode } from './dbcode';
import { endpointOf, regionOf } from './endpoints';
import { addEntry, entriesOf, isInstalled, placeOfNew, replaceEntry, tunnelTarget, visibleEntriesOf } from './lists';
import { qualifiedName } from './names';
import { additionTo } from './newEntry';
import { keepTunnel } from './routedTunnels';
import type { DatabaseTool, NewConnection } from './tool';
import { notify } from '../ui/notify';
import { back } from '../ui/steps';
import type { FixedTunnel } from '../workspace/workspaceTunnels';

/** A tool that takes a new connection. */
export interface Taker {
  /** Shown to users. */
  name: string;
  /** Where the connection's tunnel has to stand, so that every window that sees the connection has it. */
  tunnelTarget: (services: Services, tunnel: FixedTunnel) => vscode.ConfigurationTarget;
  /** @returns the name that the connection has there; `isUpdate` when it was there before */
  take: (services: Services, wanted: NewConnection, tunnel: Tunnel) => Promise<{ shown: string; isUpdate?: boolean; warning?: string }>;
}

/** The installed tools that know a database of this kind. */
export function toolsFor({ host, port, localPort }: Tunnel, engine: string): Taker[] {
  if (host === undefined) return [];
  const inSettings = databaseTools.filter(tool => isInstalled(tool) && tool.create({ host, port, localPort, engine, name: '', user: '', authority: '' }) !== undefined).map(settingsOf);
  return isInstalled(dbcode) && dbcode.knows(engine) ? [...inSettings, ofDbcode] : inSettings;
}

/**
 * Gives a tool a new connection, and writes its tunnel to our settings, where it listens in every later window.
 * @param request how the tunnel was asked for
 */
export async function addConnection(services: Services, tool: Taker, tunnel: Tunnel, request: OpenTunnelParams, engine: string): Promise<void> {
  const { name, host, port } = tunnel;
  if (host === undefined) throw new Error(vscode.l10n.t('This tunnel goes to the jump host itself, not to a database.'));
  // The secret's user is the one that counts, whatever the tool says.
  const user = tunnel.user ?? (tunnel.login === 'secret' ? knownDatabase(services.globalMemory, host)?.masterUserName ?? 'secret' : await askUser(services, tunnel));
  if (user === undefined || user === back) return;
  const database = await askDatabaseName(services, tunnel, engine);
  if (database === undefined) return;
  const wanted = { ...request, name, localPort: tunnel.localPort };
  const { tunnel: fixed } = await services.workspaceTunnels.fix(wanted, tool.tunnelTarget(services, wanted));
  await keepTunnel(services, fixed);
  const { localPort } = fixed;
  const authority = await services.authority();
  const { shown, isUpdate = false, warning } = await tool.take(services, { name, engine, user, database: database === '' ? undefined : database, host, port, localPort, authority, login: tunnel.login }, tunnel);
  if (warning !== undefined) void notify.warning(warning);
  else void notify.information(isUpdate ? vscode.l10n.t('"{0}" in {1} was updated.', shown, tool.name) : vscode.l10n.t('"{0}" was added to {1}.', shown, tool.name));
}

/** A tool whose connections are settings. */
const settingsOf = (tool: DatabaseTool): Taker => ({
  name: tool.name,
  tunnelTarget: ({ workspaceTunnels }, tunnel) => {
    // An entry that leads there already has its tunnel where it holds for it.
    const known = visibleEntriesOf(tool).find(({ entry, place }) => {
      const port = tool.localPort(entry);
      return port !== undefined && (port === tunnel.localPort || port === workspaceTunnels.fixed(tunnel, tunnelTarget(place))?.localPort);
    });
    return tunnelTarget(known?.place ?? placeOfNew(tool));
  },
  take: async (services, wanted, tunnel) => {
    const visible = visibleEntriesOf(tool);
    const all = entriesOf(tool).map(({ entry }) => entry);
    const addition = additionTo(tool, visible.map(({ entry }) => entry), all, wanted, tunnel, served => services.tunnels.all.some(each => each.localPort === served));
    if (addition === undefined) throw new Error(vscode.l10n.t('{0} doesn\'t support this kind of database.', tool.name));
    const { entry, instead } = addition;
    const known = visible.find(each => each.entry === instead);
    if (known === undefined) await addEntry(tool, placeOfNew(tool), entry);
    else await replaceEntry(tool, known.place, known.entry, entry);
    const shown = String(entry[tool.nameKey]);
    const warning = await missingAuthority(wanted, shown, tool.name);
    return { shown, isUpdate: known !== undefined, ...warning === undefined ? {} : { warning } };
  },
});

const ofDbcode: Taker = {
  name: dbcode.name,
  tunnelTarget: () => vscode.ConfigurationTarget.Global,
  take: async (_, wanted, { profile, region }) => {
    const shown = qualifiedName(wanted.name, profile, region);
    const connection = connectionFor({ ...wanted, name: shown }, { ...profile === undefined ? {} : { profile }, ...region === undefined ? {} : { region } });
    if (connection === undefined) throw new Error(vscode.l10n.t('{0} doesn\'t support this kind of database.', dbcode.name));
    await addToDbcode(connection);
    return wanted.login !== undefined ? { shown } : { shown, warning: vscode.l10n.t('"{0}" was added to DBCode, which can\'t check the database\'s certificate through a tunnel.', shown) };
  },
};

async function missingAuthority({ host, authority, login }: NewConnection, shown: string, tool: string): Promise<string | undefined> {
  const region = regionOf(host);
  if (login !== undefined) return undefined;
  if (!/^(Rds|DocumentDb)$/.test(endpointOf(host)?.service ?? '') || region === undefined || await hasAuthorityOf(authority, region)) return undefined;
  return vscode.l10n.t('"{0}" is in {1}, but RDS Tunnel has no certificate authority for {2} yet. Download that region\'s bundle from AWS, and name its file in the connection.', shown, tool, region);
}
