// Tunnels that stand in settings only because a connection was routed through them: they go when nothing uses them any more.
import * as vscode from 'vscode';
import type { Services } from '../services';
import type { Fixing } from '../workspace/workspaceTunnels';
import { databaseTools } from './all';
import { isSameHost } from '../state/endpoints';
import { entriesOf } from './lists';

interface Address {
  host: string;
  localPort: number;
}

/** What was written for one. */
type Routed = Address & NonNullable<Fixing['written']>;

const key = 'routedTunnels';

/** Remembers that routing has written this one. */
export async function rememberTunnel(
  services: Services,
  { host, localPort }: Address,
  { target, isNewList }: NonNullable<Fixing['written']>,
): Promise<void> {
  const memory = memoryOf(services, target);
  const all = memory.get<Routed[]>(key, []);
  // What takes the last entry of such a list away takes the list away, whichever entry that is.
  await memory.update(key, [...all, { host, localPort, target, isNewList: isNewList || all.some(each => each.isNewList) }]);
}

/** Something else relies on it from now on: it stays. */
export async function keepTunnel({ memory, globalMemory }: Services, tunnel: { host?: string; localPort: number }): Promise<void> {
  for (const each of [memory, globalMemory]) {
    const all = each.get<Routed[]>(key, []);
    if (all.some(routed => isSame(routed, tunnel)))
      await each.update(
        key,
        all.filter(routed => !isSame(routed, tunnel)),
      );
  }
}

/** Takes it from the settings, if routing has written it and no tool's connection uses it. */
export async function removeUnusedTunnel(services: Services, tunnel: Address): Promise<void> {
  if (databaseTools.some(tool => entriesOf(tool).some(({ entry }) => tool.localPort(entry) === tunnel.localPort))) return;
  for (const memory of [services.memory, services.globalMemory]) {
    const routed = memory.get<Routed[]>(key, []).find(each => isSame(each, tunnel));
    if (routed !== undefined) await services.workspaceTunnels.remove(tunnel, routed);
  }
  await keepTunnel(services, tunnel);
}

const isSame = (routed: Routed, { host, localPort }: { host?: string; localPort: number }): boolean =>
  host !== undefined && routed.localPort === localPort && isSameHost(routed.host, host);

const memoryOf = ({ memory, globalMemory }: Services, target: vscode.ConfigurationTarget): vscode.Memento =>
  target === vscode.ConfigurationTarget.Global ? globalMemory : memory;
