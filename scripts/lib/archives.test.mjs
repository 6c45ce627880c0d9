import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, it } from 'node:test';
import { debMissing } from './deb.mjs';
import { imageMissing } from './image.mjs';
import { run } from './processes.mjs';

/**
 * Makes each kind of archive of one program.
 * @param {{ zone: string, umask: number }} maker
 * @returns {Promise<Record<string, string>>} digests
 */
async function archivesBy({ zone, umask }) {
  const folder = await mkdtemp(`${tmpdir()}/rds-tunnel-archives-`);
  try {
    const program = `${folder}/rds-tunnel`;
    // An image has what a program of Linux is linked to.
    await (existsSync('/bin/true') ? copyFile('/bin/true', program) : writeFile(program, 'a program'));
    await utimes(program, umask, umask);
    const { code, tail } = await run(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `
      import { archive } from ${JSON.stringify(new URL('archives.mjs', import.meta.url).href)};
      process.umask(${umask});
      for (const [platform, form] of [['linux-x64', 'native'], ['win32-x64', 'readytorun']]) {
        await archive({ platform, form, folder: ${JSON.stringify(folder)}, program: ${JSON.stringify(program)} }, ${JSON.stringify(`${folder}/cli`)});
      }`,
      ],
      { env: { TZ: zone, NODE_TEST_CONTEXT: undefined } },
    );
    assert.equal(code, 0, tail.join('\n'));
    const names = (await readdir(`${folder}/cli`)).sort();
    return Object.fromEntries(
      await Promise.all(
        names.map(async name => [
          name,
          createHash('sha256')
            .update(await readFile(`${folder}/cli/${name}`))
            .digest('hex'),
        ]),
      ),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

const imageMade = imageMissing({ platform: 'linux-x64', form: 'native', program: '', folder: '' }) === undefined;

describe('Archives', () => {
  it('are the same bytes, whoever makes them, where and when', async () => {
    const [here, there] = await Promise.all(
      [
        { zone: 'UTC', umask: 0o022 },
        { zone: 'America/New_York', umask: 0o077 },
      ].map(archivesBy),
    );
    assert.deepEqual(
      Object.keys(here ?? {})
        .map(name => name.replace(/.*?(\.oci\.tar|\.tar\.gz|\.zip|\.deb)$/, '$1'))
        .sort(),
      [...(debMissing === undefined ? ['.deb'] : []), ...(imageMade ? ['.oci.tar'] : []), '.tar.gz', '.zip'],
    );
    assert.deepEqual(here, there);
  });
});
