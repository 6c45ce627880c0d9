import * as vscode from 'vscode';
import type { Tunnel } from '../sidecar/contract';
import type { Services } from '../services';
import { usersOf } from '../state/databaseUsers';
import { engineOf } from '../state/engines';
import { knownDatabase } from '../state/knownDatabases';
import { copy } from '../ui/copy';
import { back, lastAfter, pick } from '../ui/steps';
import { connectionDetails } from './connectionDetails';
import type { Way } from './detail';

/** Asks in which form. @param stepsBefore how many questions have been asked */
export async function copyDetails(
  { globalMemory, authority, tunnels }: Pick<Services, 'globalMemory' | 'authority' | 'tunnels'>,
  tunnel: Tunnel | Way,
  stepsBefore = 0,
): Promise<typeof back | undefined> {
  const { host = '' } = tunnel;
  const way: Way = 'id' in tunnel ? { ...tunnels.requestOf(tunnel.id), ...tunnel } : tunnel;
  const known = knownDatabase(globalMemory, host);
  const facts = {
    engine: engineOf(globalMemory, tunnel),
    authority: await authority(),
    user: usersOf(globalMemory, host)[0] ?? known?.masterUserName,
    database: known?.databaseName,
  };
  const picked = await pick({
    ...lastAfter(stepsBefore),
    title: vscode.l10n.t('Copy connection details'),
    items: connectionDetails(way, facts).map(({ name, text }) => ({ label: name, detail: text.replaceAll('\n', ' '), text })),
  });
  if (picked === undefined || picked === back) return picked;
  await copy(picked.text);
  return undefined;
}
