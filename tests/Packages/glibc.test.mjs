// Native programs run where VS Code runs: no symbol of glibc that is newer than its oldest Linux has.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { compareVersions, glibcFloor } from '../../scripts/lib/glibc.mjs';
import { temporaryFolder } from '../EndToEnd/peers.mjs';
import { chosen, programIn } from './chosen.mjs';

const run = promisify(execFile);

for (const platform of chosen.filter(each => each.startsWith('linux-'))) {
  describe(`The program for ${platform}`, () => {
    it(`asks for nothing newer than glibc ${glibcFloor}`, async () => {
      const file = `${await temporaryFolder('glibc')}/rds-tunnel`;
      await writeFile(file, (await programIn(platform)).content);
      const { stdout } = await run('readelf', ['--wide', '--version-info', file], { maxBuffer: 16e6 });
      const versions = [...new Set([...stdout.matchAll(/Name: GLIBC_([\d.]+)/g)].map(([, version = '']) => version))];
      assert.ok(versions.length > 0, stdout);
      assert.deepEqual(
        versions.filter(version => compareVersions(version, glibcFloor) > 0),
        [],
      );
    });
  });
}
