// macOS runs no program on Apple's processors that is not signed, and kills one whose pages are not
// what was signed. An ad hoc signature (nobody's) suffices.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chosen, programIn } from './chosen.mjs';
import { adHoc, verifySignature } from './code-signature.mjs';

for (const platform of chosen.filter(each => each.startsWith('darwin'))) {
  describe(`The signature of the program for ${platform}`, () => {
    it("is nobody's, and fits every page", async () => {
      const { flags, identifier, pages, wrongPages, coversAll } = verifySignature((await programIn(platform)).content);
      assert.deepEqual(
        { isAdHoc: (flags & adHoc) !== 0, identifier, wrongPages, coversAll },
        { isAdHoc: true, identifier: 'rds-tunnel', wrongPages: [], coversAll: true },
      );
      assert.ok(pages > 1_000);
    });

    it('fits no longer when one byte is another', async () => {
      const { content } = await programIn(platform);
      const changed = Buffer.from(content);
      changed[5_000_000] = Number(changed[5_000_000]) ^ 1;
      assert.deepEqual(verifySignature(changed).wrongPages.length, 1);
    });
  });
}
