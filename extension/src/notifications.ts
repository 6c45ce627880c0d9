// Notifications that nobody asked for.
import * as vscode from 'vscode';
import { helpFor, showFailure, tellFailure, type Action } from './dialogs/help';
import { answerJumpHost } from './commands/chooseJumpHost';
import { signInForTunnel } from './commands/tunnelActions';
import type { OpenTunnelParams, Tunnel } from './sidecar/contract';
import type { Services } from './services';
import { forgetApproval, tellOfApproval } from './ui/approval';
import { notify } from './ui/notify';

let isTelling = false;

/** The first crash recovers silently; repeated ones are reported. */
export async function tellOfCrash(log: vscode.LogOutputChannel, explanation: string): Promise<void> {
  if (isTelling) return;
  isTelling = true;
  const showLog = vscode.l10n.t('Show log');
  const pressed = await notify.error(vscode.l10n.t("RDS Tunnel's background process crashed and is restarting. {0}", explanation), showLog);
  isTelling = false;
  if (pressed === showLog) log.show();
}

/** By tunnel, what was told of it and has not been mended since: a tool that tries again and again does not say it again and again. */
const told = new Map<string, string>();

/** What a connection that came in has led to, and a person should know at once. */
export function tellOfState(services: Services, tunnel: Tunnel): void {
  const { id, name, state, fault } = tunnel;
  if (state === 'Open' || state === 'Closed') told.delete(id);
  if (state === 'NeedsSignIn') void offerSignIn(services, tunnel);
  if (state === 'Faulted') forgetApproval(tunnel.accessRequestId);
  // Whoever opens a tunnel by a command is told by that.
  const request = services.tunnels.requestOf(id);
  if (state === 'NeedsJumpHost' && request !== undefined) void offerChoice(services, tunnel, request);
  if (request !== undefined) tellOfApproval(tunnel);
  if (state !== 'Faulted' || fault === undefined || request === undefined || told.get(id) === fault.message) return;
  told.set(id, fault.message);
  const another: Action[] =
    fault.code === 'TargetUnreachable' && tunnel.host !== undefined
      ? [[vscode.l10n.t('Choose another jump host'), () => vscode.commands.executeCommand('rdsTunnel.chooseJumpHost', tunnel)]]
      : [];
  void showFailure(`${name}: ${fault.message}`, [...another, ...helpFor(services, fault.code, { request })]);
}

/** Databases whose jump host is being asked for. */
const asked = new Set<string>();

/** A connection waits for the answer: ask at once. */
async function offerChoice(services: Services, { name }: Tunnel, request: OpenTunnelParams): Promise<void> {
  const { host = '', port, profile = '', region = '' } = request;
  const key = [host, port, profile, region].join(' ');
  if (asked.has(key)) return;
  asked.add(key);
  try {
    const choose = vscode.l10n.t('Choose jump host');
    const pressed = await notify.warning(
      vscode.l10n.t('{0}: choose a jump host for {1}:{2}. Connections are waiting.', name, host, port),
      choose,
    );
    if (pressed === choose) await answerJumpHost(services, request);
  } catch (error) {
    await tellFailure(services, error, { request });
  } finally {
    asked.delete(key);
  }
}

/** A tool opens several connections at once: one question is enough for them. */
const offerAgainAfterMs = 5_000;

/** By profile, when its sign-in was offered last. */
const offered = new Map<string, number>();

/** A connection has come in: if it waits for a sign-in, that is offered anew. The former offer may lie unseen among the notifications. */
export function tellOfConnection(services: Services, tunnel: Tunnel): void {
  if (tunnel.state === 'NeedsSignIn') void offerSignIn(services, tunnel);
}

async function offerSignIn(services: Services, tunnel: Tunnel): Promise<void> {
  const { profile, name } = tunnel;
  const now = Date.now();
  if (profile === undefined || now - (offered.get(profile) ?? 0) < offerAgainAfterMs) return;
  offered.set(profile, now);
  const signInNow = vscode.l10n.t('Sign in');
  // The editor shows the same notification once: this one takes the place of the former.
  const pressed = await notify.warning(vscode.l10n.t('{0}: sign in to AWS. Connections are waiting.', name), signInNow);
  if (pressed === signInNow) await signInForTunnel(services, tunnel);
}
