import type { RdsTunnelApi } from '../api';
import { listen } from './workspace/listen';
import type { Services } from './services';
import { scopeOf } from './sidecar/scope';

/** What other extensions may use; extension/api.d.ts is its contract. */
export function createApi(services: Services): RdsTunnelApi {
  const { sidecar, tunnels } = services;
  return {
    version: 1,
    async openTunnel(wanted) {
      const { endpoint, port } = wanted;
      const request = { host: endpoint, port, ...scopeOf(wanted) };
      const tunnel = await listen(services, request);
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
