import { showError } from './errors';
import type { OpenTunnelParams, Tunnel } from './sidecar/contract';
import type { Services } from './services';

/** Binds a tunnel's port, without a person who asked for it just now: what fails is shown, and undefined. */
export async function listenFor({ sidecar, tunnels, log }: Services, request: OpenTunnelParams): Promise<Tunnel | undefined> {
  try {
    const tunnel = await sidecar.request('tunnel/open', request);
    tunnels.opened(tunnel, request);
    return tunnel;
  } catch (error) {
    log.error(`${request.name ?? request.host ?? ''}: ${error instanceof Error ? error.message : String(error)}`);
    void showError(error, []);
    return undefined;
  }
}
