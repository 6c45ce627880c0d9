// Suites that need more than the project's own packages: what it is, they install apart from everything else, and once.
import { bundleExtension } from './checks.mjs';
import { editorMissing, installEditor } from './editor.mjs';
import { ci, whenLockChanged } from './install.mjs';
import { root } from './paths.mjs';
import { folderSuite } from './tests.mjs';
import { packageFor } from './vsix.mjs';

/** docs/jump-host, read by linters. */
export const templatesSuite = folderSuite('tests/Templates', {
  prepare: async note => {
    note('installing its linters');
    await whenLockChanged(`${root}tests/Templates`, () => ci(`${root}tests/Templates`));
    return undefined;
  },
});

/** The extension in a real editor; left out where that cannot be installed. */
export const editorSuite = folderSuite('tests/Editor', {
  prepare: async note => {
    if (editorMissing !== undefined) return editorMissing;
    try {
      await installEditor(what => { note(`installing ${what}`); });
    } catch (error) {
      return String(error);
    }
    note('packaging the extension');
    await bundleExtension();
    await packageFor('linux-x64');
    return undefined;
  },
});
