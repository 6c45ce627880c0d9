// A certificate authority, and a server certificate for a name, as RDS has them.
import { execFileSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { findProgram } from './peers.mjs';

export const openssl = findProgram('openssl');

/** @typedef {{ authority: string, certificate: string, key: string }} Certificates PEM files */

/**
 * @param {string} folder
 * @param {string} host
 * @returns {Promise<Certificates>}
 */
export async function createCertificates(folder, host) {
  createAuthority(folder);
  return issueCertificate(folder, 'server', [host]);
}

/** @param {string} folder where its certificates will be */
export function createAuthority(folder) {
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
    `${folder}/authority.key`,
    '-out',
    `${folder}/authority.pem`,
  );
}

/**
 * @param {string} folder with an authority
 * @param {string} name of the files
 * @param {string[]} hosts
 * @param {string} [usage]
 * @returns {Promise<Certificates>}
 */
export async function issueCertificate(folder, name, hosts, usage = 'serverAuth') {
  const file = (/** @type {string} */ ending) => `${folder}/${name}.${ending}`;
  run(...newKey, '-subj', '/CN=database', '-keyout', file('key'), '-out', file('csr'));
  await writeFile(file('ext'), `subjectAltName=${hosts.map(host => `DNS:${host}`).join(',')}\nextendedKeyUsage=${usage}\n`);
  run(
    'x509',
    '-req',
    '-days',
    '2',
    '-in',
    file('csr'),
    '-CA',
    `${folder}/authority.pem`,
    '-CAkey',
    `${folder}/authority.key`,
    '-CAcreateserial',
    '-extfile',
    file('ext'),
    '-out',
    file('pem'),
  );
  await chmod(file('key'), 0o600);
  return { authority: `${folder}/authority.pem`, certificate: file('pem'), key: file('key') };
}

const newKey = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** @param {string[]} args */
const run = (...args) => execFileSync(openssl ?? 'openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
