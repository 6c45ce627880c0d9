// What users install: what is in it, and that it runs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';
import { artifacts } from '../../scripts/lib/paths.mjs';
import { portable } from '../../scripts/lib/publish.mjs';
import { mostBytes, packageFor } from '../../scripts/lib/vsix.mjs';
import { temporaryFolder } from '../EndToEnd/peers.mjs';

const run = promisify(execFile);
const everywhere = [
  'package.json', 'package.nls.json', 'package.nls.de.json', 'readme.md', 'changelog.md', 'LICENSE.txt', 'extension/api.d.ts', 'extension/dist/details.js', 'extension/dist/extension.js',
  'extension/l10n/bundle.l10n.de.json', 'extension/media/icon.png', 'extension/media/team-file.md', 'extension/media/tunnel.svg', 'extension/schemas/rds-tunnels.schema.json',
  'docs/images/editor-databases.png', 'docs/images/editor-tunnel.png', // in the walkthrough
  'docs/permissions.md', 'docs/jump-host/cloudformation.yaml', 'docs/jump-host/main.tf',
];

/** @typedef {{ name: string, mode: number, content: () => Buffer }} Entry */

/** The files of a zip: names, Unix modes, contents. @param {string} path */
async function entriesOf(path) {
  const zip = await readFile(path);
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  /** @type {Entry[]} */
  const entries = [];
  for (let at = zip.readUInt32LE(end + 16), left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [method, packed, nameLength, extra, comment, local] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32), zip.readUInt32LE(at + 42)];
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    entries.push({
      name: zip.toString('utf8', at + 46, at + 46 + nameLength), mode: zip.readUInt32LE(at + 38) >>> 16,
      content: () => method === 0 ? zip.subarray(start, start + packed) : inflateRawSync(zip.subarray(start, start + packed)),
    });
    at += 46 + nameLength + extra + comment;
  }
  return entries.filter(({ name }) => name.startsWith('extension/') && !name.endsWith('/')).map(entry => ({ ...entry, name: entry.name.slice('extension/'.length) }));
}

/** @param {Entry[]} entries @param {string} name */
async function unpack(entries, name) {
  const folder = await temporaryFolder('vsix');
  for (const entry of entries.filter(each => each.name.startsWith('sidecar/bin/'))) {
    await mkdir(dirname(`${folder}/${entry.name}`), { recursive: true });
    await writeFile(`${folder}/${entry.name}`, entry.content(), { mode: entry.mode & 0o777 });
  }
  return `${folder}/${name}`;
}

const names = (/** @type {Entry[]} */ entries) => entries.map(({ name }) => name).filter(name => !name.startsWith('sidecar/bin/')).sort();

describe('The package for linux-x64', () => {
  const path = `${artifacts}/vsix/rds-tunnel-linux-x64.vsix`;

  it('holds what is needed, and nothing else', async () => {
    const entries = await entriesOf(path);
    assert.deepEqual(names(entries), [...everywhere].sort());
    assert.deepEqual(entries.filter(({ name }) => name.startsWith('sidecar/')).map(({ name }) => name), ['sidecar/bin/rds-tunnel']);
    assert.ok((await stat(path)).size < mostBytes);
  });

  it('has a sidecar that may be executed, and runs', async () => {
    const entries = await entriesOf(path);
    assert.equal(Number(entries.find(({ name }) => name === 'sidecar/bin/rds-tunnel')?.mode) & 0o111, 0o111);
    const { stdout } = await run(await unpack(entries, 'sidecar/bin/rds-tunnel'), ['--version']);
    assert.match(stdout, /^0\.1\.0/);
  });
});

describe('The portable package', () => {
  it('holds what is needed, and a sidecar that any .NET runs', async () => {
    await packageFor(portable);
    const entries = await entriesOf(`${artifacts}/vsix/rds-tunnel-portable.vsix`);
    assert.deepEqual(names(entries), [...everywhere].sort());
    assert.deepEqual(entries.filter(({ name }) => name.startsWith('sidecar/') && !/\.(dll|runtimeconfig\.json|deps\.json)$/.test(name)), []);
    const { stdout } = await run('dotnet', [await unpack(entries, 'sidecar/bin/rds-tunnel.dll'), '--version']);
    assert.match(stdout, /^0\.1\.0/);
  });
});
