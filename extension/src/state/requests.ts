import type { OpenTunnelParams, Tunnel } from '../sidecar/contract';
import { scopeOf } from '../sidecar/scope';
import { loginOf } from './login';
import type { TunnelStore } from './tunnels';

/** What was asked for, of a tunnel that is open; or what could not be opened, as it is. */
export function requestOf({ tunnels }: { tunnels: TunnelStore }, tunnel: Tunnel | OpenTunnelParams): OpenTunnelParams {
  if (!('id' in tunnel)) return tunnel;
  const { host, port, target } = tunnel;
  return (
    tunnels.requestOf(tunnel.id) ?? {
      port,
      ...loginOf(tunnel),
      ...(host === undefined ? {} : { host }),
      ...(target === undefined ? {} : { target }),
      ...scopeOf(tunnel),
    }
  );
}
