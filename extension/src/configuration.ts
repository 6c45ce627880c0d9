import * as vscode from 'vscode';
import type { LogLevel, OpenTunnelParams } from './sidecar/contract';

const section = 'rdsTunnel';

/** The tunnels that the settings name; none in a workspace that is not trusted. What makes no sense is left out, and said. */
export function configuredTunnels(log: vscode.LogOutputChannel): OpenTunnelParams[] {
  if (!vscode.workspace.isTrusted) return [];
  const entries = vscode.workspace.getConfiguration(section).get<unknown>('tunnels', []);
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: unknown) => {
    const tunnel = read(entry);
    if (tunnel === undefined) log.warn(`An entry of ${section}.tunnels is left out: it needs a port from 1 to 65535, and a host or a target.`);
    return tunnel ?? [];
  });
}

function read(entry: unknown): OpenTunnelParams | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const fields = entry as Record<string, unknown>;
  const text = (name: string): Record<string, string> => typeof fields[name] === 'string' && fields[name] !== '' ? { [name]: fields[name] } : {};
  const port = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535;
  if (!port(fields.port) || (typeof fields.host !== 'string' && typeof fields.target !== 'string')) return undefined;
  return {
    port: fields.port, ...port(fields.localPort) ? { localPort: fields.localPort } : {},
    ...text('name'), ...text('host'), ...text('target'), ...text('profile'), ...text('region'),
  };
}

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
