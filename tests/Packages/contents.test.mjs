// What users install: exactly what contents.json names, of the right kind for its platform.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { ownPlatform, portable } from '../../scripts/lib/publish.mjs';
import { mostBytes, vsixOf } from '../../scripts/lib/vsix.mjs';
import { temporaryFolder } from '../EndToEnd/peers.mjs';
import { chosen, extensionFiles, programIn } from './chosen.mjs';
import { entriesOf } from './zip-reader.mjs';

const run = promisify(execFile);
const contents = /** @type {{ everywhere: string[], sidecar: Record<string, string[]> }} */ (
  JSON.parse(await readFile(new URL('contents.json', import.meta.url), 'utf8'))
);
const howToChange = 'If that is meant: npm run package -- --all && node tests/Packages/write-contents.mjs';

/**
 * How the program of each platform begins: its format, the processor, and for whose loader.
 * @type {Record<string, { magic: string, at: number, processor: string, loader?: string }>}
 */
const kinds = {
  'linux-x64': { magic: '7f454c4602', at: 18, processor: '3e00', loader: '/lib64/ld-linux-x86-64.so.2' },
  'linux-arm64': { magic: '7f454c4602', at: 18, processor: 'b700', loader: '/lib/ld-linux-aarch64.so.1' },
  'alpine-x64': { magic: '7f454c4602', at: 18, processor: '3e00', loader: '/lib/ld-musl-x86_64.so.1' },
  'darwin-x64': { magic: 'cffaedfe', at: 4, processor: '07000001' },
  'darwin-arm64': { magic: 'cffaedfe', at: 4, processor: '0c000001' },
  'win32-x64': { magic: '4d5a', at: -1, processor: '6486' },
};

for (const platform of chosen) {
  describe(`The package for ${platform}`, () => {
    it('holds what is needed, and nothing else', async () => {
      const expected = [...contents.everywhere, ...(contents.sidecar[platform] ?? [])].sort();
      assert.deepEqual([...(await extensionFiles(platform)).keys()].sort(), expected, howToChange);
      assert.ok((await stat(vsixOf(platform))).size < mostBytes);
    });

    it('says for whom it is', async () => {
      const manifest = (await entriesOf(vsixOf(platform)))
        .find(({ name }) => name === 'extension.vsixmanifest')
        ?.content()
        .toString();
      assert.equal(/TargetPlatform="([^"]+)"/.exec(String(manifest))?.[1], platform === portable ? undefined : platform);
    });

    const kind = kinds[platform];
    if (kind === undefined) return;

    it('has a program of that platform that may be executed', async () => {
      const { mode, content } = await programIn(platform);
      assert.equal(content.subarray(0, kind.magic.length / 2).toString('hex'), kind.magic);
      const at = kind.at < 0 ? content.readUInt32LE(0x3c) + 4 : kind.at;
      assert.equal(content.subarray(at, at + kind.processor.length / 2).toString('hex'), kind.processor);
      if (kind.loader !== undefined) assert.ok(content.subarray(0, 4_096).includes(`${kind.loader}\0`), kind.loader);
      assert.equal(mode & 0o111, 0o111);
    });
  });
}

describe('A sidecar that is taken out of its package', () => {
  for (const platform of chosen.filter(each => each === ownPlatform || each === portable)) {
    it(`runs: ${platform}`, async () => {
      const folder = await temporaryFolder('vsix');
      for (const [name, entry] of [...(await extensionFiles(platform))].filter(([each]) => each.startsWith('sidecar/bin/'))) {
        await mkdir(dirname(`${folder}/${name}`), { recursive: true });
        await writeFile(`${folder}/${name}`, entry.content());
        await chmod(`${folder}/${name}`, entry.mode & 0o777);
      }
      const bin = `${folder}/sidecar/bin`;
      const [file, args] = platform === portable ? ['dotnet', [`${bin}/rds-tunnel.dll`]] : [`${bin}/rds-tunnel`, []];
      const { stdout } = await run(file, [...args, '--version']);
      assert.match(stdout, /^\d+\.\d+\.\d+/);
    });
  }
});
