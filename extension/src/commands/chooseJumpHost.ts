import * as vscode from 'vscode';
import { scopeOf, type OpenTunnelParams } from '../sidecar/contract';
import type { Services } from '../services';
import { reasonText } from '../state/summary';

/** The jump hosts that lead to a database, the best first, each with its reasons; one can be typed. */
export async function chooseJumpHost({ sidecar }: Services, request: OpenTunnelParams): Promise<string | undefined> {
  const { host, port } = request;
  if (host === undefined) throw new Error(vscode.l10n.t('This tunnel leads to a jump host itself.'));
  const scope = scopeOf(request);
  const { jumpHosts, recommended } = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Looking for jump hosts'), cancellable: true },
    (_, cancellation) => sidecar.request('jumpHost/list', { database: { host, port }, scope }, cancellation));
  const byHand = { label: `$(edit) ${vscode.l10n.t('Enter an instance id…')}`, description: '', target: undefined, alwaysShow: true };
  const picked = await vscode.window.showQuickPick([
    ...jumpHosts.map(jumpHost => ({
      label: `$(${jumpHost.isUsable ? 'server' : 'circle-slash'}) ${jumpHost.name ?? jumpHost.target}`,
      description: [jumpHost.target, jumpHost.target === recommended ? vscode.l10n.t('recommended') : ''].filter(text => text !== '').join(' · '),
      detail: jumpHost.reasons.map(reasonText).join('   '),
      target: jumpHost.target,
    })),
    byHand,
  ], { title: vscode.l10n.t('Jump host'), matchOnDescription: true, matchOnDetail: true });
  if (picked === undefined || picked.target !== undefined) return picked?.target;
  return vscode.window.showInputBox({
    title: vscode.l10n.t('Jump host'), prompt: vscode.l10n.t('What StartSession takes: i-…, mi-…, ecs:…'),
    validateInput: text => /^(i-|mi-|ecs:)\S+$/.test(text) ? undefined : vscode.l10n.t('i-…, mi-… or ecs:…'),
  });
}
