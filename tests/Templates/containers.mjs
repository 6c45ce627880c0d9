// Containers without an engine: the image's files, in namespaces of the kernel, as an engine would put them there. Linux, root, iproute2.
import { execFile, execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { atEnd } from '../../scripts/lib/endings.mjs';
import { emulatorAssembly } from '../../scripts/lib/paths.mjs';
import { start } from '../../scripts/lib/processes.mjs';
import { databaseHost, temporaryFolder } from '../EndToEnd/peers.mjs';
import { startServer } from '../EndToEnd/servers.mjs';

export const run = promisify(execFile);

export const user = 65532;

/** Where the database listens in a network that has one; clients use 5432. */
const databasePort = 15432;

/** It ends the conversation, as databases do when their client says goodbye. */
const echo = `require('node:net').createServer(socket => socket.once('data', data => socket.end(data)).on('error', () => {})).listen(${databasePort}, '127.0.0.1', () => console.log('listening'))`;

/** The files of an image. @param {string} image */
export async function unpack(image) {
  const layout = await temporaryFolder('layout');
  const system = await temporaryFolder('container');
  await chmod(system, 0o755);
  await run('tar', ['-xf', image, '-C', layout]);
  /** @param {{ digest: string }} descriptor */
  const blob = ({ digest }) => `${layout}/blobs/${digest.replace(':', '/')}`;
  const index = JSON.parse(await readFile(`${layout}/index.json`, 'utf8'));
  const manifest = JSON.parse(await readFile(blob(index.manifests[0]), 'utf8'));
  const { config } = JSON.parse(await readFile(blob(manifest.config), 'utf8'));
  for (const layer of manifest.layers) await run('tar', ['-xzpf', blob(layer), '--same-owner', '-C', system]);
  for (const folder of ['proc', 'dev']) await mkdir(`${system}/${folder}`);
  await writeFile(`${system}/.dockerenv`, '');
  return { system, config: /** @type {{ Entrypoint: string[], Env: string[] }} */ (config) };
}

let networks = 0;

/** A network of its own, with nothing in it but its loopback. */
export async function makeNetwork() {
  const name = `rdst-${process.pid}-${++networks}`;
  await run('ip', ['netns', 'add', name]);
  atEnd(async () => {
    await run('ip', ['netns', 'delete', name]);
  });
  await run('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  return name;
}

/** Joins two networks by a cable, and gives each end an address. @param {string} one @param {string} other */
export async function join(one, other) {
  const [first, second] = ['10.123.0.2', '10.123.0.3'];
  const cable = [one, other].map(name => `v${name.replaceAll(/\D+/g, '').slice(-12)}`);
  await run('ip', ['-n', one, 'link', 'add', `${cable[0]}a`, 'type', 'veth', 'peer', 'name', `${cable[1]}b`, 'netns', other]);
  for (const [name, end, address] of [
    [one, `${cable[0]}a`, first],
    [other, `${cable[1]}b`, second],
  ]) {
    await run('ip', ['-n', String(name), 'address', 'add', `${address}/24`, 'dev', String(end)]);
    await run('ip', ['-n', String(name), 'link', 'set', String(end), 'up']);
  }
  return { first, second };
}

/** AWS and the database, in the network of who uses them. @param {string} network */
export async function startOutside(network) {
  const inside = (/** @type {string[]} */ ...args) => ({ command: 'ip', args: ['netns', 'exec', network, ...args] });
  const stopDatabase = await startServer({ name: 'The database', ...inside(process.execPath, '--eval', echo), ready: /^listening$/ });
  let endpoint = '';
  const world = fileURLToPath(new URL('../EndToEnd/world.json', import.meta.url));
  const stopAws = await startServer({
    name: 'The local AWS',
    ...inside('dotnet', emulatorAssembly, '--unpaced', '--world', world, '--resolve', `${databaseHost}=127.0.0.1:${databasePort}`),
    ready: /^\{"endpoint":/,
    onLine: line => {
      if (line.startsWith('{"endpoint":')) ({ endpoint } = /** @type {{ endpoint: string }} */ (JSON.parse(line)));
    },
  });
  return {
    env: {
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      AWS_ENDPOINT_URL: endpoint,
    },
    stop: async () => {
      await stopAws();
      await stopDatabase();
    },
  };
}

/**
 * Starts a container: read-only but for its volumes, without capabilities, as the image's user.
 * @param {{ image: Awaited<ReturnType<typeof unpack>>, network: string, args: string[], env: Record<string, string>,
 * volumes: { from: string, to: string }[] }} options
 */
export async function startContainer({ image: { system, config }, network, args, env, volumes }) {
  for (const { from, to } of volumes) await (isFolder(from) ? mkdir(`${system}${to}`, { recursive: true }) : placeholder(`${system}${to}`));
  const script = [
    'set -e',
    'mount --make-rprivate /',
    `mount --bind '${system}' '${system}'`,
    ...volumes.map(({ from, to }) => `mount --bind '${from}' '${system}${to}'`),
    `mount -t proc proc '${system}/proc'`,
    `mount -t tmpfs tmpfs '${system}/dev' && mknod -m 666 '${system}/dev/null' c 1 3 && mknod -m 666 '${system}/dev/urandom' c 1 9`,
    `mount -o remount,bind,ro '${system}'`,
    `exec setpriv --no-new-privs chroot --userspec=${user}:${user} --groups= '${system}' "$@"`,
  ].join('\n');
  const variables = [...config.Env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  /** @type {string[]} */
  const lines = [];
  const running = await start(
    'ip',
    [
      ...['netns', 'exec', network, 'env', '--ignore-environment', ...variables, 'PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
      ...['unshare', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', 'sh', '-c', script, 'sh'],
      ...[...config.Entrypoint, ...args],
    ],
    { onLine: line => lines.push(line) },
  );
  return {
    lines,
    running,
    /** Runs one of its own programs in it, as its engine's health checks do. @param {string[]} command */
    exec: async command => {
      const pid = await firstProcess(running.pid);
      if (pid === undefined) return -1;
      return exitCode(
        'nsenter',
        [`--target=${pid}`, '--all', `--root=/proc/${pid}/root`, `--setuid=${user}`, `--setgid=${user}`, ...command],
        { PATH: '/usr/bin' },
      );
    },
    /** Ends it as engines do. @returns its exit code */
    end: async () => {
      process.kill(Number(await firstProcess(running.pid)), 'SIGTERM');
      return (await running.exited).code;
    },
  };
}

/** What another container's program does: asks the database for an echo. Gives that, or how it was refused. @param {string} network @param {number} uid @param {string} where */
export async function echoThrough(network, uid, where) {
  const client = `const socket = require('node:net').connect(${where}); socket.once('error', error => { console.log(error.code); process.exit(1); });
    socket.once('close', () => console.log('closed')); socket.once('data', data => process.stdout.write(data, () => process.exit())); socket.write('echo')`;
  const { stdout } = await run('ip', [
    ...['netns', 'exec', network, 'setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'],
    ...[process.execPath, '--eval', client],
  ]).catch((/** @type {unknown} */ error) => /** @type {{ stdout: string }} */ (error));
  return stdout.trim();
}

/** The status of an HTTP address in a network; 0 without an answer. @param {string} network @param {string} address */
export async function statusOf(network, address) {
  const script = `fetch('${address}').then(answer => console.log(answer.status), () => console.log(0))`;
  return Number((await run('ip', ['netns', 'exec', network, process.execPath, '--eval', script])).stdout);
}

/** The first process of a container, as this machine numbers it, once it has started. @param {number} pid of what was started */
async function firstProcess(pid) {
  let at = String(pid);
  for (let name = ''; name !== 'rds-tunnel';) {
    at = (await readFile(`/proc/${at}/task/${at}/children`, 'utf8').catch(() => '')).split(' ')[0] ?? '';
    if (at === '') return undefined;
    name = (await readFile(`/proc/${at}/comm`, 'utf8').catch(() => '')).trim();
  }
  return at;
}

/** @param {string} file @param {string[]} args @param {NodeJS.ProcessEnv} env @returns {Promise<number>} */
const exitCode = (file, args, env) =>
  new Promise(resolve => {
    execFile(file, args, { env }, error => {
      resolve(error === null ? 0 : Number(error.code));
    });
  });

/** @param {string} path */
const isFolder = path => execFileSync('stat', ['--format=%F', path], { encoding: 'utf8' }).trim() === 'directory';

/** @param {string} path */
async function placeholder(path) {
  await mkdir(path.replace(/\/[^/]*$/, ''), { recursive: true });
  await writeFile(path, '');
}
