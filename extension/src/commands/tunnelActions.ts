import * as vscode from 'vscode';
import { listen, warmUp } from '../workspace/listen';
import type { Tunnel } from '../sidecar/contract';
import { scopeOf } from '../sidecar/scope';
import type { Services } from '../services';
import { requestOf } from '../state/requests';
import { copy } from '../ui/copy';
import { listProfiles, noteSignIns } from '../dialogs/profiles';
import { askUser } from '../dialogs/databaseUser';
import { signInOrTell } from '../dialogs/help';
import { notify } from '../ui/notify';
import { back, lastAfter, rows } from '../ui/steps';

export const closeTunnel = async ({ sidecar }: Services, tunnel: Tunnel): Promise<void> => {
  await sidecar.request('tunnel/close', { id: tunnel.id });
};

export const closeAllTunnels = async (services: Services): Promise<void> => {
  await Promise.all(services.tunnels.all.map(tunnel => closeTunnel(services, tunnel)));
};

export const copyAddress = (tunnel: Tunnel): Promise<void> => copy(`127.0.0.1:${tunnel.localPort}`);

/** Closes and reopens a tunnel on the same port. It listens there even if no session can be opened. */
export async function restartTunnel(services: Services, tunnel: Tunnel): Promise<void> {
  const { sidecar } = services;
  const request = { ...requestOf(services, tunnel), localPort: tunnel.localPort, openNow: false };
  await notify.progress(vscode.l10n.t('Restarting {0}', tunnel.name), async cancellation => {
    await sidecar.request('tunnel/close', { id: tunnel.id });
    const { id } = await listen(services, request);
    await warmUp(services, id, cancellation);
  });
}

/** Copies a password for a database user; it is kept nowhere else. @param stepsBefore how many questions have been asked */
export async function copyIamToken(services: Services, tunnel: Tunnel, stepsBefore = 0): Promise<typeof back | undefined> {
  const { host, port } = tunnel;
  if (host === undefined) throw new Error(vscode.l10n.t('This tunnel leads to the jump host itself. IAM tokens need a database.'));
  const user = await askUser(services, tunnel, lastAfter(stepsBefore));
  if (user === undefined || user === back) return user;
  const { token, hint } = await services.sidecar.request('password/createIamToken', { scope: scopeOf(tunnel), host, port, user });
  await vscode.env.clipboard.writeText(token);
  const message = vscode.l10n.t('IAM token for {0} copied. It is valid for 15 minutes.', user);
  void (hint === undefined ? notify.information(message) : notify.warning(`${message} ${hint}`));
  return undefined;
}

export async function signInForTunnel(services: Services, { profile }: Tunnel): Promise<void> {
  if (profile === undefined)
    throw new Error(vscode.l10n.t('This tunnel uses credentials from the environment. Renew them there, then reload the window.'));
  await signInOrTell(services, profile);
}

export async function signOut(services: Services): Promise<void> {
  const { ssoSessions } = await listProfiles(services);
  const signedIn = ssoSessions.filter(session => session.isSignedIn);
  const picked = await vscode.window.showQuickPick(
    rows(signedIn.map(session => ({ label: session.name ?? session.startUrl, description: session.startUrl, session }))),
    {
      title: vscode.l10n.t('Sign out of AWS'),
      placeHolder: signedIn.length === 0 ? vscode.l10n.t("You aren't signed in") : vscode.l10n.t('Choose a session'),
    },
  );
  if (picked === undefined) return;
  const { name, startUrl, region } = picked.session;
  await services.sidecar.request('sso/signOut', { session: name === undefined ? { startUrl, region } : { ssoSession: name } });
  noteSignIns(ssoSessions.filter(session => session !== picked.session));
}
