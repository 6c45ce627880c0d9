import * as vscode from 'vscode';
import { askDatabaseName, askUser } from '../commands/databaseUser';
import type { OpenTunnelParams, Tunnel } from '../sidecar/contract';
import type { Services } from '../services';
import { databaseTools } from './all';
import { hasAuthorityOf } from './authority';
import { endpointOf, regionOf } from './endpoints';
import { addEntry, entriesAt, entriesOf, isInstalled, placeOfNew, replaceEntry, tunnelTarget } from './lists';
import { additionTo } from './newEntry';
import type { DatabaseTool } from './tool';
import { notify } from '../ui/notify';

/** The installed tools that know a database of this kind. */
export const toolsFor = ({ host, port, localPort }: Tunnel, engine: string): DatabaseTool[] => databaseTools.filter(tool => host !== undefined && isInstalled(tool)
  && tool.create({ host, port, localPort, engine, name: '', user: '', authority: '' }) !== undefined);

/**
 * Writes a connection to a tool's settings, and its tunnel to ours, where it listens in every later window.
 * @param request how the tunnel was asked for
 */
export async function addConnection(services: Services, tool: DatabaseTool, tunnel: Tunnel, request: OpenTunnelParams, engine: string): Promise<void> {
  const { name, host, port } = tunnel;
  if (host === undefined) throw new Error(vscode.l10n.t('This tunnel leads to no database of its own.'));
  const user = await askUser(services, tunnel);
  if (user === undefined) return;
  const database = await askDatabaseName(services, tunnel, engine);
  if (database === undefined) return;
  const place = placeOfNew(tool);
  const { localPort } = await services.workspaceTunnels.fix({ ...request, name, localPort: tunnel.localPort }, tunnelTarget(place));
  const authority = await services.authority();
  const wanted = { name, engine, user, database: database === '' ? undefined : database, host, port, localPort, authority };
  const others = entriesOf(tool).filter(each => JSON.stringify(each.place) !== JSON.stringify(place)).map(({ entry }) => entry);
  const addition = additionTo(tool, entriesAt(tool, place), others, wanted, tunnel,
    served => services.tunnels.all.some(each => each.localPort === served));
  if (addition === undefined) return;
  const { entry, instead } = addition;
  if (instead === undefined) await addEntry(tool, place, entry);
  else await replaceEntry(tool, place, instead, entry);
  const shown = String(entry[tool.nameKey]);
  const region = regionOf(host);
  if (/^(Rds|DocumentDb)$/.test(endpointOf(host)?.service ?? '') && region !== undefined && !await hasAuthorityOf(authority, region)) {
    void notify.warning(vscode.l10n.t('"{0}" is in {1}, but RDS Tunnel has no certificate authority for {2} yet. Download that region\'s bundle from AWS, and name its file in the connection.', shown, tool.name, region));
    return;
  }
  void notify.information(instead === undefined
    ? vscode.l10n.t('"{0}" was added to {1}.', shown, tool.name) : vscode.l10n.t('"{0}" in {1} was updated.', shown, tool.name));
}
