import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface Program { command: string; args: string[] }

/**
 * The sidecar that was packaged with the extension, else the one that was built beside it.
 * @param extensionPath the extension's folder
 * @returns undefined when there is neither
 */
export function findProgram(extensionPath: string): Program | undefined {
  const packaged = join(extensionPath, 'sidecar', 'bin', process.platform === 'win32' ? 'rds-tunnel.exe' : 'rds-tunnel');
  if (existsSync(packaged)) return { command: packaged, args: [] };
  const built = ['Release', 'Debug'].map(configuration => join(extensionPath, 'sidecar', 'Host', 'bin', configuration, 'net10.0', 'rds-tunnel.dll')).find(existsSync);
  return built === undefined ? undefined : { command: 'dotnet', args: [built] };
}
