// Suites that need more than the project's own packages: what it is, they install apart from everything else, and once.
import { bundleExtension } from './checks.mjs';
import { editorMissing, installEditor } from './editor.mjs';
import { ci, whenLockChanged } from './install.mjs';
import { root } from './paths.mjs';
import { folderSuite } from './tests.mjs';
import { packageFor } from './vsix.mjs';

/** @param {string} folder whose tests use packages of its own */
const suiteWithPackages = folder =>
  folderSuite(folder, {
    prepare: async note => {
      note('installing its packages');
      await whenLockChanged(`${root}${folder}`, () => ci(`${root}${folder}`));
      return undefined;
    },
  });

/** docs/jump-host, read by linters. */
export const templatesSuite = suiteWithPackages('tests/Templates');

/** The spelling of all texts. */
export const textsSuite = suiteWithPackages('tests/Texts');

/** The extension in a real editor; left out where that cannot be installed. */
export const editorSuite = folderSuite('tests/Editor', {
  prepare: async note => {
    if (editorMissing !== undefined) return editorMissing;
    try {
      await installEditor(what => {
        note(`installing ${what}`);
      });
    } catch (error) {
      return String(error);
    }
    note('packaging the extension');
    await bundleExtension();
    await packageFor('linux-x64');
    return undefined;
  },
});
