// A Redis of this run's own, which takes TLS and a password, and nothing else: as ElastiCache with encryption in transit does.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { run } from '../../scripts/lib/processes.mjs';
import { createCertificates, openssl } from './certificates.mjs';
import { databaseHost, findProgram, freePort, serverUser, skipWithout, temporaryFolder } from './peers.mjs';
import { startServer } from './servers.mjs';

const server = findProgram('redis-server');
export const redisCli = findProgram('redis-cli');
/** False where a Redis can be started, or why not. */
export const redisMissing = skipWithout(server && redisCli && openssl, 'Redis (redis-server, redis-tools, openssl)');

/**
 * @typedef {import('./peers.mjs').Address & { authority: string, ask: (...command: string[]) =>
 * Promise<string[]>, stop: () => Promise<void> }} Redis
 * `authority`: a PEM file; `ask`: gives the lines of an answer
 */

/**
 * @param {{ certificateHost?: string, settings?: string[] }} [options] `settings`: more lines of redis.conf
 * @returns {Promise<Redis>}
 */
export async function startRedis({ certificateHost = databaseHost, settings = [] } = {}) {
  if (server === undefined) throw new Error('Redis is not installed: apt-get install redis-server');
  const folder = await temporaryFolder('redis');
  const { authority, certificate, key } = await createCertificates(folder, certificateHost);
  const password = randomBytes(12).toString('hex');
  const port = await freePort();
  await writeFile(
    `${folder}/redis.conf`,
    [
      'bind 127.0.0.1',
      'port 0',
      `tls-port ${port}`,
      `tls-cert-file ${certificate}`,
      `tls-key-file ${key}`,
      `tls-ca-cert-file ${authority}`,
      'tls-auth-clients no',
      `requirepass ${password}`,
      `dir ${folder}`,
      'save ""',
      'appendonly no',
      ...settings,
      '',
    ].join('\n'),
  );
  const user = await serverUser(['redis'], folder);
  const stop = await startServer({
    name: 'Redis',
    command: server,
    args: [`${folder}/redis.conf`],
    user,
    cwd: folder,
    env: { TMPDIR: folder },
    ready: /Ready to accept connections/,
  });
  /** @param {string[]} command */
  const ask = async (...command) => {
    const address = ['-p', String(port), '--tls', '--cacert', authority, '--sni', certificateHost, '--no-auth-warning', '--pass', password];
    const asked = await run(redisCli ?? '', [...address, ...command]);
    if (asked.code !== 0) throw new Error(`redis-cli failed:\n${asked.tail.join('\n')}`);
    return asked.tail;
  };
  return { host: '127.0.0.1', port, user: 'default', password, database: '0', authority, ask, stop };
}
