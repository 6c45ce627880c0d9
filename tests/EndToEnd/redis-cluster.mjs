// A cluster of this run's own, as ElastiCache has them: TLS alone, a name and a certificate for each
// node, and one name for all of them.
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { run } from '../../scripts/lib/processes.mjs';
import { createAuthority, issueCertificate } from './certificates.mjs';
import { findProgram, freePort, serverUser, temporaryFolder } from './peers.mjs';
import { eventually } from './ports.mjs';
import { redisCli } from './redis.mjs';
import { startServer } from './servers.mjs';

const domain = 'carts.abc123.euc1.cache.amazonaws.com';
/** The cluster's configuration endpoint, which leads to the first node. */
export const clusterHost = `clustercfg.${domain}`;
const slots = 16_384;
const primaries = 3;

/**
 * @typedef {{ host: string, port: number, busPort: number, ask: (...command: string[]) => Promise<string[]>, stop: () => Promise<void> }} Node
 */

/**
 * Three primaries, and a replica of the first one.
 * @param {{ settings?: string[] }} [options] `settings`: more lines of redis.conf
 */
export async function startRedisCluster({ settings = [] } = {}) {
  const folder = await temporaryFolder('redis-cluster');
  createAuthority(folder);
  const password = randomBytes(12).toString('hex');
  /** @type {Node[]} */
  const nodes = [];
  const stop = async () => {
    await Promise.all(nodes.map(node => node.stop()));
  };
  try {
    for (const name of ['carts-0001-001', 'carts-0002-001', 'carts-0003-001', 'carts-0001-002']) {
      nodes.push(await startNode(folder, `${name}.${domain}`, password, settings));
    }

    const [first, , , replica] = /** @type {[Node, Node, Node, Node]} */ (nodes);
    const share = Math.ceil(slots / primaries);
    for (const [i, node] of nodes.slice(0, primaries).entries()) {
      await node.ask('CLUSTER', 'ADDSLOTSRANGE', String(i * share), String(Math.min(slots, (i + 1) * share) - 1));
    }
    for (const node of nodes.slice(1)) await first.ask('CLUSTER', 'MEET', '127.0.0.1', String(node.port), String(node.busPort));
    await until(nodes, async node => (await knownTo(node)).length === nodes.length);
    const [firstId] = await first.ask('CLUSTER', 'MYID');
    await replica.ask('CLUSTER', 'REPLICATE', firstId ?? '');
    // Everybody knows everybody's name and role.
    await until(nodes, async node => {
      const known = await knownTo(node);
      const isOk = (await node.ask('CLUSTER', 'INFO')).some(line => line.trim() === 'cluster_state:ok');
      return isOk && known.every(line => line.includes(domain)) && known.filter(line => /\bslave\b/.test(line)).length === 1;
    });
    await until([replica], async node => (await node.ask('INFO', 'replication')).some(line => line.trim() === 'master_link_status:up'));
    return { host: clusterHost, port: first.port, authority: `${folder}/authority.pem`, password, nodes, replica, stop };
  } catch (e) {
    await stop();
    throw e;
  }
}

/** @param {Node} node */
const knownTo = async node => (await node.ask('CLUSTER', 'NODES')).filter(line => line.includes('@'));

/**
 * @param {Node[]} nodes
 * @param {(node: Node) => Promise<boolean>} condition
 */
async function until(nodes, condition) {
  for (const node of nodes) {
    if (!(await eventually(() => condition(node)))) {
      throw new Error(`The cluster doesn't come together:\n${(await node.ask('CLUSTER', 'NODES')).join('\n')}`);
    }
  }
}

/**
 * @param {string} folder
 * @param {string} host
 * @param {string} password
 * @param {string[]} settings
 * @returns {Promise<Node>}
 */
async function startNode(folder, host, password, settings) {
  const own = `${folder}/${host}`;
  await mkdir(own);
  const { authority, certificate, key } = await issueCertificate(folder, host, [host, clusterHost], 'serverAuth,clientAuth'); // nodes speak to each other
  const [port, busPort] = [await freePort(), await freePort()];
  await writeFile(
    `${own}/redis.conf`,
    [
      'bind 127.0.0.1',
      'port 0',
      `tls-port ${port}`,
      `tls-cert-file ${certificate}`,
      `tls-key-file ${key}`,
      `tls-ca-cert-file ${authority}`,
      'tls-auth-clients no',
      'tls-replication yes',
      'tls-cluster yes',
      'cluster-enabled yes',
      `cluster-port ${busPort}`,
      `cluster-announce-hostname ${host}`,
      'cluster-preferred-endpoint-type hostname',
      'cluster-node-timeout 60000', // a busy machine fails over when it is told to, and not before
      'repl-diskless-sync-delay 0',
      `requirepass ${password}`,
      `masterauth ${password}`,
      `dir ${own}`,
      'save ""',
      'appendonly no',
      ...settings,
      '',
    ].join('\n'),
  );
  const user = await serverUser(['redis'], folder);
  const stop = await startServer({
    name: `Redis ${host}`,
    command: findProgram('redis-server') ?? 'redis-server',
    args: [`${own}/redis.conf`],
    user,
    cwd: own,
    env: { TMPDIR: own },
    ready: /Ready to accept connections/,
  });
  /** @param {string[]} command */
  const ask = async (...command) => {
    const address = ['-p', String(port), '--tls', '--cacert', authority, '--sni', host, '--no-auth-warning', '--pass', password];
    const asked = await run(redisCli ?? '', [...address, ...command]);
    if (asked.code !== 0 || asked.tail.some(line => line.startsWith('ERR ')))
      throw new Error(`redis-cli failed:\n${asked.tail.join('\n')}`);
    return asked.tail;
  };
  return { host, port, busPort, ask, stop };
}
