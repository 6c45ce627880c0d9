// The suite of docs/jump-host: what reads the templates is installed first, apart from everything else.
import { ci, whenLockChanged } from './install.mjs';
import { nodeSuites } from './node-tests.mjs';
import { root } from './paths.mjs';

const name = 'tests/Templates';

/** @type {import('./suites.mjs').Suite} */
export const templatesSuite = {
  name,
  run: async note => {
    note('installing its linters');
    await whenLockChanged(`${root}${name}`, () => ci(`${root}${name}`));
    const [suite] = await nodeSuites(name);
    if (suite === undefined) throw new Error('There are no tests of the templates.');
    return suite.run(note);
  },
};
