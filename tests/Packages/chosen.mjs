// Which packages are looked at: those that RDS_TUNNEL_PACKAGES names, else this machine's. They have to be there already (npm run package).
import { existsSync } from 'node:fs';
import { entriesOf } from './zip-reader.mjs';
import { ownPlatform, portable } from '../../scripts/lib/publish.mjs';
import { vsixOf } from '../../scripts/lib/vsix.mjs';

/** @typedef {import('./zip-reader.mjs').Entry} Entry */

/** @type {string[]} */
export const chosen = process.env.RDS_TUNNEL_PACKAGES?.split(',') ?? [ownPlatform ?? portable];

/**
 * The extension's files in the package of a platform, by their names below the extension's folder.
 * @param {string} platform
 * @returns {Promise<Map<string, Entry>>}
 */
export async function extensionFiles(platform) {
  const path = vsixOf(platform);
  if (!existsSync(path)) throw new Error(`${path} is not there: npm run package -- --target ${platform}`);
  return new Map(
    (await entriesOf(path))
      .filter(({ name }) => name.startsWith('extension/'))
      .map(entry => [entry.name.slice('extension/'.length), entry]),
  );
}

/** The sidecar's own program in the package. @param {string} platform */
export async function programIn(platform) {
  const entry = (await extensionFiles(platform)).get(`sidecar/bin/rds-tunnel${platform.startsWith('win32') ? '.exe' : ''}`);
  if (entry === undefined) throw new Error(`The package for ${platform} has no program.`);
  return { mode: entry.mode, content: entry.content() };
}
