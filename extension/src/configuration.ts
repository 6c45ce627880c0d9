import * as vscode from 'vscode';
import type { LogLevel } from './sidecar/contract';

const levels: Record<vscode.LogLevel, LogLevel> = {
  [vscode.LogLevel.Off]: 'None',
  [vscode.LogLevel.Trace]: 'Trace',
  [vscode.LogLevel.Debug]: 'Debug',
  [vscode.LogLevel.Info]: 'Information',
  [vscode.LogLevel.Warning]: 'Warning',
  [vscode.LogLevel.Error]: 'Error',
};

/** The log channel's own level, which people change in the output view. */
export const sidecarLogLevel = (level: vscode.LogLevel): LogLevel => levels[level];

/**
 * What the sidecar is told by its environment. The editor's proxy is for what it sends to AWS; the
 * environment's own wins. Whether certificates are verified is the user's to say, not a workspace's.
 */
export function sidecarEnvironment(): NodeJS.ProcessEnv {
  const http = vscode.workspace.getConfiguration('http');
  const proxy = http.get<string>('proxy', '');
  const isSet = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'].some(name => (process.env[name] ?? '') !== '');
  return {
    ...(proxy === '' || isSet ? {} : { HTTPS_PROXY: proxy }),
    ...(http.inspect<boolean>('proxyStrictSSL')?.globalValue === false ? { RDS_TUNNEL_PROXY_STRICT_SSL: 'false' } : {}),
    ...(vscode.workspace.getConfiguration('rdsTunnel').get<boolean>('shareTunnels', true) ? {} : { RDS_TUNNEL_SHARE: 'false' }),
    ...(vscode.workspace.getConfiguration('rdsTunnel').get<boolean>('allowOtherUsers', false)
      ? { RDS_TUNNEL_ALLOW_OTHER_USERS: 'true' }
      : {}),
  };
}
