import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { load } from './load.mjs';

const { findProgram } = await load('sidecar/program');
const packaged = process.platform === 'win32' ? 'sidecar/bin/rds-tunnel.exe' : 'sidecar/bin/rds-tunnel';
const built = (/** @type {string} */ configuration) => `sidecar/Host/bin/${configuration}/net10.0/rds-tunnel.dll`;

describe('The sidecar that is started', () => {
  /** @type {string} */
  let folder;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rds-tunnel-program-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** @param {string} path @param {number} seconds since the epoch */
  const file = async (path, seconds = 1) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), '');
    await utimes(join(folder, path), seconds, seconds);
  };

  it('is the packaged one before all others', async () => {
    for (const path of [packaged, 'sidecar/bin/rds-tunnel.dll', built('Debug')]) await file(path);
    assert.deepEqual(findProgram(folder), { command: join(folder, packaged), args: [] });
  });

  it('runs on an installed .NET when the package is the portable one', async () => {
    await file('sidecar/bin/rds-tunnel.dll');
    assert.deepEqual(findProgram(folder), { command: 'dotnet', args: [join(folder, 'sidecar/bin/rds-tunnel.dll')] });
  });

  it('is the one that was built last where nothing is packaged', async () => {
    await file(built('Release'), 1);
    await file(built('Debug'), 2);
    assert.deepEqual(findProgram(folder), { command: 'dotnet', args: [join(folder, built('Debug'))] });
  });

  it('is none where there is none', () => {
    assert.equal(findProgram(folder), undefined);
  });
});
