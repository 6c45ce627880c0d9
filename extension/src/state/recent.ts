import type * as vscode from 'vscode';
import { normalizeHost } from './endpoints';
import type { OpenTunnelParams } from '../sidecar/contract';

const key = 'recentTunnels';
const most = 10;

/** The latest first. */
export const recentTunnels = (memory: vscode.Memento): OpenTunnelParams[] => memory.get<OpenTunnelParams[]>(key, []);

/** A tunnel is the same when it leads to the same place with the same identity. */
const isSame = (a: OpenTunnelParams, b: OpenTunnelParams): boolean =>
  normalizeHost(a.host ?? '') === normalizeHost(b.host ?? '') &&
  a.port === b.port &&
  a.target === b.target &&
  a.profile === b.profile &&
  a.region === b.region &&
  a.document === b.document &&
  a.login === b.login &&
  a.user === b.user &&
  a.secretId === b.secretId &&
  (a.compress ?? false) === (b.compress ?? false) &&
  (a.localTls ?? false) === (b.localTls ?? false) &&
  (a.localPassword ?? false) === (b.localPassword ?? false);

export async function rememberTunnel(memory: vscode.Memento, request: OpenTunnelParams): Promise<void> {
  await memory.update(key, [request, ...recentTunnels(memory).filter(other => !isSame(other, request))].slice(0, most));
}
