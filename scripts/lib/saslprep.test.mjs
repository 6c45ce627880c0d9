// The sidecar's own NFKC is compared with Node's: both make the digests of tests/vectors/nfkc.json.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { root } from './paths.mjs';

it("the digests are those of Node's normalization", async () => {
  const vectors = /** @type {{ pool: [number, number][], sequences: number, digests: object }} */ (
    JSON.parse(await readFile(`${root}tests/vectors/nfkc.json`, 'utf8'))
  );
  const tables = await readFile(`${root}sidecar/Databases/PostgreSql/saslprep.txt`, 'utf8');
  const unassigned = (/^unassigned (.*)$/m.exec(tables)?.[1] ?? '')
    .split(' ')
    .map(range => range.split('-').map(code => Number.parseInt(code, 16)));
  const isKnown = new Uint8Array(0x110000).fill(1);
  isKnown.fill(0, 0xd800, 0xe000);
  for (const [first = 0, last = 0] of unassigned) isKnown.fill(0, first, last + 1);

  const each = createHash('sha256');
  for (let code = 0; code < isKnown.length; code++) if (isKnown[code]) each.update(`${String.fromCodePoint(code).normalize('NFKC')}\n`);

  const sequences = createHash('sha256');
  let state = 1;
  const next = (/** @type {number} */ below) => (state = (state * 48_271) % 2_147_483_647) % below;
  for (let i = 0; i < vectors.sequences; i++) {
    let text = '';
    for (let length = 2 + next(4); length > 0; length--) {
      const [first, last] = vectors.pool[next(vectors.pool.length)] ?? [0, 0];
      const code = first + next(last - first + 1);
      if (isKnown[code]) text += String.fromCodePoint(code);
    }
    sequences.update(`${text.normalize('NFKC')}\n`);
  }
  assert.deepEqual({ each: each.digest('hex'), sequences: sequences.digest('hex') }, vectors.digests);
});
