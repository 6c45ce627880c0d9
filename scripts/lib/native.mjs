// Where native code can be made: .NET compiles it, but the machine's own tools link it.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** @typedef {{ missing?: string, prefix: string }} Tools what is missing, for people; what the names of gcc and its like begin with */

/** By node's name of the processor: what Debian's cross tools are called, and their package. */
const linuxTools = /** @type {Record<string, { triplet: string, cross: string }>} */ ({
  x64: { triplet: 'x86_64-linux-gnu', cross: 'gcc-x86-64-linux-gnu libc6-dev-amd64-cross' },
  arm64: { triplet: 'aarch64-linux-gnu', cross: 'gcc-aarch64-linux-gnu libc6-dev-arm64-cross' },
});

/**
 * What links native code for a platform on this machine.
 * @param {string} platform such as linux-arm64
 * @param {{ platform: string, arch: string, has: (program: string) => boolean }} [machine]
 * @returns {Tools}
 */
export function nativeTools(platform, machine = { ...process, has: isOnPath }) {
  const [system = '', processor = ''] = platform.split('-');
  const tools = linuxTools[processor];
  if (system === 'win32' && machine.platform === 'win32' && machine.arch === processor) return { prefix: '', ...windowsTools() };
  if (system !== 'linux' || tools === undefined) return { prefix: '', missing: 'it is made of .NET code instead.' };
  if (machine.platform !== 'linux') return { prefix: '', missing: 'only Linux links it.' };
  const isOwn = machine.arch === processor;
  const prefix = isOwn ? '' : `${tools.triplet}-`;
  const absent = ['gcc', 'objcopy', 'readelf'].map(tool => prefix + tool).filter(tool => !machine.has(tool));
  return absent.length === 0
    ? { prefix }
    : { prefix, missing: `${absent.join(', ')} not found (Debian: apt-get install ${isOwn ? 'gcc libc6-dev' : tools.cross}).` };
}

/** .NET itself finds Visual Studio, by this program. */
function windowsTools() {
  const installer = join(process.env['ProgramFiles(x86)'] ?? '', 'Microsoft Visual Studio', 'Installer', 'vswhere.exe');
  return existsSync(installer) ? {} : { missing: "Visual Studio's build tools for C++ are not installed." };
}

/** @param {string} program */
export const isOnPath = program => (process.env.PATH ?? '').split(delimiter).some(folder => existsSync(join(folder, program)));
