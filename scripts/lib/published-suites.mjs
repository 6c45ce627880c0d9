// The program and the packages as users get them: what a compiler or a trimmer breaks, no build shows.
import { archive, writeChecksums } from './archives.mjs';
import { bundleExtension } from './checks.mjs';
import { nativeTools } from './native.mjs';
import { formHere, ownPlatform, portable, programName, publishedFolder, publishSidecar } from './publish.mjs';
import { leftOut, oneTest } from './suites.mjs';
import { folderSuite, nodeSuite, testFiles } from './tests.mjs';
import { packageFor } from './vsix.mjs';

/** What Linux and Windows get first, then what the other platforms get. @type {import('./publish.mjs').Form[]} */
const forms = ['native', 'readytorun'];
const platform = ownPlatform;

/** Why a form cannot be made here; undefined when it can. @param {import('./publish.mjs').Form} form */
function missing(form) {
  if (platform === undefined) return `none is made for ${process.platform}-${process.arch}`;
  return form === 'native' && formHere(platform) !== 'native' ? (nativeTools(platform).missing ?? '') : undefined;
}

export const publishSuites = forms.map(form => {
  const name = `Publishing, ${form}`;
  const reason = missing(form);
  return reason === undefined
    ? oneTest(name, () => publishSidecar(String(platform), form))
    : { name, run: () => Promise.resolve(leftOut(name, reason)) };
});

/**
 * Each file of tests/EndToEnd, once for each form that can be made here; where none can, against the build.
 * @param {NodeJS.ProcessEnv} env
 */
export async function endToEndSuites(env) {
  const files = await testFiles('tests/EndToEnd');
  const nameOf = (/** @type {string} */ file) => file.replace(/^tests\//, '').replace(/\.test\.mjs$/, '');
  if (platform === undefined) return files.map(file => nodeSuite(nameOf(file), [file], env));
  return forms
    .filter(form => missing(form) === undefined)
    .flatMap(form =>
      files.map(file =>
        nodeSuite(`${nameOf(file)} (${form})`, [file], {
          ...env,
          RDS_TUNNEL_PROGRAM: `${publishedFolder(platform, form)}/${programName(platform)}`,
        }),
      ),
    );
}

/** For enough platforms that each way of making a package is gone once; npm run test:packages has them all. */
const packaged = [...new Set([platform ?? portable, 'darwin-arm64', 'win32-x64', portable])];

export const packagesSuite = folderSuite('tests/Packages', {
  env: { RDS_TUNNEL_PACKAGES: packaged.join(',') },
  prepare: async note => {
    await bundleExtension();
    /** @type {string[]} */
    const archives = [];
    for (const platform of packaged) {
      note(`packaging for ${platform}`);
      archives.push(...(await archive((await packageFor(platform)).published)));
    }
    await writeChecksums(archives);
    return undefined;
  },
});
