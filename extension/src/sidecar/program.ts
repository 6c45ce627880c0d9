import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Program {
  command: string;
  args: string[];
}

/** A variable of the environment that must not reach it: it would change what .NET does in it. */
export const isUnwanted = (name: string): boolean => /^(DOTNET_|COMPlus_|CORECLR_)/.test(name);

/**
 * The sidecar that was packaged with the extension, else the one that was built beside it last.
 * @param extensionPath the extension's folder
 * @returns undefined when there is neither
 */
export function findProgram(extensionPath: string): Program | undefined {
  const packaged = join(extensionPath, 'sidecar', 'bin', process.platform === 'win32' ? 'rds-tunnel.exe' : 'rds-tunnel');
  if (existsSync(packaged)) return { command: packaged, args: [] };
  const portable = join(extensionPath, 'sidecar', 'bin', 'rds-tunnel.dll');
  const built = ['Release', 'Debug'].map(configuration =>
    join(extensionPath, 'sidecar', 'Host', 'bin', configuration, 'net10.0', 'rds-tunnel.dll'),
  );
  const [assembly] = existsSync(portable) ? [portable] : built.filter(existsSync).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  return assembly === undefined ? undefined : { command: 'dotnet', args: [assembly] };
}
