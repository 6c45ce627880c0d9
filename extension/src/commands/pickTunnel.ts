import * as vscode from 'vscode';
import type { Tunnel } from '../sidecar/contract';
import type { Services } from '../services';
import { notify } from '../ui/notify';
import { back, pick, type Position } from '../ui/steps';

/** Those that a command can do something with: what needs a database is nothing for a tunnel to the jump host itself. */
export type Which = 'all' | 'toDatabases';

/**
 * Asks for one of several open tunnels.
 * @returns undefined when there is none, or the user has given up; `stepsBefore`: how many questions that took
 */
export async function pickTunnel(
  { tunnels }: Pick<Services, 'tunnels'>,
  which: Which,
  at: Partial<Position> = {},
): Promise<{ tunnel: Tunnel; stepsBefore: number } | undefined> {
  const meant = which === 'all' ? tunnels.all : tunnels.all.filter(({ host }) => host !== undefined);
  const [only] = meant;
  if (only === undefined) {
    void notify.information(
      tunnels.all.length === 0 ? vscode.l10n.t('No tunnel is open.') : vscode.l10n.t('No tunnel to a database is open.'),
    );
    return undefined;
  }
  if (meant.length === 1) return { tunnel: only, stepsBefore: 0 };
  const picked = await pick({
    ...at,
    title: vscode.l10n.t('Tunnels'),
    placeholder: vscode.l10n.t('Choose a tunnel'),
    items: meant.map(tunnel => ({
      label: tunnel.name,
      description: [`:${tunnel.localPort}`, tunnel.profile, tunnel.region].filter(text => text !== undefined).join(' · '),
      tunnel,
    })),
  });
  return picked === undefined || picked === back ? undefined : { tunnel: picked.tunnel, stepsBefore: 1 };
}
