// The end-to-end tests run against the program as users get it, in each form of it: what a compiler or a trimmer breaks, no build shows.
import { nodeSuites } from './node-tests.mjs';
import { nativeTools } from './native.mjs';
import { formHere, ownPlatform, programName, publishedFolder, publishSidecar } from './publish.mjs';

/** @typedef {import('./publish.mjs').Form} Form */

/** What Linux and Windows get first, then what the other platforms get. @type {Form[]} */
const forms = ['native', 'readytorun'];

/** @type {import('./suites.mjs').Suite} */
export const publishSuite = {
  name: 'Publish',
  run: async note => {
    /** @type {import('./trx.mjs').Counts} */
    const counts = { passed: 0, failed: [], skipped: [] };
    if (ownPlatform === undefined) return { ...counts, skipped: [{ name: 'a published sidecar', reason: `none is made for ${process.platform}-${process.arch}` }] };
    for (const form of forms) {
      const name = `the sidecar for ${ownPlatform}, ${form}`;
      note(name);
      if (form === 'native' && formHere(ownPlatform) !== 'native') {
        counts.skipped.push({ name, reason: nativeTools(ownPlatform).missing ?? '' });
        continue;
      }
      await publishSidecar(ownPlatform, form).then(() => { counts.passed++; }, (/** @type {unknown} */ error) => { counts.failed.push({ name, reason: String(error) }); });
    }
    return counts;
  },
};

/**
 * The tests of tests/EndToEnd, once for each form that can be made here; where none can, against the build.
 * @param {NodeJS.ProcessEnv} env
 */
export async function endToEndSuites(env) {
  const platform = ownPlatform;
  if (platform === undefined) return nodeSuites('tests/EndToEnd', { perFile: true, env });
  const suites = await Promise.all(forms.filter(form => form !== 'native' || formHere(platform) === 'native').map(form =>
    nodeSuites('tests/EndToEnd', { perFile: true, env: { ...env, RDS_TUNNEL_PROGRAM: `${publishedFolder(platform, form)}/${programName(platform)}` }, of: form })));
  return suites.flat();
}
