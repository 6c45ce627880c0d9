// Native programs for Linux systems older than this one. A linker binds each symbol to the newest
// version that the installed glibc has, so that the program needs a
// glibc as new. But glibc keeps all older versions: linked against stubs that name only those, the
// program runs on old systems and new ones.
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { artifacts, root } from './paths.mjs';
import { run } from './processes.mjs';

/** The oldest glibc that a native program runs on: that of VS Code itself (Debian 10, RHEL 8, Ubuntu 20.04). */
export const glibcFloor = '2.28';

/** What was one library each until 2.34; there is nothing left in most of them, but older systems have to load them. */
const libraries = ['libc.so.6', 'libm.so.6', 'libpthread.so.0', 'libdl.so.2', 'librt.so.1'];

/** @typedef {{ name: string, version: string, kind: string, bytes: number }} Export */

/**
 * Fills a folder with the stubs and with what the program's start needs; the linker is told by `sidecar/Host/Native.targets`.
 * @param {string} platform linux-x64 or linux-arm64
 * @param {string} prefix of the tools that make programs for it, such as `aarch64-linux-gnu-`
 * @returns {Promise<string>} the folder
 */
export async function prepareGlibc(platform, prefix) {
  const gcc = `${prefix}gcc`;
  const folder = `${artifacts}/glibc/${platform}`;
  await mkdir(folder, { recursive: true });
  const find = (/** @type {string} */ file) => execFileSync(gcc, [`-print-file-name=${file}`], { encoding: 'utf8' }).trim();
  for (const library of libraries) {
    const symbols = execFileSync(`${prefix}readelf`, ['--wide', '--dyn-syms', find(library)], { encoding: 'utf8', maxBuffer: 16e6 });
    const { assembly, versions } = stub(exportsOf(symbols, glibcFloor));
    await writeFile(`${folder}/${library}.s`, assembly);
    await writeFile(`${folder}/${library}.map`, versions);
    await compile(gcc, [
      '-shared',
      '-nostdlib',
      `-Wl,-soname,${library}`,
      `-Wl,--version-script,${folder}/${library}.map`,
      '-o',
      `${folder}/${library}`,
      `${folder}/${library}.s`,
    ]);
  }
  // What -lc and -lm find. The loader is needed only by machines on which a thread's variables are its business.
  const loader = { 'linux-x64': 'ld-linux-x86-64.so.2', 'linux-arm64': 'ld-linux-aarch64.so.1' }[platform] ?? '';
  await writeFile(`${folder}/libc.so`, `GROUP ( ${folder}/libc.so.6 ${find('libc_nonshared.a')} AS_NEEDED ( ${find(loader)} ) )\n`);
  await writeFile(`${folder}/libm.so`, `GROUP ( ${folder}/libm.so.6 )\n`);
  await compile(gcc, ['-O2', '-fPIC', '-Wall', '-Werror', '-c', '-o', `${folder}/start.o`, `${root}sidecar/Host/Glibc/start.c`]);
  return folder;
}

/**
 * The newest version of each symbol that is no newer than the floor.
 * @param {string} symbols as `readelf --dyn-syms` lists them
 * @param {string} floor
 */
export function exportsOf(symbols, floor) {
  /** @type {Map<string, Export>} */
  const newest = new Map();
  for (const [, bytes = '', kind = '', name = '', version = ''] of symbols.matchAll(
    /^ *\d+: [0-9a-f]+ +(\w+) (\w+) +(?:GLOBAL|WEAK|UNIQUE) +\w+ +\d+ (\S+?)@@?GLIBC_([\d.]+)$/gm,
  )) {
    const known = newest.get(name);
    if (compareVersions(version, floor) <= 0 && (known === undefined || compareVersions(version, known.version) > 0))
      newest.set(name, { name, version, kind, bytes: Number(bytes) });
  }
  return [...newest.values()];
}

/** The source of a library that exports them, and of its versions. @param {Export[]} symbols */
function stub(symbols) {
  const versions = [...new Set(symbols.map(({ version }) => version))].sort(compareVersions);
  const assembly = symbols.map(({ name, version, kind, bytes }) => {
    const section = { OBJECT: '.section .bss', TLS: '.section .tbss,"awT",%nobits' }[kind] ?? '.section .text';
    const type = { OBJECT: 'object', TLS: 'tls_object' }[kind] ?? 'function';
    return `${section}\n.globl stub_${name}\n.type stub_${name},%${type}\n.size stub_${name},${bytes}\nstub_${name}: .skip ${Math.max(bytes, 1)}\n.symver stub_${name},${name}@@@GLIBC_${version}\n`;
  });
  return {
    assembly: assembly.join(''),
    versions: versions
      .map((version, i) => `GLIBC_${version} { ${i === 0 ? 'local: stub_*; ' : ''}}${i === 0 ? '' : ` GLIBC_${versions[i - 1] ?? ''}`};\n`)
      .join(''),
  };
}

/** @param {string} a @param {string} b */
export function compareVersions(a, b) {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    if ((left[i] ?? 0) !== (right[i] ?? 0)) return (left[i] ?? 0) - (right[i] ?? 0);
  }
  return 0;
}

/** @param {string} gcc @param {string[]} args */
async function compile(gcc, args) {
  const { code, tail } = await run(gcc, args);
  if (code !== 0) throw new Error(`${gcc} failed:\n${tail.join('\n')}`);
}
