import * as vscode from 'vscode';
import { codeOf, isCancelled, needsSignIn } from '../errors';
import type { OpenTunnelParams, Tunnel } from '../sidecar/contract';
import { listenFor } from '../workspace/listen';
import type { Services } from '../services';
import { pickDatabase } from './pickDatabase';
import { toolsFor } from '../databaseTools/addConnection';
import { engineOf } from '../state/engines';
import { addToTool } from './addToTool';
import { back, pick, type Step } from '../ui/steps';
import { answerJumpHost, chooseJumpHost, rememberChoice, type Choice } from './chooseJumpHost';
import { helpFor, logged, showFailure, signInOrTell, type Action } from '../dialogs/help';
import { copyDetails } from '../databaseTools/copyDetails';
import { pickProfile } from '../dialogs/pickProfile';
import { recentTunnels, rememberTunnel } from '../state/recent';
import { withDefaults } from '../workspace/defaults';
import { withLocalPassword } from '../workspace/localPasswords';
import { notify } from '../ui/notify';
import { tellOfApproval } from '../ui/approval';

/** Recent tunnels first, else profile and database. A jump host is selected automatically. */
export async function openTunnel(services: Services): Promise<void> {
  const request = await chooseTunnel(services);
  if (request !== undefined) await openAndShow(services, request);
}

/** A recent tunnel, or another database. */
export async function chooseTunnel(services: Services): Promise<OpenTunnelParams | undefined> {
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

const pickRecent = (recent: OpenTunnelParams[]): Promise<Step<vscode.QuickPickItem & { request: OpenTunnelParams | undefined }>> =>
  pick({
    title: vscode.l10n.t('Open tunnel'),
    placeholder: vscode.l10n.t('Choose a recent tunnel or another database'),
    items: [
      ...recent.map(request => ({ label: `$(history) ${request.name ?? request.host ?? ''}`, description: describe(request), request })),
      { label: `$(add) ${vscode.l10n.t('Another database…')}`, alwaysShow: true, request: undefined },
    ],
  });

async function chooseAnew(services: Services, canGoBack: boolean): Promise<Step<OpenTunnelParams>> {
  for (;;) {
    const profile = await pickProfile(services, { canGoBack, step: 1, totalSteps: 2 });
    if (profile === undefined || profile === back) return profile;
    const request = await pickDatabase(services, profile, { step: 2, totalSteps: 2 });
    if (request !== back) return request;
  }
}

const describe = ({ host, port, profile, region }: OpenTunnelParams): string =>
  [`${host ?? ''}:${port}`, profile, region].filter(text => text !== undefined).join(' · ');

/**
 * What is special about an opening.
 * `instead`: the tunnel that it replaces, which listens again if this one fails. `then`: what the
 * user wants the tunnel for, in place of the notification.
 */
interface Opening {
  instead?: { of: OpenTunnelParams; onOpened: () => Promise<void> };
  then?: ((tunnel: Tunnel) => Promise<void>) | undefined;
}

/** Opens a tunnel, with progress, and says where it listens or what failed. */
export async function openAndShow(services: Services, request: OpenTunnelParams, { instead, then }: Opening = {}): Promise<void> {
  const { sidecar, tunnels, secrets } = services;
  let tunnel: Tunnel;
  try {
    tunnel = await notify.progress(vscode.l10n.t('Opening {0}', request.name ?? request.host ?? ''), async cancellation =>
      sidecar.request('tunnel/open', await withLocalPassword(secrets, { ...withDefaults(request), openNow: true }), cancellation),
    );
  } catch (error) {
    if (instead !== undefined) await listenFor(services, instead.of);
    await onFailure(services, request, error);
    return;
  }
  tunnels.opened(tunnel, request);
  await instead?.onOpened();
  // Consent to ask somebody is for this time.
  const lasting = { ...request, localPort: tunnel.localPort };
  delete lasting.requestAccess;
  await rememberTunnel(services.memory, lasting);
  await (then === undefined ? announce(services, tunnel) : then(tunnel));
}

/** One line, and what can be done next. Why this jump host was selected is in the details. */
async function announce(services: Services, tunnel: Tunnel): Promise<void> {
  if (tunnel.state === 'NeedsApproval') {
    tellOfApproval(tunnel);
    return;
  }
  const tools = toolsFor(tunnel, engineOf(services.globalMemory, tunnel));
  const [tool] = tools;
  const actions: Action[] = [
    ...(tool === undefined
      ? []
      : [
          [
            tools.length === 1 ? vscode.l10n.t('Add to {0}', tool.name) : vscode.l10n.t('Add to a tool'),
            () => addToTool(services, tunnel),
          ] satisfies Action,
        ]),
    ...(tunnel.host === undefined ? [] : [[vscode.l10n.t('Copy details'), () => copyDetails(services, tunnel)] satisfies Action]),
    [vscode.l10n.t('Show details'), () => vscode.commands.executeCommand('rdsTunnel.showDetails', tunnel)],
  ];
  const jumpHost = jumpHostOf(tunnel);
  const ready =
    jumpHost === undefined
      ? vscode.l10n.t('{0} is ready on 127.0.0.1:{1}', tunnel.name, tunnel.localPort)
      : vscode.l10n.t('{0} is ready on 127.0.0.1:{1}, via {2}', tunnel.name, tunnel.localPort, jumpHost);
  const pressed = await notify.information(
    tunnel.login === undefined ? ready : `${ready}. ${connectsWithout(tunnel)}`,
    ...actions.map(([label]) => label),
  );
  await actions.find(([label]) => label === pressed)?.[1]();
}

const connectsWithout = ({ login, user, localPassword }: Tunnel): string =>
  login === 'tls'
    ? vscode.l10n.t('Connect without TLS: the tunnel adds it.')
    : localPassword === true
      ? vscode.l10n.t('Connect without TLS, with the local password (Copy password…).')
      : user === undefined
        ? vscode.l10n.t('Connect without TLS and without a password.')
        : vscode.l10n.t('Connect without TLS and without a password, as {0}.', user);

/** The jump host's name, or its id when it has none; undefined for a tunnel to the jump host itself. */
const jumpHostOf = ({ host, target, jumpHostName }: Tunnel): string | undefined =>
  host === undefined ? undefined : (jumpHostName ?? target);

/** The same port, another way. What works is remembered for the database. @param stepsBefore how many questions have been asked */
export async function reopenThroughAnother(
  services: Services,
  tunnel: Tunnel,
  request: OpenTunnelParams,
  stepsBefore = 0,
): Promise<typeof back | undefined> {
  // What waits for the choice goes on by itself.
  if (tunnel.state === 'NeedsJumpHost') return (await answerJumpHost(services, request, stepsBefore)) === back ? back : undefined;
  const choice = await chooseJumpHost(services, request, stepsBefore);
  if (choice === undefined || choice === back) return choice;
  const remember = (): Promise<void> => rememberChoice(services, request, choice);
  if (choice.target === undefined || choice.target === tunnel.target) await remember();
  if (choice.target === tunnel.target) return undefined;
  const { id, localPort } = tunnel;
  await services.sidecar.request('tunnel/close', { id });
  await openAndShow(
    services,
    { ...through(request, choice), localPort },
    { instead: { of: { ...request, localPort, openNow: false }, onOpened: remember } },
  );
  return undefined;
}

function through(request: OpenTunnelParams, { target, starts }: Choice): OpenTunnelParams {
  const through = { ...request };
  if (target === undefined) delete through.target;
  else through.target = target;
  return starts === true ? { ...through, startJumpHost: true } : through;
}

async function onFailure(services: Services, request: OpenTunnelParams, error: unknown): Promise<void> {
  if (isCancelled(error)) return;
  const code = codeOf(error);
  // Whoever has just asked for the tunnel is there to answer.
  if (code === 'JumpHostChoiceNeeded') {
    if ((await answerJumpHost(services, request)) === true) await openAndShow(services, request);
    return;
  }
  const { profile } = request;
  const signInToOpen: Action | undefined =
    needsSignIn(code) && profile !== undefined ? [vscode.l10n.t('Sign in'), () => signInAndOpen(services, profile, request)] : undefined;
  await showFailure(logged(services, error), [
    ...(signInToOpen === undefined ? [] : [signInToOpen]),
    ...(code === 'LocalPortInUse'
      ? [[vscode.l10n.t('Use another port'), () => openAndShow(services, { ...request, localPort: 0 })] satisfies Action]
      : []),
    ...helpFor(services, code, { request }).filter(([label]) => label !== signInToOpen?.[0]),
  ]);
}

async function signInAndOpen(services: Services, profile: string, request: OpenTunnelParams): Promise<void> {
  if (await signInOrTell(services, profile)) await openAndShow(services, request);
}
