import * as vscode from 'vscode';
import { codeOf, isCancelled, needsSignIn, showError } from '../errors';
import type { OpenTunnelParams, Tunnel } from '../sidecar/contract';
import { scopeOf } from '../sidecar/scope';
import { listenFor } from '../listen';
import { signIn } from '../signIn';
import type { Services } from '../services';
import { destination } from '../state/summary';
import { pickDatabase } from './pickDatabase';
import { addConnection, toolsFor } from '../databaseTools/addConnection';
import { engineOf, familyOf } from '../state/engines';
import { back, pick, type Step } from '../ui/steps';
import { answerJumpHost, chooseJumpHost, rememberChoice, type Choice } from './chooseJumpHost';
import { helpFor, showFailure, type Action } from './help';
import { copyDetails, copyIamToken } from './tunnelActions';
import { pickProfile } from './pickProfile';
import { recentTunnels, rememberTunnel } from '../state/recent';
import { withDefaults } from '../workspace/defaults';

/** Palette to tunnel: recent ones first, else profile and database; the jump host is selected automatically. */
export async function openTunnel(services: Services): Promise<void> {
  const request = await chooseTunnel(services);
  if (request !== undefined) await openAndShow(services, request);
}

async function chooseTunnel(services: Services): Promise<OpenTunnelParams | undefined> {
  const recent = recentTunnels(services.memory);
  for (;;) {
    if (recent.length > 0) {
      const picked = await pickRecent(recent);
      if (picked === undefined || picked === back) return undefined;
      if (picked.request !== undefined) return picked.request;
    }
    const request = await chooseAnew(services, recent.length > 0);
    if (request !== back) return request;
  }
}

const pickRecent = (recent: OpenTunnelParams[]): Promise<Step<vscode.QuickPickItem & { request: OpenTunnelParams | undefined }>> => pick({
  title: vscode.l10n.t('Open tunnel to RDS'), placeholder: vscode.l10n.t('A tunnel that you have opened before, or another one'),
  items: [
    ...recent.map(request => ({ label: `$(history) ${request.name ?? request.host ?? ''}`, description: describe(request), request })),
    { label: `$(add) ${vscode.l10n.t('Another database…')}`, alwaysShow: true, request: undefined },
  ],
});

async function chooseAnew(services: Services, canGoBack: boolean): Promise<Step<OpenTunnelParams>> {
  for (;;) {
    const profile = await pickProfile(services, { canGoBack });
    if (profile === undefined || profile === back) return profile;
    const request = await pickDatabase(services, profile);
    if (request !== back) return request;
  }
}

const describe = ({ host, port, profile, region }: OpenTunnelParams): string =>
  [`${host ?? ''}:${port}`, profile, region].filter(text => text !== undefined).join(' · ');

/**
 * Opens a tunnel, with progress; tells where it listens, or what failed.
 * @param instead what it takes the place of, and gives it back to when it fails; and what is done when it does not
 */
export async function openAndShow(services: Services, request: OpenTunnelParams, instead?: { of: OpenTunnelParams; onOpened: () => Promise<void> }): Promise<void> {
  const { sidecar, tunnels } = services;
  let tunnel: Tunnel;
  try {
    tunnel = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Opening a tunnel to {0}', request.name ?? request.host ?? ''), cancellable: true },
      (_, cancellation) => sidecar.request('tunnel/open', { ...withDefaults(request), openNow: true }, cancellation));
  } catch (error) {
    if (instead !== undefined) await listenFor(services, instead.of);
    await onFailure(services, request, error);
    return;
  }
  tunnels.opened(tunnel, request);
  await instead?.onOpened();
  await rememberTunnel(services.memory, { ...request, localPort: tunnel.localPort });
  await announce(services, tunnel, request);
}

/** Where it listens, through what and why, and what can be done with it now: more than three buttons can be read by nobody. */
async function announce(services: Services, tunnel: Tunnel, request: OpenTunnelParams): Promise<void> {
  const engine = engineOf(services.globalMemory, tunnel);
  const copy: Action = [vscode.l10n.t('Copy details'), () => copyDetails(services, tunnel)];
  const add = toolsFor(tunnel, engine).map((tool): Action => [vscode.l10n.t('Add to {0}', tool.name), () => addConnection(services, tool, tunnel, request, engine)]);
  const others: Action[] = [
    ...add.length > 1 ? add : [],
    ...tunnel.host !== undefined && /postgres|mysql/.test(familyOf(engine)) ? [[vscode.l10n.t('Copy IAM token'), () => copyIamToken(services, tunnel)] satisfies Action] : [],
    ...tunnel.host !== undefined ? [[vscode.l10n.t('Choose another jump host'), () => reopenThroughAnother(services, tunnel, request)] satisfies Action] : [],
  ];
  const more: Action = [vscode.l10n.t('More…'), async () => {
    const picked = await vscode.window.showQuickPick(others.map(([label, run]) => ({ label, run })), { title: tunnel.name });
    await picked?.run();
  }];
  const actions = [copy, ...add.length === 1 ? add : [], more];
  const pressed = await vscode.window.showInformationMessage(
    vscode.l10n.t('{0} answers on 127.0.0.1:{1}, through {2}.', destination(tunnel), tunnel.localPort, await jumpHostOf(services, tunnel, request)), ...actions.map(([label]) => label));
  await actions.find(([label]) => label === pressed)?.[1]();
}

/** What it goes through, and what spoke for that when it chose itself. */
async function jumpHostOf({ sidecar, log }: Services, tunnel: Tunnel, request: OpenTunnelParams): Promise<string> {
  const { host, port, target = '' } = tunnel;
  if (host === undefined || request.target !== undefined) return target;
  try {
    const { jumpHosts } = await sidecar.request('jumpHost/list', { database: { host, port }, scope: scopeOf(tunnel) });
    const chosen = jumpHosts.find(jumpHost => jumpHost.target === target);
    const reasons = chosen?.reasons.filter(({ verdict }) => verdict === 'For').map(({ message }) => message).join(', ');
    return reasons === undefined || reasons === '' ? target : `${chosen?.name ?? target} (${reasons})`;
  } catch (error) {
    log.warn(`The reasons for ${target} are not known: ${error instanceof Error ? error.message : String(error)}`);
    return target;
  }
}

/** The same port, another way. What works is remembered for the database. */
export async function reopenThroughAnother(services: Services, tunnel: Tunnel, request: OpenTunnelParams): Promise<void> {
  // What waits for the choice goes on by itself.
  if (tunnel.state === 'NeedsJumpHost') {
    await answerJumpHost(services, request);
    return;
  }
  const choice = await chooseJumpHost(services, request);
  if (choice === undefined) return;
  const remember = (): Promise<void> => rememberChoice(services, request, choice);
  if (choice.target === undefined || choice.target === tunnel.target) await remember();
  if (choice.target === tunnel.target) return;
  const { id, localPort } = tunnel;
  await services.sidecar.request('tunnel/close', { id });
  await openAndShow(services, { ...through(request, choice), localPort }, { of: { ...request, localPort, openNow: false }, onOpened: remember });
}

function through(request: OpenTunnelParams, { target }: Choice): OpenTunnelParams {
  const through = { ...request };
  if (target === undefined) delete through.target;
  else through.target = target;
  return through;
}

async function onFailure(services: Services, request: OpenTunnelParams, error: unknown): Promise<void> {
  if (isCancelled(error)) return;
  const code = codeOf(error);
  // Whoever has just asked for the tunnel is there to answer.
  if (code === 'JumpHostChoiceNeeded') {
    if (await answerJumpHost(services, request)) await openAndShow(services, request);
    return;
  }
  const { profile } = request;
  await showFailure(error instanceof Error ? error.message : String(error), [
    ...needsSignIn(code) && profile !== undefined ? [[vscode.l10n.t('Sign in'), () => signInAndOpen(services, profile, request)] satisfies Action] : [],
    ...code === 'LocalPortInUse' ? [[vscode.l10n.t('Use another port'), () => openAndShow(services, { ...request, localPort: 0 })] satisfies Action] : [],
    ...helpFor(services, request, code),
  ]);
}

async function signInAndOpen(services: Services, profile: string, request: OpenTunnelParams): Promise<void> {
  try {
    await signIn(services, { profile });
  } catch (error) {
    if (!isCancelled(error)) await showError(error, []);
    return;
  }
  await openAndShow(services, request);
}
