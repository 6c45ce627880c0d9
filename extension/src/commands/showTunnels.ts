import * as vscode from 'vscode';
import type { Tunnel } from '../sidecar/contract';
import type { Services } from '../services';
import { destination, icons } from '../state/summary';
import { dormantText } from '../ui/states';
import type { Dormant } from '../workspace/workspaceTunnels';
import { answerJumpHost } from './chooseJumpHost';
import { closeTunnel, copyAddress, copyDetails, requestOf, restartTunnel, signInForTunnel } from './tunnelActions';
import { openTunnel } from './openTunnel';

/** What a click on the status bar shows: the tunnels, and what can be done with one. */
export async function showTunnels(services: Services): Promise<void> {
  const another = { label: `$(add) ${vscode.l10n.t('Open tunnel to RDS')}` };
  const picked = await vscode.window.showQuickPick<vscode.QuickPickItem & { tunnel?: Tunnel; dormant?: Dormant }>([
    ...services.tunnels.all.map(tunnel => ({
      label: `$(${icons[tunnel.state]}) ${tunnel.name}`, description: `127.0.0.1:${tunnel.localPort} → ${destination(tunnel)}`,
      ...tunnel.fault === undefined ? {} : { detail: tunnel.fault.message }, tunnel,
    })),
    ...services.workspaceTunnels.dormant.map(dormantItem),
    another,
  ], { title: vscode.l10n.t('RDS tunnels') });
  if (picked === undefined) return;
  if (picked.dormant !== undefined) services.workspaceTunnels.reopen(picked.dormant);
  else if (picked.tunnel === undefined) await openTunnel(services);
  else await act(services, picked.tunnel);
}

/** Which of those that do not listen is to be opened again. */
export async function pickDormant({ workspaceTunnels }: Services): Promise<Dormant | undefined> {
  const { dormant } = workspaceTunnels;
  const picked = await vscode.window.showQuickPick(dormant.map(dormantItem), {
    title: vscode.l10n.t('Open a closed tunnel'), placeHolder: dormant.length === 0 ? vscode.l10n.t('No tunnel of your settings is closed') : vscode.l10n.t('Tunnel'),
  });
  return picked?.dormant;
}

const dormantItem = (dormant: Dormant): vscode.QuickPickItem & { dormant: Dormant } => {
  const { request: { name, host, target = '', port }, localPort, reason } = dormant;
  return { label: `$(circle-slash) ${name ?? host ?? target}`, description: `127.0.0.1:${localPort} → ${host ?? target}:${port}`, detail: dormantText(reason), dormant };
};

async function act(services: Services, tunnel: Tunnel): Promise<void> {
  const actions: { label: string; run: () => Promise<unknown> }[] = [
    { label: `$(copy) ${vscode.l10n.t('Copy address')}`, run: () => copyAddress(tunnel) },
    ...tunnel.state === 'NeedsSignIn' ? [{ label: `$(key) ${vscode.l10n.t('Sign in')}`, run: () => signInForTunnel(services, tunnel) }] : [],
    ...tunnel.state === 'NeedsJumpHost' ? [{ label: `$(question) ${vscode.l10n.t('Choose jump host')}`, run: () => answerJumpHost(services, requestOf(services, tunnel)) }] : [],
    { label: `$(list-flat) ${vscode.l10n.t('Copy connection details…')}`, run: () => copyDetails(services, tunnel) },
    { label: `$(checklist) ${vscode.l10n.t('Check')}`, run: async () => { await vscode.commands.executeCommand('rdsTunnel.checkTunnel', tunnel); } },
    { label: `$(debug-restart) ${vscode.l10n.t('Restart')}`, run: () => restartTunnel(services, tunnel) },
    { label: `$(close) ${vscode.l10n.t('Close')}`, run: () => closeTunnel(services, tunnel) },
    { label: `$(output) ${vscode.l10n.t('Show log')}`, run: () => { services.log.show(); return Promise.resolve(); } },
  ];
  const picked = await vscode.window.showQuickPick(actions, { title: tunnel.name });
  await picked?.run();
}
