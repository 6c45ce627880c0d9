import * as vscode from 'vscode';
import type { Backend } from '../dialogs/backend';
import { tellFailure } from '../dialogs/help';
import { codeOf } from '../errors';
import type { OpenTunnelParams, Tunnel } from '../sidecar/contract';
import { SidecarEnded } from '../sidecar/sidecarProcess';
import type { TunnelStore } from '../state/tunnels';
import { notify } from '../ui/notify';
import { withDefaults } from './defaults';
import type { KeptPorts } from './keptPorts';
import { withLocalPassword } from './localPasswords';

/** What opening a tunnel takes. */
export interface Listening extends Backend {
  readonly tunnels: TunnelStore;
  readonly secrets: vscode.SecretStorage;
}

/** Binds a tunnel's port. @throws what the sidecar says */
export async function listen({ sidecar, tunnels, secrets }: Listening, request: OpenTunnelParams): Promise<Tunnel> {
  const tunnel = await sidecar.request('tunnel/open', await withLocalPassword(secrets, withDefaults(request)));
  tunnels.opened(tunnel, { ...request, localPort: tunnel.localPort });
  return tunnel;
}

/** Without a person who asked for it just now: what fails is shown, and undefined. */
export async function listenFor(services: Listening, request: OpenTunnelParams): Promise<Tunnel | undefined> {
  try {
    return await listen(services, request);
  } catch (error) {
    showListenError(services, request, error);
    return undefined;
  }
}

/** A port that is in use, and what says so. */
export interface InUse {
  portInUse: number;
  error: unknown;
}

/**
 * The same, on the port that it had before when it names none. While another program has that one, it gets one for the time being.
 * @param isServed whether another window has the tunnel on that port
 * @param showEntry shows where the tunnel is named, and could name another port
 */
export async function listenWhereItDid(
  services: Listening,
  ports: KeptPorts,
  request: OpenTunnelParams,
  isServed: (port: number) => Promise<boolean>,
  showEntry: () => Promise<void>,
): Promise<Tunnel | InUse | undefined> {
  const kept = request.localPort ?? ports.of(request);
  if (kept !== undefined) {
    try {
      return await listen(services, { ...request, localPort: kept });
    } catch (error) {
      if (codeOf(error) !== 'LocalPortInUse') {
        showListenError(services, request, error);
        return undefined;
      }
      if (request.localPort !== undefined || (await isServed(kept))) return { portInUse: kept, error };
    }
  }
  const tunnel = await listenFor(services, request);
  if (tunnel === undefined) return undefined;
  if (kept === undefined) await ports.keep(request, tunnel.localPort);
  else void tellOfOtherPort(services, tunnel, kept, showEntry);
  return tunnel;
}

async function tellOfOtherPort(
  services: Listening,
  { name, localPort }: Tunnel,
  kept: number,
  showEntry: () => Promise<void>,
): Promise<void> {
  const show = vscode.l10n.t('Show entry');
  try {
    if (
      (await notify.warning(
        vscode.l10n.t('{0}: port {1} is in use by another program. Using port {2} for now.', name, kept, localPort),
        show,
      )) === show
    )
      await showEntry();
  } catch (error) {
    await tellFailure(services, error);
  }
}

/** For a tunnel that nobody asked for just now. */
export function showListenError(services: Backend, request: OpenTunnelParams, error: unknown): void {
  services.log.error(`${request.name ?? request.host ?? ''}: ${error instanceof Error ? error.message : String(error)}`);
  // After a crash the sidecar restarts, and the tunnel is requested again.
  if (!(error instanceof SidecarEnded)) void tellFailure(services, error, { request });
}

/** Opens a tunnel's session before a connection needs it. */
export async function warmUp({ sidecar, log }: Backend, id: string, cancellation?: vscode.CancellationToken): Promise<void> {
  try {
    await sidecar.request('tunnel/warmUp', { id }, cancellation);
  } catch (error) {
    // The tunnel's state says it, too, and is told; the next connection tries again.
    log.warn(error instanceof Error ? error.message : String(error));
  }
}
