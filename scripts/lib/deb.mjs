// A package for Debian, made by Debian's own tool. Nothing runs when it is installed or removed.
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { glibcFloor } from './glibc.mjs';
import { isOnPath } from './native.mjs';
import { root } from './paths.mjs';
import { run } from './processes.mjs';
import { place } from './staging.mjs';

/** What .NET loads when it first needs it: TLS is OpenSSL's, of whichever age the system has. */
const dependencies = 'libssl3t64 | libssl3 | libssl1.1, ca-certificates';

/** @type {Record<string, 'amd64' | 'arm64' | undefined>} */
const architectures = { 'linux-x64': 'amd64', 'linux-arm64': 'arm64' };

/**
 * Whether a program is one for Debian: native code, and for a processor of Debian's.
 * @param {import('./publish.mjs').Published} published
 */
export const isForDebian = ({ platform, form }) => form === 'native' && architectures[platform] !== undefined;

/** Why none can be made here; undefined when one can. */
export const debMissing = isOnPath('dpkg-deb') ? undefined : 'no package for Debian without dpkg-deb';

/**
 * @param {import('./publish.mjs').Published} published one that is for Debian
 * @param {{ version: string, folder: string, time: Date }} how
 * @returns {Promise<string>} the file
 */
export async function makeDeb({ platform, program }, { version, folder, time }) {
  const architecture = architectures[platform] ?? '';
  const staging = `${folder}/debian`;
  const path = `${folder}/rds-tunnel_${version}_${architecture}.deb`;
  const [binary, copyright] = ['usr/bin/rds-tunnel', 'usr/share/doc/rds-tunnel/copyright'];
  await rm(staging, { recursive: true, force: true });
  try {
    await place(program, staging, binary, 0o755);
    await place(`${root}LICENSE`, staging, copyright, 0o644);
    await mkdir(`${staging}/DEBIAN`);
    await writeFile(
      `${staging}/DEBIAN/control`,
      `Package: rds-tunnel
Version: ${version}
Architecture: ${architecture}
Maintainer: RDS Tunnel contributors <noreply@example.com>
Installed-Size: ${Math.ceil((await stat(program)).size / 1_024)}
Depends: libc6 (>= ${glibcFloor}), ${dependencies}
Section: net
Priority: optional
Description: reach private AWS databases through SSM Session Manager
 Opens a tunnel from a local port to a database in a VPC, through a jump host
 that runs the SSM agent. It needs neither the AWS CLI nor its plugin.
`,
    );
    const sums = await Promise.all(
      [binary, copyright].map(
        async name =>
          `${createHash('md5')
            .update(await readFile(`${staging}/${name}`))
            .digest('hex')}  ${name}\n`,
      ),
    );
    await writeFile(`${staging}/DEBIAN/md5sums`, sums.join(''));
    for (const [name, mode] of /** @type {const} */ ([
      ['', 0o755],
      ['DEBIAN', 0o755],
      ['DEBIAN/control', 0o644],
      ['DEBIAN/md5sums', 0o644],
    ]))
      await chmod(`${staging}/${name}`, mode);
    const { code, tail } = await run('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z9', '--build', staging, path], {
      env: { SOURCE_DATE_EPOCH: String(time.getTime() / 1_000) },
    });
    if (code !== 0) throw new Error(`dpkg-deb failed:\n${tail.join('\n')}`);
    return path;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
