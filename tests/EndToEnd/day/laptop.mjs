// The laptop and all around it: the sidecar, the company's proxy, AWS, and the databases behind the jump hosts.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appHost, jumpHosts, memberHost, world } from './account.mjs';
import { startNetwork } from './network.mjs';
import { converse, startNamedEcho } from './conversation.mjs';
import { startEmulator } from '../emulator.mjs';
import { databaseHost, temporaryFolder } from '../peers.mjs';
import { allow } from '../portal.mjs';
import { eventually } from '../ports.mjs';
import { ssoProfile } from '../profiles.mjs';
import { startSidecar } from '../sidecar.mjs';

/** An hour of the day, compressed: after it the service closes a session's socket. Longer than an agent may be silent. */
export const hourSeconds = 20;
/** Every so many tunnels, one leads to the cluster. */
const clusterEvery = 6;

/** @typedef {Awaited<ReturnType<typeof startLaptop>>} Laptop */
/** @typedef {import('../sidecar.mjs').Tunnel} Tunnel */

export async function startLaptop() {
  const home = await temporaryFolder('day');
  await mkdir(join(home, '.aws'));
  await writeFile(join(home, '.aws', 'config'), ssoProfile('dev'));
  await writeFile(join(home, 'world.json'), JSON.stringify(world));
  const certificateAuthority = join(home, 'authority.pem');
  const [app, first, second] = await Promise.all([startNamedEcho('A'), startNamedEcho('1'), startNamedEcho('2')]);
  const emulator = await startEmulator({
    unpaced: true,
    world: join(home, 'world.json'),
    certificateAuthority,
    connectionLifetimeSeconds: hourSeconds,
    databaseAddress: false,
    alsoResolve: {
      [appHost]: `127.0.0.1:${app.port}`,
      [memberHost(1)]: `127.0.0.1:${first.port}`,
      [memberHost(2)]: `127.0.0.1:${second.port}`,
    },
  });
  const network = await startNetwork(emulator.proxy);
  const sidecar = await startSidecar({
    HOME: home,
    XDG_RUNTIME_DIR: home,
    AWS_PROFILE: 'dev',
    AWS_CA_BUNDLE: certificateAuthority,
    AWS_EC2_METADATA_DISABLED: 'true',
    HTTPS_PROXY: network.address,
    NO_PROXY: '127.0.0.1,localhost',
  });

  const signIn = async () => {
    const asked = sidecar.progress.length;
    const signedIn = sidecar.request('sso/signIn', { session: { profile: 'dev' }, flow: 'AuthorizationCode' });
    const url = () =>
      sidecar.progress.slice(asked).find(({ method, value }) => method === 'sso/signIn' && value.url !== undefined)?.value.url;
    assert.ok(await eventually(() => url() !== undefined), 'No page to sign in.');
    await allow(url(), emulator.endpoint);
    await signedIn;
  };
  await signIn();
  await sidecar.request('log/setLevel', { level: 'Debug' });

  /**
   * Sessions of which the sidecar knows: where the answer to a StartSession was lost with the network, nobody does, and the account's
   * idle timeout ends the session.
   */
  const sessionsLeft = async () =>
    (await emulator.sessions()).filter(
      ({ id, state }) => state === 'active' && sidecar.logs.some(({ message }) => message.startsWith(`Session ${id} started`)),
    );
  return {
    emulator,
    network,
    sidecar,
    signIn,
    sessionsLeft,
    /** The first one is online. */
    jumpHosts: [...jumpHosts],
    /** Of the cluster, the writer first. */
    members: [first, second],
    /** @param {Tunnel[]} tunnels */
    toCluster: tunnels => tunnels.filter((_, i) => i % clusterEvery === 0),
    /** @param {number} count @returns {Promise<Tunnel[]>} */
    open: count =>
      Promise.all(
        Array.from({ length: count }, (_, i) =>
          sidecar.open({ name: `tunnel ${i}`, host: i % clusterEvery === 0 ? databaseHost : appHost, port: 5432 }),
        ),
      ),
    closeAll: async () => {
      for (const { id } of await sidecar.list()) await sidecar.close(id);
      if (!(await eventually(async () => (await sessionsLeft()).length === 0)))
        assert.fail(`Sessions are left: ${JSON.stringify(await sessionsLeft(), null, 1)}`);
    },
    stop: async () => {
      await sidecar.running.stop();
      network.stop();
      await emulator.stop();
      for (const server of [app, first, second]) server.stop();
    },
  };
}

/** Tries until a connection has had its answer, as a tool that reconnects does. @param {number} port */
export async function answered(port) {
  const isThere = await eventually(async () => {
    try {
      const { echo, close } = await converse(port);
      const isRight = await echo(Buffer.from('still there?'));
      await close();
      return isRight;
    } catch {
      return false;
    }
  });
  assert.ok(isThere, `Port ${port} gives no answer.`);
}
