// The sidecar as users get it: one self-contained, trimmed program for each platform.
import { dotnetEnvironment } from './install.mjs';
import { artifacts, configuration, root } from './paths.mjs';
import { run } from './processes.mjs';

/** What can be built on any machine, as Node names it, and as .NET does. @type {Record<string, string>} */
const runtimeIdentifiers = { 'linux-x64': 'linux-x64', 'win32-x64': 'win-x64' };

export const platforms = Object.keys(runtimeIdentifiers);

/** This machine's, when it is one of them. */
export const ownPlatform = `${process.platform}-${process.arch}` in runtimeIdentifiers ? `${process.platform}-${process.arch}` : undefined;

/**
 * Publishes the sidecar, and gives the program's path.
 * @param {string} platform such as linux-x64
 */
export async function publishSidecar(platform) {
  const runtimeIdentifier = runtimeIdentifiers[platform];
  if (runtimeIdentifier === undefined) throw new Error(`The sidecar cannot be published for ${platform} here; for ${platforms.join(' and ')} it can.`);
  const folder = `${artifacts}/sidecar/${platform}`;
  const { code, tail } = await run('dotnet', [
    'publish', 'sidecar/Host', '--configuration', configuration, '--runtime', runtimeIdentifier, '--output', folder, '--verbosity', 'minimal', '--nologo',
  ], { cwd: root, env: dotnetEnvironment });
  if (code !== 0) throw new Error(`dotnet publish failed:\n${tail.join('\n')}`);
  return `${folder}/rds-tunnel${platform.startsWith('win32') ? '.exe' : ''}`;
}
