import * as vscode from 'vscode';
import { codeOf, isCancelled, needsSignIn, showError } from '../errors';
import type { OpenTunnelParams, Tunnel } from '../sidecar/contract';
import { signIn } from '../signIn';
import type { Services } from '../services';
import { destination } from '../state/summary';
import { pickDatabase } from './pickDatabase';
import { pickProfile } from './pickProfile';
import { recentTunnels, rememberTunnel } from '../state/recent';

/** Palette to tunnel: recent ones first, else profile and database; the jump host chooses itself. */
export async function openTunnel(services: Services): Promise<void> {
  const request = await chooseTunnel(services);
  if (request !== undefined) await openAndShow(services, request);
}

async function chooseTunnel(services: Services): Promise<OpenTunnelParams | undefined> {
  const recent = recentTunnels(services.memory);
  if (recent.length > 0) {
    const anew = { label: `$(add) ${vscode.l10n.t('Another database…')}`, request: undefined };
    const picked = await vscode.window.showQuickPick(
      [...recent.map(request => ({ label: `$(history) ${request.name ?? request.host ?? ''}`, description: describe(request), request })), anew],
      { title: vscode.l10n.t('Open tunnel to RDS'), placeHolder: vscode.l10n.t('A tunnel that you have opened before, or another one'), matchOnDescription: true });
    if (picked === undefined) return undefined;
    if (picked.request !== undefined) return picked.request;
  }
  const profile = await pickProfile(services);
  return profile === undefined ? undefined : pickDatabase(services, profile);
}

const describe = ({ host, port, profile, region }: OpenTunnelParams): string =>
  [`${host ?? ''}:${port}`, profile, region].filter(text => text !== undefined).join(' · ');

/** Opens a tunnel, with progress; tells where it listens. */
export async function openAndShow(services: Services, request: OpenTunnelParams): Promise<void> {
  const { sidecar, tunnels } = services;
  let tunnel: Tunnel;
  try {
    tunnel = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Opening a tunnel to {0}', request.name ?? request.host ?? ''), cancellable: true },
      (_, cancellation) => sidecar.request('tunnel/open', { ...request, openNow: true }, cancellation));
  } catch (error) {
    await onFailure(services, request, error);
    return;
  }
  tunnels.opened(tunnel, request);
  await rememberTunnel(services.memory, { ...request, localPort: tunnel.localPort });
  const [copyAddress, copyUrl] = [vscode.l10n.t('Copy address'), vscode.l10n.t('Copy psql line')];
  const pressed = await vscode.window.showInformationMessage(
    vscode.l10n.t('{0} answers on 127.0.0.1:{1}, through {2}.', destination(tunnel), tunnel.localPort, tunnel.target ?? ''), copyAddress, copyUrl);
  if (pressed === copyAddress) await vscode.env.clipboard.writeText(`127.0.0.1:${tunnel.localPort}`);
  if (pressed === copyUrl) await vscode.env.clipboard.writeText(psqlLine(tunnel));
}

/** Verifies the database's real name, though it connects to this machine. */
export const psqlLine = ({ host, localPort }: Tunnel): string =>
  `psql "host=${host ?? '127.0.0.1'} hostaddr=127.0.0.1 port=${localPort} sslmode=verify-full sslrootcert=global-bundle.pem"`;

async function onFailure(services: Services, request: OpenTunnelParams, error: unknown): Promise<void> {
  if (isCancelled(error)) return;
  const [again, showLog, portInUse] = [vscode.l10n.t('Sign in'), vscode.l10n.t('Show log'), vscode.l10n.t('Use another port')];
  const code = codeOf(error);
  const canSignIn = needsSignIn(code) && request.profile !== undefined;
  const pressed = await showError(error, [...canSignIn ? [again] : [], ...code === 'LocalPortInUse' ? [portInUse] : [], showLog]);
  if (pressed === showLog) services.log.show();
  if (pressed === portInUse) await openAndShow(services, { ...request, localPort: 0 });
  if (pressed === again && request.profile !== undefined) {
    try {
      await signIn(services, { profile: request.profile });
    } catch (failure) {
      if (!isCancelled(failure)) await showError(failure, []);
      return;
    }
    await openAndShow(services, request);
  }
}
