// A certificate authority, and a server certificate for a name, as RDS has them.
import { execFileSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { findProgram } from './peers.mjs';

export const openssl = findProgram('openssl');

/**
 * @param {string} folder
 * @param {string} host
 * @returns {Promise<{ authority: string, certificate: string, key: string }>} PEM files
 */
export async function createCertificates(folder, host) {
  const file = (/** @type {string} */ name) => `${folder}/${name}`;
  const run = (/** @type {string[]} */ ...args) => execFileSync(openssl ?? 'openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const newKey = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  run(
    ...newKey,
    '-x509',
    '-days',
    '2',
    '-subj',
    '/CN=RDS Tunnel test authority',
    '-addext',
    'basicConstraints=critical,CA:TRUE',
    '-keyout',
    file('authority.key'),
    '-out',
    file('authority.pem'),
  );
  run(...newKey, '-subj', '/CN=database', '-keyout', file('server.key'), '-out', file('server.csr'));
  await writeFile(file('server.ext'), `subjectAltName=DNS:${host}\nextendedKeyUsage=serverAuth\n`);
  run(
    'x509',
    '-req',
    '-days',
    '2',
    '-in',
    file('server.csr'),
    '-CA',
    file('authority.pem'),
    '-CAkey',
    file('authority.key'),
    '-CAcreateserial',
    '-extfile',
    file('server.ext'),
    '-out',
    file('server.pem'),
  );
  await chmod(file('server.key'), 0o600);
  return { authority: file('authority.pem'), certificate: file('server.pem'), key: file('server.key') };
}
