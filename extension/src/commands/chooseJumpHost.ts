import * as vscode from 'vscode';
import type { JumpHost, OpenTunnelParams } from '../sidecar/contract';
import { scopeOf } from '../sidecar/scope';
import type { Services } from '../services';
import { reasonText } from '../state/summary';

/** A jump host, or that it is to be selected automatically. */
export interface Choice { target: string | undefined }

type Item = vscode.QuickPickItem & { target?: string; isAutomatic?: true };

/** The jump hosts that may lead to a database, the best first, each with its reasons; one can be typed. */
export async function chooseJumpHost({ sidecar, log }: Services, request: OpenTunnelParams): Promise<Choice | undefined> {
  const { host, port } = request;
  if (host === undefined) throw new Error(vscode.l10n.t('This tunnel leads to a jump host itself.'));
  const scope = scopeOf(request);
  let list: { jumpHosts: JumpHost[]; recommended?: string; chosen?: string } = { jumpHosts: [] };
  try {
    list = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Looking for jump hosts'), cancellable: true },
      (_, cancellation) => sidecar.request('jumpHost/list', { database: { host, port }, scope }, cancellation));
  } catch (error) {
    if (error instanceof vscode.CancellationError) return undefined;
    // One can be typed all the same.
    log.warn(error instanceof Error ? error.message : String(error));
    void vscode.window.showWarningMessage(error instanceof Error ? error.message : String(error));
  }
  const { jumpHosts, recommended, chosen } = list;
  const byHand: Item = { label: `$(edit) ${vscode.l10n.t('Enter an instance id…')}`, alwaysShow: true };
  const automatic: Item = { label: `$(sparkle) ${vscode.l10n.t('Select automatically')}`, alwaysShow: true, isAutomatic: true };
  const items = jumpHosts.map((jumpHost): Item => ({
    label: `$(${jumpHost.isSuitable ? 'server' : jumpHost.isUsable ? 'question' : 'circle-slash'}) ${jumpHost.name ?? jumpHost.target}`,
    description: [
      jumpHost.target, ...jumpHost.target === chosen ? [vscode.l10n.t('chosen')] : jumpHost.target === recommended ? [vscode.l10n.t('recommended')] : [],
    ].join(' · '),
    detail: jumpHost.reasons.map(reasonText).join('   '),
    target: jumpHost.target,
  }));
  const picked = await vscode.window.showQuickPick([...items, byHand, ...chosen === undefined ? [] : [automatic]], {
    title: vscode.l10n.t('Jump host'), placeHolder: vscode.l10n.t('Which jump host leads to {0}:{1}?', host, port), matchOnDescription: true, matchOnDetail: true, ignoreFocusOut: true,
  });
  if (picked === undefined) return undefined;
  if (picked.target !== undefined || picked.isAutomatic === true) return { target: picked.target };
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t('Jump host'), prompt: vscode.l10n.t('What StartSession takes: i-…, mi-…, ecs:…'), ignoreFocusOut: true,
    validateInput: text => /^(i-|mi-|ecs:)\S+$/.test(text) ? undefined : vscode.l10n.t('i-…, mi-… or ecs:…'),
  });
  return typed === undefined ? undefined : { target: typed };
}

/** The sidecar remembers it for the database, and tunnels that wait for it go on. */
export async function rememberChoice({ sidecar }: Services, request: OpenTunnelParams, { target }: Choice): Promise<void> {
  const { host, port } = request;
  if (host !== undefined) await sidecar.request('jumpHost/choose', { host, port, scope: scopeOf(request), ...target === undefined ? {} : { target } });
}

/** @returns whether there was an answer */
export async function answerJumpHost(services: Services, request: OpenTunnelParams): Promise<boolean> {
  const choice = await chooseJumpHost(services, request);
  if (choice === undefined) return false;
  await rememberChoice(services, request, choice);
  if (choice.target !== undefined) void services.workspaceTunnels.offerTarget(request, choice.target);
  return true;
}
