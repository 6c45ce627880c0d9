// The image for containers: the native program and, from this machine's own Debian packages, the few libraries that it loads.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { isOnPath } from './native.mjs';
import { writeImage } from './oci.mjs';
import { root } from './paths.mjs';

/** @typedef {import('./oci.mjs').Entry} Entry */

/** What is pulled, compressed. */
export const mostImageBytes = 30e6;

/** A user of no system's own, as distroless images have it. */
const user = 65532;

/** By platform: Debian's name of the processor, the folder of its libraries, and where its programs expect the loader. */
const machines = /** @type {Record<string, { architecture: string, triplet: string, loader: string } | undefined>} */ ({
  'linux-x64': { architecture: 'amd64', triplet: 'x86_64-linux-gnu', loader: 'lib64/ld-linux-x86-64.so.2' },
  'linux-arm64': { architecture: 'arm64', triplet: 'aarch64-linux-gnu', loader: 'lib/ld-linux-aarch64.so.1' },
});

/** What .NET loads when it first needs TLS; the program does not name it. */
const loadedLater = ['libssl.so.3', 'libcrypto.so.3'];

/**
 * Why no image can be made of a program here; undefined when one can.
 * @param {import('./publish.mjs').Published} published
 */
export function imageMissing({ platform, form }) {
  const machine = machines[platform];
  if (form !== 'native' || machine === undefined) return 'images are for native code on Linux';
  if (!isOnPath('dpkg-query') || !isOnPath('readelf')) return 'no image without dpkg-query and readelf';
  const absent = ['libc.so.6', ...loadedLater].filter(name => !existsSync(`/usr/lib/${machine.triplet}/${name}`));
  return absent.length === 0 ? undefined : `no image without ${absent.join(', ')} of ${machine.architecture}`;
}

/**
 * @param {import('./publish.mjs').Published} published one that {@link imageMissing} has nothing against
 * @param {{ version: string, folder: string, time: Date }} how
 * @returns {Promise<string>} the file
 */
export async function makeImage({ platform, program }, { version, folder, time }) {
  const machine = machines[platform];
  if (machine === undefined) throw new Error(`There are no images for ${platform}.`);
  const path = `${folder}/rds-tunnel-${version}-${platform}.oci.tar`;
  const manifest = /** @type {{ license: string, homepage: string, repository: { url: string }, displayName: string }} */ (
    JSON.parse(await readFile(`${root}package.json`, 'utf8'))
  );
  const labels = {
    'org.opencontainers.image.title': 'rds-tunnel',
    'org.opencontainers.image.description': 'Connect to private AWS databases through SSM Session Manager',
    'org.opencontainers.image.version': version,
    'org.opencontainers.image.licenses': manifest.license,
    'org.opencontainers.image.url': manifest.homepage.replace(/#.*/, ''),
    'org.opencontainers.image.source': manifest.repository.url.replace(/\.git$/, ''),
    'org.opencontainers.image.vendor': 'RDS Tunnel contributors',
  };
  const { size } = await writeImage(path, [await systemLayer(program, machine), await programLayer(program)], {
    architecture: machine.architecture,
    version,
    created: time,
    annotations: labels,
    config: {
      User: `${user}:${user}`,
      WorkingDir: '/home/nonroot',
      Env: [
        'PATH=/usr/bin',
        'HOME=/home/nonroot',
        'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt',
        // Of .NET: no socket that debuggers and profilers can attach to.
        'DOTNET_EnableDiagnostics=0',
      ],
      Entrypoint: ['/usr/bin/rds-tunnel'],
      Cmd: ['--help'],
      StopSignal: 'SIGTERM',
      Labels: labels,
    },
  });
  if (size > mostImageBytes) throw new Error(`The image has ${size} bytes; ${mostImageBytes} are allowed.`);
  return path;
}

/** @param {string} program @returns {Promise<Entry[]>} */
async function programLayer(program) {
  return [
    { path: 'usr' },
    { path: 'usr/bin' },
    { path: 'usr/bin/rds-tunnel', mode: 0o755, bytes: await readFile(program) },
    { path: 'usr/share' },
    { path: 'usr/share/doc' },
    { path: 'usr/share/doc/rds-tunnel' },
    { path: 'usr/share/doc/rds-tunnel/copyright', bytes: await readFile(`${root}LICENSE`) },
  ];
}

/**
 * Libraries, authorities, and what programs look up. Scanners know the packages from status.d, as in distroless images.
 * @param {string} program
 * @param {{ architecture: string, triplet: string, loader: string }} machine
 * @returns {Promise<Entry[]>}
 */
async function systemLayer(program, { architecture, triplet, loader }) {
  const libraries = needed(program, triplet);
  const lib = `usr/lib/${triplet}`;
  const packages = [...new Set(libraries.map(name => packageOf(name, triplet))), 'ca-certificates', 'base-files'].sort();
  /** @type {Entry[]} */
  const files = [
    ...(await Promise.all(libraries.map(async name => ({ path: `${lib}/${name}`, mode: 0o755, bytes: await pristine(name, triplet) })))),
    { path: `usr/${loader}`, link: `${loader.startsWith('lib64') ? '../lib/' : ''}${triplet}/${loader.split('/')[1] ?? ''}` },
    { path: 'lib', link: 'usr/lib' },
    ...(loader.startsWith('lib64') ? [{ path: 'lib64', link: 'usr/lib64' }] : []),
    { path: 'etc/ssl/certs/ca-certificates.crt', bytes: await authorities() },
    { path: 'usr/lib/ssl/certs', link: '/etc/ssl/certs' },
    { path: 'usr/lib/ssl/cert.pem', link: '/etc/ssl/certs/ca-certificates.crt' },
    { path: 'usr/lib/os-release', bytes: await readFile('/usr/lib/os-release') },
    { path: 'etc/os-release', link: '../usr/lib/os-release' },
    { path: 'etc/nsswitch.conf', bytes: 'passwd: files\ngroup: files\nhosts: files dns\n' },
    { path: 'etc/passwd', bytes: `root:x:0:0:root:/:/sbin/nologin\nnonroot:x:${user}:${user}:nonroot:/home/nonroot:/sbin/nologin\n` },
    { path: 'etc/group', bytes: `root:x:0:\nnonroot:x:${user}:\n` },
    { path: 'home/nonroot', mode: 0o700, owner: user },
    { path: 'tmp', mode: 0o1777 },
    ...(await Promise.all(packages.map(name => statusOf(name, architecture)))).flat(),
  ];
  return withFolders(files);
}

/** Sonames that a program and its libraries need, and those loaded later. @param {string} program @param {string} triplet */
function needed(program, triplet) {
  const found = new Set(/** @type {string[]} */ ([]));
  const waiting = [program, ...loadedLater];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (at !== program && found.has(at)) continue;
    if (at !== program) found.add(at);
    const file = at === program ? program : `/usr/lib/${triplet}/${at}`;
    const dynamic = execFileSync('readelf', ['--dynamic', '--wide', file], { encoding: 'utf8' });
    waiting.push(...[...dynamic.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, name = '']) => name));
  }
  return [...found].sort();
}

/** @param {string} library @param {string} triplet @returns {string} such as libc6:amd64 */
function packageOf(library, triplet) {
  const found = execFileSync('dpkg-query', ['--search', `*lib/${triplet}/${library}`], { encoding: 'utf8' });
  const [name] = /^[^\s:]+(?::\w+)?(?=: )/.exec(found) ?? [];
  if (name === undefined) throw new Error(`${library} belongs to no package.`);
  return name;
}

/** A library's bytes, which have to be those of its package. @param {string} library @param {string} triplet */
async function pristine(library, triplet) {
  const bytes = await readFile(`/usr/lib/${triplet}/${library}`);
  const sums = execFileSync('dpkg-query', ['--control-show', packageOf(library, triplet), 'md5sums'], { encoding: 'utf8' });
  const sum = createHash('md5').update(bytes).digest('hex');
  if (!sums.split('\n').some(line => line.startsWith(sum) && line.endsWith(`lib/${triplet}/${library}`)))
    throw new Error(`${library} is not what its package brought.`);
  return bytes;
}

/** Those of the package, and none that this machine's administrator has added. */
async function authorities() {
  const folder = '/usr/share/ca-certificates/mozilla';
  const files = (await readdir(folder)).filter(name => name.endsWith('.crt')).sort();
  return (await Promise.all(files.map(name => readFile(`${folder}/${name}`, 'utf8')))).join('');
}

/** @param {string} name @param {string} architecture @returns {Promise<Entry[]>} */
async function statusOf(name, architecture) {
  const status = execFileSync('dpkg-query', ['--status', name], { encoding: 'utf8' });
  const plain = name.replace(`:${architecture}`, '');
  return [
    { path: `var/lib/dpkg/status.d/${plain}`, bytes: `${status.trimEnd()}\n` },
    { path: `usr/share/doc/${plain}/copyright`, bytes: await readFile(`/usr/share/doc/${plain}/copyright`) },
  ];
}

/** @param {Entry[]} files */
function withFolders(files) {
  const named = new Set(files.map(({ path }) => path));
  const folders = new Set(
    files.flatMap(({ path }) =>
      path
        .split('/')
        .map((_, at, parts) => parts.slice(0, at).join('/'))
        .filter(folder => folder !== '' && !named.has(folder)),
    ),
  );
  return [...files, ...[...folders].map(path => ({ path }))].sort((one, other) => (one.path < other.path ? -1 : 1));
}
