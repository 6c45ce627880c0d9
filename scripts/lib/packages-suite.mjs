// The suite of what users install. For this machine's platform, and for enough others that each way of making a package is gone once; npm run test:packages has them all.
import { archive, writeChecksums } from './archives.mjs';
import { bundleExtension } from './checks.mjs';
import { nodeSuites } from './node-tests.mjs';
import { ownPlatform, portable } from './publish.mjs';
import { packageFor } from './vsix.mjs';

const name = 'tests/Packages';
const others = ['darwin-arm64', 'win32-x64', portable];
const chosen = [...ownPlatform === undefined || others.includes(ownPlatform) ? [] : [ownPlatform], ...others];

/** @type {import('./suites.mjs').Suite} */
export const packagesSuite = {
  name,
  run: async note => {
    await bundleExtension();
    /** @type {string[]} */
    const archives = [];
    for (const platform of chosen) {
      note(`packaging for ${platform}`);
      archives.push(...await archive((await packageFor(platform)).published));
    }
    await writeChecksums(archives);
    return testPackages(chosen, note);
  },
};

/**
 * Looks at packages that are there already.
 * @param {string[]} platforms
 * @param {import('./terminal.mjs').Note} note
 * @param {NodeJS.ProcessEnv} [env]
 */
export async function testPackages(platforms, note, env = {}) {
  const [suite] = await nodeSuites(name, { env: { ...env, RDS_TUNNEL_PACKAGES: platforms.join(',') } });
  if (suite === undefined) throw new Error('There are no tests of the packages.');
  return suite.run(note);
}
