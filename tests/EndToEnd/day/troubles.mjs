// What happens to a laptop in a day. Each trouble begins and ends here; what comes of it is the day's business.
import { setTimeout as delay } from 'node:timers/promises';
import { signalGroup } from '../../../scripts/lib/processes.mjs';
import { eventually } from '../ports.mjs';
import { converse } from './traffic.mjs';

/** How long a trouble lasts: minutes and hours of a real day. */
const lastingMs = 2_000;

/**
 * @typedef {object} World
 * @property {import('../emulator.mjs').Emulator} emulator
 * @property {Awaited<ReturnType<typeof import('./network.mjs').startNetwork>>} network
 * @property {import('../sidecar.mjs').Sidecar} sidecar
 * @property {string[]} jumpHosts the first one is online
 * @property {number[]} clusterPorts local ports of the tunnels to the cluster
 * @property {Awaited<ReturnType<typeof import('./traffic.mjs').startNamedEcho>>[]} members of the cluster, the writer first
 * @property {() => Promise<void>} signIn a person signs in
 */

/** @typedef {{ name: string, click?: boolean, happen: (world: World) => Promise<void> }} Trouble `click`: a person is needed */

/** @param {World} world @param {import('./network.mjs').Weather} weather */
const whileNetworkIs = async ({ network }, weather) => {
  network.become(weather);
  await delay(lastingMs);
  network.become('up');
};

/** @param {World} world @param {object} plan */
const toAllSessions = async ({ emulator }, plan) => {
  for (const { id, state } of await emulator.sessions()) if (state === 'active') await emulator.control(`sessions/${id}/faults`, plan);
};

/** @param {World} world @param {string} output what the service says */
const endAllSessions = (world, output) => toAllSessions(world, { endSession: output });

/** @type {Trouble} */
const signInExpires = {
  name: 'The sign-in expires, credentials with it',
  click: true,
  happen: async ({ emulator, network, sidecar, signIn }) => {
    await emulator.control('expire-sign-ins');
    // What is open goes on until its socket is lost.
    network.breakAll();
    if (!(await eventually(async () => (await sidecar.list()).some(({ state }) => state === 'NeedsSignIn'))))
      throw new Error('Nobody asks for a sign-in.');
    await signIn();
  },
};

/** @type {Trouble[]} */
export const troubles = [
  {
    name: 'The laptop sleeps; its sockets are gone when it wakes',
    happen: async ({ sidecar, network }) => {
      signalGroup(sidecar.running.pid, 'SIGSTOP');
      network.breakAll();
      await delay(lastingMs);
      signalGroup(sidecar.running.pid, 'SIGCONT');
    },
  },
  {
    name: 'The network changes its address',
    happen: ({ network }) => {
      network.breakAll();
      return Promise.resolve();
    },
  },
  { name: 'The VPN is down: connections are refused', happen: world => whileNetworkIs(world, 'refused') },
  { name: 'The VPN is down: nothing answers', happen: world => whileNetworkIs(world, 'silent') },
  { name: 'DNS fails: the proxy finds no name of AWS', happen: world => whileNetworkIs(world, '503 Service Unavailable') },
  { name: 'The proxy demands credentials for a while', happen: world => whileNetworkIs(world, '407 Proxy Authentication Required') },
  signInExpires,
  signInExpires,
  {
    name: 'The jump host reboots',
    happen: async world => {
      const instanceId = world.jumpHosts[0];
      await toAllSessions(world, { killAgent: true });
      await world.emulator.control('instances', { instanceId, isOnline: false });
      await delay(lastingMs);
      await world.emulator.control('instances', { instanceId, isOnline: true });
      await endAllSessions(world, 'The instance was restarted.');
    },
  },
  {
    name: 'The jump host is replaced by another',
    happen: async world => {
      const [former, next] = world.jumpHosts.splice(0, 2);
      await world.emulator.control('instances', { instanceId: next, isOnline: true });
      await world.emulator.control('instances', { instanceId: former, isOnline: false });
      await endAllSessions(world, 'The instance was terminated.');
      world.jumpHosts.push(next ?? '', former ?? '');
    },
  },
  {
    name: 'The agent is upgraded and restarted',
    happen: async world => {
      for (const instanceId of world.jumpHosts) await world.emulator.control('instances', { instanceId, agentVersion: '3.3.9999.0' });
      await endAllSessions(world, 'The agent was restarted.');
    },
  },
  {
    name: 'The database fails over',
    happen: async ({ emulator, clusterPorts, members }) => {
      // Some connections end with a failover. Those that do not are the trouble.
      const ending = await Promise.all(clusterPorts.map(port => converse(port)));
      const staying = await Promise.all(clusterPorts.map(port => converse(port)));
      await emulator.control('fail-over', { cluster: 'orders' });
      members.reverse();
      for (const each of ending) each.askForTheEnd();
      if (!(await eventually(() => staying.every(each => each.isOver())))) throw new Error('Connections still lead to the former writer.');
      await Promise.all([...ending, ...staying].map(each => each.close()));
    },
  },
  { name: "The account's idle timeout ends sessions", happen: world => endAllSessions(world, 'Your session timed out due to inactivity.') },
  {
    name: "The account's maximum duration ends sessions",
    happen: world => endAllSessions(world, 'Your session has reached its maximum duration.'),
  },
  {
    name: 'StartSession is throttled',
    happen: async world => {
      await world.emulator.control('api-faults', { operation: 'StartSession', code: 'ThrottlingException', times: 8 });
      await endAllSessions(world, 'Ended, so that others have to be started.');
    },
  },
];
