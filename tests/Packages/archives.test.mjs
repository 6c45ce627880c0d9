// The command line alone, as it is downloaded: unpacked by the systems' own tools.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { artifacts, root } from '../../scripts/lib/paths.mjs';
import { ownPlatform, portable } from '../../scripts/lib/publish.mjs';
import { findProgram, skipWithout, temporaryFolder } from '../EndToEnd/peers.mjs';
import { chosen } from './chosen.mjs';
import { entriesOf } from './zip-reader.mjs';

const run = promisify(execFile);
const folder = `${artifacts}/cli`;
const { version } = /** @type {{ version: string }} */ (JSON.parse(await readFile(`${root}package.json`, 'utf8')));
const isZip = (/** @type {string} */ platform) => platform.startsWith('win32') || platform === portable;

for (const platform of chosen) {
  const name = `rds-tunnel-${version}-${platform}`;
  describe(`The archive for ${platform}`, () => {
    it('has the program, which may be executed, and the license, in a folder of its own', async () => {
      if (isZip(platform)) {
        const names = (await entriesOf(`${folder}/${name}.zip`)).map(entry => entry.name);
        assert.ok(names.includes(`${name}/${platform === portable ? 'rds-tunnel.dll' : 'rds-tunnel.exe'}`), names.join('\n'));
        assert.ok(names.includes(`${name}/LICENSE`) && names.every(each => each.startsWith(`${name}/`)));
        return;
      }
      const unpacked = await temporaryFolder('archive');
      await run('tar', ['-xzf', `${folder}/${name}.tar.gz`, '-C', unpacked]);
      assert.deepEqual([await readdir(unpacked), await readdir(`${unpacked}/${name}`)], [[name], ['LICENSE', 'rds-tunnel']]);
      assert.equal((await stat(`${unpacked}/${name}/rds-tunnel`)).mode & 0o777, 0o755);
      if (platform === ownPlatform) assert.equal((await run(`${unpacked}/${name}/rds-tunnel`, ['--version'])).stdout.trim(), version);
    });

    it('is what its checksum says', async () => {
      const sums = await readFile(`${folder}/SHA256SUMS`, 'utf8');
      assert.match(sums, new RegExp(`^[0-9a-f]{64}  ${name.replaceAll('.', '\\.')}\\.`, 'm'));
      await run('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: folder });
    });
  });
}

const python = findProgram('python3');

describe('The archives that are zipped', { skip: skipWithout(python, 'python3') }, () => {
  for (const platform of chosen.filter(isZip)) {
    it(`are sound to others' readers: ${platform}`, async () => {
      const { stdout } = await run(String(python), [
        '-c',
        'import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).testzip())',
        `${folder}/rds-tunnel-${version}-${platform}.zip`,
      ]);
      assert.equal(stdout.trim(), 'None');
    });
  }
});

const dpkg = findProgram('dpkg');
const isRoot = process.getuid?.() === 0;

describe('The package for Debian', { skip: skipWithout(isRoot ? dpkg : undefined, 'dpkg, run as root,') }, () => {
  for (const [platform, architecture] of [
    ['linux-x64', 'amd64'],
    ['linux-arm64', 'arm64'],
  ].filter(([each = '']) => chosen.includes(each))) {
    it(`is installed, runs, and leaves nothing when it is removed: ${architecture}`, async () => {
      const system = await temporaryFolder('debian');
      const installed = `${system}/usr/bin/rds-tunnel`;
      // A system of its own, without its libraries: what the package depends on is this machine's.
      await run('mkdir', ['-p', `${system}/var/lib/dpkg/info`, `${system}/var/lib/dpkg/updates`]);
      await run('touch', [`${system}/var/lib/dpkg/status`]);
      const inIt = (/** @type {string[]} */ ...args) =>
        run('dpkg', [`--root=${system}`, '--force-depends', '--force-architecture', ...args]);
      await inIt('--install', `${folder}/rds-tunnel_${version}_${architecture}.deb`);
      assert.equal((await stat(installed)).mode & 0o777, 0o755);
      if (platform === ownPlatform) assert.equal((await run(installed, ['--version'])).stdout.trim(), version);
      assert.match(
        (await run('dpkg-query', [`--admindir=${system}/var/lib/dpkg`, '--show'])).stdout,
        new RegExp(`^rds-tunnel(:${architecture})?\\t${version.replaceAll('.', '\\.')}$`, 'm'),
      );
      await inIt('--purge', 'rds-tunnel');
      assert.equal(existsSync(installed), false);
      assert.deepEqual(
        (await readdir(system)).filter(each => each !== 'var'),
        [],
      );
    });
  }
});
