// The sidecar as users get it: one self-contained, trimmed program for each platform, or what any machine with .NET runs.
import { dotnetEnvironment } from './install.mjs';
import { artifacts, configuration, root } from './paths.mjs';
import { run } from './processes.mjs';

/** The editor's names of platforms, and .NET's. @type {Record<string, string>} */
const runtimeIdentifiers = {
  'linux-x64': 'linux-x64', 'linux-arm64': 'linux-arm64', 'alpine-x64': 'linux-musl-x64', 'alpine-arm64': 'linux-musl-arm64',
  'darwin-x64': 'osx-x64', 'darwin-arm64': 'osx-arm64', 'win32-x64': 'win-x64', 'win32-arm64': 'win-arm64',
};

/** For machines that none of the others is for; it needs .NET 10 there. */
export const portable = 'portable';

/** What is built when nothing else is asked for. */
export const usual = ['linux-x64', 'win32-x64', portable];

export const platforms = [...Object.keys(runtimeIdentifiers), portable];

/** This machine's, when it is one of them. */
export const ownPlatform = platforms.find(platform => platform === `${process.platform}-${process.arch}`);

/**
 * Publishes the sidecar, and gives the path of the program, or of its folder when it is portable.
 * @param {string} platform one of {@link platforms}
 */
export async function publishSidecar(platform) {
  const runtimeIdentifier = runtimeIdentifiers[platform];
  if (runtimeIdentifier === undefined && platform !== portable) throw new Error(`There is no platform ${platform}; there are ${platforms.join(', ')}.`);
  const folder = `${artifacts}/sidecar/${platform}`;
  const { code, tail } = await run('dotnet', [
    'publish', 'sidecar/Host', '--configuration', configuration, '--output', folder, '--verbosity', 'minimal', '--nologo',
    ...runtimeIdentifier === undefined ? [] : ['--runtime', runtimeIdentifier],
  ], { cwd: root, env: dotnetEnvironment });
  if (code !== 0) throw new Error(`dotnet publish failed:\n${tail.join('\n')}`);
  return runtimeIdentifier === undefined ? folder : `${folder}/rds-tunnel${platform.startsWith('win32') ? '.exe' : ''}`;
}
