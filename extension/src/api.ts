import type { RdsTunnelApi } from '../api';
import type { Services } from './services';

/** What other extensions may use; extension/api.d.ts is its contract. */
export function createApi({ sidecar, tunnels }: Services): RdsTunnelApi {
  return {
    version: 1,
    async openTunnel({ endpoint, port, profile, region }) {
      const request = { host: endpoint, port, ...profile === undefined ? {} : { profile }, ...region === undefined ? {} : { region } };
      const tunnel = await sidecar.request('tunnel/open', request);
      tunnels.opened(tunnel, request);
      return {
        host: '127.0.0.1',
        port: tunnel.localPort,
        dispose: () => {
          // After a crash it has another id, and the same port.
          const now = tunnels.all.find(each => each.localPort === tunnel.localPort);
          if (now !== undefined) void sidecar.request('tunnel/close', { id: now.id });
        },
      };
    },
  };
}
