import * as vscode from 'vscode';
import { isCancelled, showError } from '../errors';
import { listen } from '../listen';
import type { OpenTunnelParams, Tunnel } from '../sidecar/contract';
import { scopeOf } from '../sidecar/scope';
import type { Services } from '../services';
import { signIn } from '../signIn';
import { engineOf } from '../state/engines';
import { copy } from '../ui/copy';
import { connectionDetails } from './connectionDetails';
import { askUser } from './databaseUser';

export const closeTunnel = async ({ sidecar }: Services, tunnel: Tunnel): Promise<void> => {
  await sidecar.request('tunnel/close', { id: tunnel.id });
};

export const closeAllTunnels = async (services: Services): Promise<void> => {
  await Promise.all(services.tunnels.all.map(tunnel => closeTunnel(services, tunnel)));
};

export const copyAddress = (tunnel: Tunnel): Promise<void> => copy(`127.0.0.1:${tunnel.localPort}`);

/** Asks in which form. */
export async function copyDetails({ globalMemory }: Services, tunnel: Tunnel): Promise<void> {
  const picked = await vscode.window.showQuickPick(
    connectionDetails(tunnel, engineOf(globalMemory, tunnel)).map(({ name, text }) => ({ label: name, detail: text })), { title: vscode.l10n.t('Copy connection details'), matchOnDetail: true });
  if (picked !== undefined) await copy(picked.detail);
}

/** What was asked for, of a tunnel that is open; or what could not be opened, as it is. */
export function requestOf({ tunnels }: Services, tunnel: Tunnel | OpenTunnelParams): OpenTunnelParams {
  if (!('id' in tunnel)) return tunnel;
  const { host, port, target } = tunnel;
  return tunnels.requestOf(tunnel.id) ?? { port, ...host === undefined ? {} : { host }, ...target === undefined ? {} : { target }, ...scopeOf(tunnel) };
}

/** Closed and opened again, on the same port; it listens there, whether a session can be opened or not. */
export async function restartTunnel(services: Services, tunnel: Tunnel): Promise<void> {
  const { sidecar } = services;
  const request = { ...requestOf(services, tunnel), localPort: tunnel.localPort, openNow: false };
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Restarting {0}', tunnel.name), cancellable: true },
    async (_, cancellation) => {
      await sidecar.request('tunnel/close', { id: tunnel.id });
      const { id } = await listen(services, request);
      await warmUp(services, id, cancellation);
    });
}

/** Opens a tunnel's session before a connection needs it. */
export async function warmUp({ sidecar, log }: Services, id: string, cancellation?: vscode.CancellationToken): Promise<void> {
  try {
    await sidecar.request('tunnel/warmUp', { id }, cancellation);
  } catch (error) {
    // The tunnel's state says it, too, and is told; the next connection tries again.
    log.warn(error instanceof Error ? error.message : String(error));
  }
}

/** A password for a database user; it is in the clipboard and nowhere else. */
export async function copyIamToken(services: Services, tunnel: Tunnel): Promise<void> {
  const { host, port } = tunnel;
  if (host === undefined) throw new Error(vscode.l10n.t('This tunnel leads to no database of its own.'));
  const user = await askUser(services, tunnel);
  if (user === undefined) return;
  const { token, hint } = await services.sidecar.request('password/createIamToken', { scope: scopeOf(tunnel), host, port, user });
  await vscode.env.clipboard.writeText(token);
  const message = vscode.l10n.t('The token for {0} is in the clipboard. It opens connections for 15 minutes.', user);
  void (hint === undefined ? vscode.window.showInformationMessage(message) : vscode.window.showWarningMessage(`${message} ${hint}`));
}

export async function signInForTunnel(services: Services, { profile }: Tunnel): Promise<void> {
  if (profile === undefined) throw new Error(vscode.l10n.t('This tunnel uses the credentials of the environment: renew them there.'));
  try {
    await signIn(services, { profile });
  } catch (error) {
    if (!isCancelled(error)) await showError(error, []);
  }
}

export async function signOut({ sidecar }: Services): Promise<void> {
  const { ssoSessions } = await sidecar.request('profile/list', undefined);
  const signedIn = ssoSessions.filter(session => session.isSignedIn);
  const picked = await vscode.window.showQuickPick(
    signedIn.map(session => ({ label: session.name ?? session.startUrl, description: session.startUrl, session })),
    { title: vscode.l10n.t('Sign out of AWS'), placeHolder: signedIn.length === 0 ? vscode.l10n.t('You are signed in nowhere') : vscode.l10n.t('Session') });
  if (picked === undefined) return;
  const { name, startUrl, region } = picked.session;
  await sidecar.request('sso/signOut', { session: name === undefined ? { startUrl, region } : { ssoSession: name } });
}
