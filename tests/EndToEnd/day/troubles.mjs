// What happens to a laptop in a day. Each trouble begins and ends here; what comes of it is the day's business.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { signalGroup } from '../../../scripts/lib/processes.mjs';
import { eventually } from '../ports.mjs';
import { converse } from './conversation.mjs';
import { answered } from './laptop.mjs';

/** How long a trouble lasts: minutes and hours of a real day. */
const [shortMs, lastingMs] = [1_000, 2_000];

/** What comes back through the tunnels while they work. @typedef {import('./laptop.mjs').Laptop & { used: import('../sidecar.mjs').Tunnel[] }} World */

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

const idle = 'Your session timed out due to inactivity.';

/** Its sockets are gone when it wakes. @param {World} world @param {() => Promise<void>} [meanwhile] */
const sleep = async ({ sidecar, network }, meanwhile) => {
  signalGroup(sidecar.running.pid, 'SIGSTOP');
  network.breakAll();
  await meanwhile?.();
  await delay(meanwhile === undefined ? shortMs : lastingMs);
  signalGroup(sidecar.running.pid, 'SIGCONT');
};

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
  { name: 'The laptop sleeps for five minutes', happen: world => sleep(world) },
  {
    name: 'The laptop sleeps for three hours: sessions and credentials are over',
    happen: world =>
      sleep(world, async () => {
        await endAllSessions(world, idle);
        await world.emulator.control('expire-credentials');
      }),
  },
  {
    name: 'The network changes: connections break off',
    happen: ({ network }) => {
      network.breakAll();
      return Promise.resolve();
    },
  },
  {
    name: 'The address changes: connections are silent for ever',
    happen: ({ network }) => {
      network.abandonAll();
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
    name: 'The agent is restarted, of which the service hears late',
    happen: async world => {
      await toAllSessions(world, { killAgent: true });
      // Meanwhile new connections have their answers, through other sessions.
      await Promise.all(world.used.map(({ localPort }) => answered(localPort)));
      await endAllSessions(world, 'The agent was restarted.');
    },
  },
  {
    name: 'The agent is upgraded',
    happen: async world => {
      for (const instanceId of world.jumpHosts) await world.emulator.control('instances', { instanceId, agentVersion: '3.3.9999.0' });
      await endAllSessions(world, 'The agent was upgraded.');
    },
  },
  {
    name: 'The database fails over',
    happen: async ({ emulator, used, toCluster, members }) => {
      const ports = toCluster(used).map(({ localPort }) => localPort);
      // Some connections end with a failover. Those that do not are the trouble.
      const ending = await Promise.all(ports.map(port => converse(port)));
      const staying = await Promise.all(ports.map(port => converse(port)));
      await emulator.control('fail-over', { cluster: 'orders' });
      members.reverse();
      for (const each of ending) each.askForTheEnd();
      assert.ok(await eventually(() => staying.every(each => each.isOver())), 'Connections still lead to the former writer.');
      const next = await Promise.all(ports.map(port => converse(port)));
      for (const { server } of next) assert.equal(server, members[0]?.name, 'A new connection leads to the former writer.');
      await Promise.all([...ending, ...staying, ...next].map(each => each.close()));
    },
  },
  { name: "The account's idle timeout ends sessions", happen: world => endAllSessions(world, idle) },
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
