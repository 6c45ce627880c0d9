import * as vscode from 'vscode';
import type { JumpHost, OpenTunnelParams } from '../sidecar/contract';
import { scopeOf } from '../sidecar/scope';
import type { Services } from '../services';
import { reasonText } from '../state/summary';
import { back, input, lastAfter, pick, type Step } from '../ui/steps';
import { tellFailure } from '../dialogs/help';
import { notify } from '../ui/notify';

/** A jump host, or that it is to be selected automatically. */
export interface Choice {
  target: string | undefined;
  /** The tunnel is to start it, and to stop it afterwards. */
  starts?: true;
}

type Item = vscode.QuickPickItem & { target?: string; isAutomatic?: true; canStart?: boolean };

/** Lists jump hosts, the best first, each with its reasons. An ID can be typed. @param stepsBefore how many questions have been asked */
export async function chooseJumpHost(services: Services, request: OpenTunnelParams, stepsBefore = 0): Promise<Step<Choice>> {
  const { host, port } = request;
  if (host === undefined) throw new Error(vscode.l10n.t('This tunnel leads to the jump host itself, so there is none to choose.'));
  const scope = scopeOf(request);
  let list: { jumpHosts: JumpHost[]; recommended?: string; chosen?: string } = { jumpHosts: [] };
  try {
    list = await notify.progress(vscode.l10n.t('Looking for jump hosts'), cancellation =>
      services.sidecar.request('jumpHost/list', { database: { host, port }, scope }, cancellation),
    );
  } catch (error) {
    if (error instanceof vscode.CancellationError) return undefined;
    // One can be typed all the same.
    services.log.warn(error instanceof Error ? error.message : String(error));
    void tellFailure(services, error, { request });
  }
  const { jumpHosts, recommended, chosen } = list;
  const byHand: Item = { label: `$(edit) ${vscode.l10n.t('Enter an instance ID…')}`, alwaysShow: true };
  const automatic: Item = { label: `$(sparkle) ${vscode.l10n.t('Select automatically')}`, alwaysShow: true, isAutomatic: true };
  const items = jumpHosts.map((jumpHost): Item => ({
    label: `$(${jumpHost.isSuitable ? 'server' : jumpHost.isUsable ? 'question' : 'circle-slash'}) ${jumpHost.name ?? jumpHost.target}`,
    description: [
      jumpHost.target,
      ...(jumpHost.target === chosen ? [vscode.l10n.t('chosen')] : jumpHost.target === recommended ? [vscode.l10n.t('recommended')] : []),
    ].join(' · '),
    detail: jumpHost.reasons.map(reasonText).join('   '),
    target: jumpHost.target,
    canStart: jumpHost.canStart === true,
  }));
  for (;;) {
    const picked = await pick<Item>({
      ...lastAfter(stepsBefore),
      title: vscode.l10n.t('Jump host for {0}:{1}', host, port),
      placeholder: vscode.l10n.t('Choose a jump host'),
      ignoreFocusOut: true,
      items: [...items, byHand, ...(chosen === undefined ? [] : [automatic])],
    });
    if (picked === undefined || picked === back) return picked;
    if (picked.target !== undefined && picked.canStart === true && request.startJumpHost !== true) {
      if (await mayStart(picked.target)) return { target: picked.target, starts: true };
      continue;
    }
    if (picked.target !== undefined || picked.isAutomatic === true) return { target: picked.target };
    const typed = await input({
      ...lastAfter(stepsBefore),
      title: vscode.l10n.t('Jump host for {0}:{1}', host, port),
      prompt: vscode.l10n.t('ID of an instance, a managed node or an ECS task: i-…, mi-… or ecs:…'),
      canGoBack: true,
      problem: text => (/^(i-|mi-|ecs:)\S+$/.test(text) ? undefined : vscode.l10n.t('Enter an ID that starts with i-, mi- or ecs:')),
    });
    if (typed !== back) return typed === undefined ? undefined : { target: typed };
  }
}

/** A stopped one costs money again, and is changed by it: that takes a yes. */
async function mayStart(target: string): Promise<boolean> {
  const start = vscode.l10n.t('Start when needed');
  const pressed = await notify.warning(
    vscode.l10n.t(
      'The jump host {0} is stopped. Start it when a connection needs it? This costs money and takes about 40 seconds. The tunnel stops it again when no session uses it.',
      target,
    ),
    start,
  );
  return pressed === start;
}

/** The sidecar remembers it for the database, and tunnels that wait for it go on. */
export async function rememberChoice({ sidecar }: Services, request: OpenTunnelParams, { target }: Choice): Promise<void> {
  const { host, port } = request;
  if (host !== undefined)
    await sidecar.request('jumpHost/choose', { host, port, scope: scopeOf(request), ...(target === undefined ? {} : { target }) });
}

/** @returns whether there was an answer, or `back` to the questions that have been asked before */
export async function answerJumpHost(services: Services, request: OpenTunnelParams, stepsBefore = 0): Promise<boolean | typeof back> {
  const choice = await chooseJumpHost(services, request, stepsBefore);
  if (choice === undefined || choice === back) return choice ?? false;
  await rememberChoice(services, request, choice);
  // The tunnel that waits is open already, and was not allowed to.
  if (choice.starts === true)
    void notify.information(
      vscode.l10n.t(
        'This tunnel is not allowed to start its jump host. Set "startJumpHost" for it, choose the jump host again with "Choose another jump host", or start {0} in EC2.',
        choice.target ?? '',
      ),
    );
  if (choice.target !== undefined) void services.workspaceTunnels.offerTarget(request, choice.target);
  return true;
}
