// What a sidecar has to bear. Each attack begins and ends here, and all that it asks for settles.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { signalGroup } from '../../../scripts/lib/processes.mjs';
import { failures } from '../marked/echoing-aws.mjs';
import { channelFailures, upgradeFailures } from '../marked/echoing-gateway.mjs';
import { databaseHost } from '../peers.mjs';
import { mutated } from './babbling-agent.mjs';
import { anything, request } from './requests.mjs';

/**
 * @typedef {object} World
 * @property {() => number} next random
 * @property {import('../sidecar.mjs').Sidecar} sidecar
 * @property {import('../emulator.mjs').Emulator} emulator
 * @property {string} echoingAws
 * @property {string} babblingAgent
 * @property {string} home the sidecar's, with its files and sockets
 * @property {number} echoPort
 * @property {number[]} bystanders their local ports
 */

/** @typedef {{ name: string, skip?: boolean, attack: (world: World) => Promise<void> }} Attack */

/** @template T @param {World} world @param {T[]} all @returns {T} */
const one = ({ next }, all) => /** @type {T} */ (all[Math.floor(next() * all.length)]);

/** A request that may fail, but not stay without an answer. @param {World} world @param {string} method @param {object} [params] */
const ask = async ({ sidecar }, method, params) => {
  try {
    return await sidecar.request(method, params);
  } catch (error) {
    if (/** @type {{ code?: unknown }} */ (error).code === undefined) throw error; // the process, not its answer
    return undefined;
  }
};

/**
 * A tunnel for as long as something is done to it.
 * @param {World} world
 * @param {object} where
 * @param {(localPort: number) => Promise<void>} use
 */
async function withTunnel(world, where, use) {
  const tunnel = await ask(world, 'tunnel/open', {
    target: world.emulator.target,
    host: databaseHost,
    port: world.echoPort,
    region: world.emulator.region,
    ...where,
  });
  if (tunnel === undefined) return;
  await use(tunnel.localPort);
  await ask(world, 'tunnel/close', { id: tunnel.id });
}

/**
 * Connections that send something, and are gone after a while.
 * @param {World} world
 * @param {number} port
 * @param {number} count
 * @param {number} ms
 */
async function crowd({ next }, port, count, ms) {
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.resume();
    if (next() < 0.7) socket.write(randomBytes(1 + Math.floor(next() * 30_000)));
    return socket;
  });
  await delay(ms);
  for (const socket of sockets) {
    if (next() < 0.5) socket.destroy();
    else socket.resetAndDestroy();
  }
}

/** Of an attack that needs something for itself, one at a time. @param {Attack['attack']} attack @returns {Attack['attack']} */
function inTurns(attack) {
  let last = Promise.resolve();
  return world => {
    last = last.catch(() => undefined).then(() => attack(world));
    return last;
  };
}

/** @type {Attack[]} */
export const attacks = [
  {
    name: 'a service that fails, in every way there is, for one call or for all',
    attack: world => {
      const way = one(world, [...Object.keys(failures), ...Object.keys(failures).map(each => `StartSession.${each}`)]);
      return withTunnel(world, { endpointUrl: `${world.echoingAws}/${way}`, openNow: world.next() < 0.5 }, port =>
        crowd(world, port, 2, 300),
      );
    },
  },
  {
    name: 'a gateway that refuses, repeats and lies',
    attack: world =>
      withTunnel(
        world,
        { endpointUrl: `${world.echoingAws}/${one(world, [...Object.keys(channelFailures), ...Object.keys(upgradeFailures)])}` },
        port => crowd(world, port, 2, 1_000),
      ),
  },
  {
    name: 'an agent that says anything',
    attack: world =>
      withTunnel(world, { endpointUrl: world.babblingAgent, maxSessions: 1 + Math.floor(world.next() * 3) }, port =>
        crowd(world, port, 1 + Math.floor(world.next() * 8), world.next() * 1_500),
      ),
  },
  {
    name: 'a session that is cut, frozen, ended, or whose agent dies',
    attack: async world => {
      const name = `victim ${Math.floor(world.next() * 1_000_000)}`;
      await withTunnel(world, { endpointUrl: world.emulator.endpoint, name }, async port => {
        const using = crowd(world, port, 6, 2_000);
        await delay(world.next() * 1_000);
        const sessions = /** @type {{ id: string, state: string, reason?: string }[]} */ (await world.emulator.sessions());
        const plan = one(world, [
          { cutClient: true },
          { freezeClient: true },
          { killAgent: true },
          { endSession: 'Because.' },
          { cutClientAfter: { messages: 20, times: 5 } },
          { refuseResume: { times: 3 }, cutClient: true },
          { nodeToClient: { drop: 0.1, duplicate: 0.1, reorder: 0.2 } },
          { clientToNode: { drop: 0.1, duplicate: 0.1, reorder: 0.2, includeAcknowledgements: true } },
        ]);
        for (const { id, state, reason } of sessions)
          if (state === 'active' && reason?.endsWith(name)) await world.emulator.control(`sessions/${id}/faults`, plan);
        await using;
      });
    },
  },
  {
    name: 'requests that nobody would make',
    attack: async world => {
      await Promise.all(
        Array.from({ length: 1 + Math.floor(world.next() * 80) }, async () => {
          const { method, params } = request(world.next, world.emulator.endpoint);
          Reflect.deleteProperty(params, 'progressToken'); // the test's client would listen for it
          const answer = await ask(world, method, params);
          if (method === 'tunnel/open' && answer?.id !== undefined) await ask(world, 'tunnel/close', { id: answer.id });
        }),
      );
    },
  },
  {
    name: "peers at the windows' sockets that speak nothing, or something else",
    attack: async world => {
      const folder = join(world.home, 'rds-tunnel');
      const paths = (await readdir(folder, { recursive: true }).catch(() => []))
        .filter(name => /\/\d+$/.test(name))
        .map(name => join(folder, name));
      await Promise.all(
        paths.map(async path => {
          const socket = connect(path).on('error', () => undefined);
          socket.resume();
          const closed = new Promise(resolve => {
            socket.on('close', resolve);
          });
          for (let i = Math.floor(world.next() * 5); i > 0; i--) {
            const { method, params } = request(world.next, world.emulator.endpoint);
            const body = Buffer.from(
              JSON.stringify({ jsonrpc: '2.0', id: one(world, [i, `${i}`, null, anything(world.next)]), method, params }),
            );
            const framed = Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
            socket.write(world.next() < 0.5 ? framed : mutated(framed, world.next));
          }
          await delay(world.next() * 300);
          socket.destroy();
          await closed;
        }),
      );
    },
  },
  {
    name: 'files that are broken, endless, or no files',
    attack: inTurns(async world => {
      const file = join(world.home, '.aws', one(world, ['config', 'credentials']));
      await mkdir(join(world.home, '.aws'), { recursive: true });
      await rm(file, { recursive: true, force: true });
      const good = Buffer.from(
        '[profile a]\nregion = eu-central-1\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = x\n[profile b]\nsource_profile = a\nrole_arn = arn:aws:iam::111122223333:role/x\n',
      );
      await one(world, [
        () => writeFile(file, mutated(good, world.next)),
        () => writeFile(file, randomBytes(Math.floor(world.next() * 20_000))),
        () => writeFile(file, Buffer.concat(Array.from({ length: 400 }, () => good))),
        () => mkdir(file),
        () => symlink(file, file),
        () => symlink('/dev/zero', file),
        () => promisify(execFile)('mkfifo', [file]).then(() => undefined),
      ])();
      await Promise.all([
        ask(world, 'profile/list'),
        ask(world, 'tunnel/check', {
          target: 'i-1',
          host: databaseHost,
          port: 5432,
          profile: one(world, ['a', 'b']),
          endpointUrl: `${world.echoingAws}/denied`,
        }),
      ]);
      await rm(file, { recursive: true, force: true });
    }),
  },
  {
    name: 'more connections than there are descriptors',
    attack: world => withTunnel(world, { endpointUrl: world.emulator.endpoint }, port => crowd(world, port, 400, 500)),
  },
  {
    name: 'another user who knocks',
    skip: process.getuid?.() !== 0,
    attack: async world => {
      const port = one(world, world.bystanders);
      const stranger = spawn(
        'bash',
        ['-c', `for i in 1 2 3 4 5 6 7 8; do exec 3<>/dev/tcp/127.0.0.1/${port}; printf x >&3; head -c1 <&3; done`],
        { uid: 65_534, gid: 65_534, stdio: ['ignore', 'pipe', 'ignore'] },
      );
      let answer = '';
      stranger.stdout.on('data', data => {
        answer += String(data);
      });
      await once(stranger, 'close');
      if (answer !== '') throw new Error(`Another user was served: ${answer}`);
    },
  },
  {
    name: 'time that is missing',
    attack: async ({ next, sidecar }) => {
      signalGroup(sidecar.running.pid, 'SIGSTOP');
      await delay(next() * 1_500);
      signalGroup(sidecar.running.pid, 'SIGCONT');
    },
  },
  {
    name: 'a disk that is full',
    attack: async world => {
      const limit = (/** @type {string} */ bytes) => {
        execFileSync('prlimit', ['--pid', String(world.sidecar.running.pid), `--fsize=${bytes}:unlimited`]);
      };
      limit('0');
      await ask(world, 'profile/create', {
        name: `full${Math.floor(world.next() * 1_000)}`,
        kind: 'sso',
        startUrl: 'https://acme.awsapps.com/start',
        ssoRegion: 'eu-central-1',
        region: 'eu-central-1',
        accountId: '111122223333',
        roleName: 'x',
      });
      await withTunnel(world, { endpointUrl: world.emulator.endpoint, openNow: true }, port => crowd(world, port, 2, 100));
      limit('unlimited');
    },
  },
];
