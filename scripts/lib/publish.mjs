// The sidecar as users get it: one program for each platform that needs nothing installed, or what any machine with .NET runs.
import { nativeTools } from './native.mjs';
import { prepareGlibc } from './glibc.mjs';
import { dotnetEnvironment } from './install.mjs';
import { artifacts, configuration, root } from './paths.mjs';
import { run } from './processes.mjs';

/** @typedef {'native' | 'readytorun' | 'portable'} Form native code, or .NET's with a runtime beside it, or .NET's alone */
/** @typedef {{ platform: string, form: Form, program: string, folder: string }} Published */

/** The editor's names of platforms, and .NET's. @type {Record<string, string>} */
const runtimeIdentifiers = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'alpine-x64': 'linux-musl-x64',
  'darwin-x64': 'osx-x64',
  'darwin-arm64': 'osx-arm64',
  'win32-x64': 'win-x64',
};

/** For machines that none of the others is for (win32-arm64, alpine-arm64, linux-armhf); it needs .NET 10 there. */
export const portable = 'portable';

export const platforms = [...Object.keys(runtimeIdentifiers), portable];

/** This machine's, when it is one of them. */
export const ownPlatform = platforms.find(platform => platform === `${process.platform}-${process.arch}`);

/** @param {string} platform @returns {Form} what can be made of it here, the best of it */
export function formHere(platform) {
  if (platform === portable) return 'portable';
  return nativeTools(platform).missing === undefined ? 'native' : 'readytorun';
}

/**
 * Publishes the sidecar, into a folder of its platform and form. What has not changed is not
 * compiled again. Not to be called twice at once: both would write the same intermediate files.
 * @param {string} platform one of {@link platforms}
 * @param {Form} [form] fails when it cannot be made here
 * @returns {Promise<Published>}
 */
export async function publishSidecar(platform, form = formHere(platform)) {
  if (!platforms.includes(platform)) throw new Error(`There is no platform ${platform}; there are ${platforms.join(', ')}.`);
  const folder = publishedFolder(platform, form);
  const { code, tail } = await run(
    'dotnet',
    [
      'publish',
      'sidecar/Host',
      '--configuration',
      configuration,
      '--output',
      folder,
      '--verbosity',
      'minimal',
      '--nologo',
      ...(await optionsFor(platform, form)),
    ],
    { cwd: root, env: dotnetEnvironment },
  );
  if (code !== 0) throw new Error(`dotnet publish failed:\n${tail.join('\n')}`);
  return { platform, form, folder, program: `${folder}/${programName(platform)}` };
}

/** @param {string} platform @param {Form} form */
export const publishedFolder = (platform, form) => `${artifacts}/sidecar/${platform}-${form}`;

/** @param {string} platform */
export const programName = platform => ({ portable: 'rds-tunnel.dll', 'win32-x64': 'rds-tunnel.exe' })[platform] ?? 'rds-tunnel';

/** @param {string} platform @param {Form} form */
async function optionsFor(platform, form) {
  if (form === 'portable') return [];
  const runtime = ['--runtime', String(runtimeIdentifiers[platform])];
  if (form === 'readytorun') return runtime;
  const { missing, prefix } = nativeTools(platform);
  if (missing !== undefined) throw new Error(`Native code for ${platform} cannot be made here: ${missing}`);
  const linux = platform.startsWith('linux-')
    ? [`-p:CppCompilerAndLinker=${prefix}gcc`, `-p:ObjCopyName=${prefix}objcopy`, `-p:GlibcFolder=${await prepareGlibc(platform, prefix)}`]
    : [];
  return [...runtime, '-p:Native=true', ...linux];
}
