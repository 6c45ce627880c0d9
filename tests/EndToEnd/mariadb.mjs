// A MariaDB of this run's own, in a temporary folder. Its protocol is one in which the server speaks first.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { run } from '../../scripts/lib/processes.mjs';
import { createCertificates, openssl } from './certificates.mjs';
import { createTokenService } from './pam.mjs';
import { databaseHost, findProgram, freePort, serverUser, skipWithout, temporaryFolder } from './peers.mjs';
import { startServer } from './servers.mjs';

const server = findProgram('mariadbd', ['/usr/sbin', '/usr/libexec']);
const install = findProgram('mariadb-install-db');
/** False where a MariaDB can be started, or why not. */
export const mariadbMissing = skipWithout(server && install && openssl, 'MariaDB (with openssl)');

/**
 * @param {{ tokensFor?: string, users?: Record<string, string>, certificateHost?: string }}
 * [options] `tokensFor`: a user who signs in with a token, as with IAM;
 *   `users`: more of them, with what stands after IDENTIFIED
 * @returns {Promise<import('./peers.mjs').Address & { authority: string, stop: () => Promise<void> }>} `authority`: a PEM file
 */
export async function startMariaDB({ tokensFor, users = {}, certificateHost = databaseHost } = {}) {
  if (server === undefined || install === undefined) throw new Error('MariaDB is not installed: apt-get install mariadb-server');
  const folder = await temporaryFolder('mariadb');
  const { authority, certificate, key } = await createCertificates(folder, certificateHost);
  const password = randomBytes(12).toString('hex');
  const service = tokensFor === undefined ? undefined : await createTokenService(folder, tokensFor);
  const accounts = Object.entries({
    orders: `BY '${password}'`,
    ...users,
    ...(tokensFor === undefined ? {} : { [tokensFor]: `VIA pam USING '${service}'` }),
  });
  // The server reads one statement a line.
  await writeFile(
    `${folder}/init.sql`,
    [
      'CREATE DATABASE orders;',
      ...accounts.flatMap(([name, identified]) => [
        `CREATE USER '${name}'@'%' IDENTIFIED ${identified} REQUIRE SSL;`,
        `GRANT ALL ON orders.* TO '${name}'@'%';`,
      ]),
      '',
    ].join('\n'),
  );
  const user = await serverUser(['mysql'], folder);
  const data = `${folder}/data`;
  // A server that starts deletes whatever looks like a temporary table of a former one, and another's with it.
  const env = { TMPDIR: folder };
  const made = await run(
    install,
    ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', '--skip-log-bin'],
    { user, cwd: folder, env },
  );
  if (made.code !== 0) throw new Error(`mariadb-install-db failed:\n${made.tail.join('\n')}`);

  const port = await freePort();
  const stop = await startServer({
    name: 'MariaDB',
    command: server,
    args: [
      '--no-defaults',
      `--datadir=${data}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${folder}/socket`,
      `--pid-file=${folder}/pid`,
      `--init-file=${folder}/init.sql`,
      '--skip-name-resolve',
      '--max-connections=250',
      '--innodb-flush-log-at-trx-commit=0',
      // A driver that starts slowly is not hung up on in the middle of its TLS: 10 s as a rule.
      '--connect-timeout=600',
      '--max-allowed-packet=64M',
      `--ssl-ca=${authority}`,
      `--ssl-cert=${certificate}`,
      `--ssl-key=${key}`,
      ...(Object.values(users).some(identified => identified.startsWith('VIA ed25519')) ? ['--plugin-load-add=auth_ed25519'] : []),
      ...(Object.values(users).some(identified => identified.startsWith('VIA mysql_old_password')) ? ['--secure-auth=OFF'] : []),
      ...(service === undefined ? [] : ['--plugin-load-add=auth_pam_v1', '--pam-use-cleartext-plugin']),
    ],
    user,
    cwd: folder,
    env,
    ready: /ready for connections/,
  });
  return { host: '127.0.0.1', port, user: 'orders', password, database: 'orders', authority, stop };
}
