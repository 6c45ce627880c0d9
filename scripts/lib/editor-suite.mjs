// The suite in a real editor: what it needs is installed and packaged first.
import { bundleExtension } from './checks.mjs';
import { editorMissing, installEditor } from './editor.mjs';
import { nodeSuites } from './node-tests.mjs';
import { packageFor } from './vsix.mjs';

const name = 'Editor';

/** @param {string} reason @returns {import('./trx.mjs').Counts} */
const leftOut = reason => ({ passed: 0, failed: [], skipped: [{ name: 'the extension in a real editor', reason }] });

/** @type {import('./suites.mjs').Suite} */
export const editorSuite = {
  name,
  run: async note => {
    if (editorMissing !== undefined) return leftOut(editorMissing);
    try {
      await installEditor(what => { note(`installing ${what}`); });
    } catch (error) {
      return leftOut(String(error));
    }
    note('packaging the extension');
    await bundleExtension();
    await packageFor('linux-x64');
    const [suite] = await nodeSuites('tests/Editor');
    if (suite === undefined) throw new Error('There are no tests of the editor.');
    return suite.run(note);
  },
};
