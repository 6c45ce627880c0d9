// npm run package: what users install, for this machine and for any. In artifacts/vsix the
// extension, in artifacts/cli the command line alone.
//   --all                   for every platform, from this one machine
//   --target darwin-arm64   only this one
//   --form native           native code or nothing; readytorun: .NET code with a runtime, also where native code could be made
import { parseArgs } from 'node:util';
import { archive, writeChecksums } from './lib/archives.mjs';
import { bundleExtension } from './lib/checks.mjs';
import { debMissing, isForDebian } from './lib/deb.mjs';
import { imageMissing } from './lib/image.mjs';
import { main } from './lib/main.mjs';
import { nativeTools } from './lib/native.mjs';
import { ownPlatform, platforms, portable } from './lib/publish.mjs';
import { step } from './lib/steps.mjs';
import { packageFor } from './lib/vsix.mjs';

const megabyte = 1e6;
const { values: options } = parseArgs({
  options: { all: { type: 'boolean', default: false }, target: { type: 'string' }, form: { type: 'string' } },
});
const chosen = options.all ? platforms : [options.target ?? ownPlatform ?? portable];
const form = /** @type {import('./lib/publish.mjs').Form | undefined} */ (options.form);

await main(async () => {
  await step('Bundling the extension', bundleExtension);
  const extensions = /** @type {string[]} */ ([]);
  const programs = /** @type {string[]} */ ([]);
  for (const platform of chosen) {
    await step(
      `Packaging for ${platform}`,
      async () => {
        const { published, vsix, size } = await packageFor(platform, form);
        extensions.push(vsix);
        programs.push(...(await archive(published)));
        return `${(size / megabyte).toFixed(1)} MB, ${described(published)}`;
      },
      detail => detail,
    );
  }
  await writeChecksums(extensions);
  await writeChecksums(programs);
});

/** @param {import('./lib/publish.mjs').Published} published */
function described(published) {
  const { platform, form } = published;
  const { missing } = nativeTools(platform);
  if (form === 'native') return ['native code', ...lackOf(published)].join('; ');
  if (form === 'portable') return 'needs .NET 10';
  return `ReadyToRun with a runtime${platform.startsWith('linux') && missing !== undefined ? `; for native code, ${missing}` : ''}`;
}

/** What Linux gets beside an archive, and could not be made here. @param {import('./lib/publish.mjs').Published} published */
const lackOf = published => (isForDebian(published) ? [debMissing, imageMissing(published)].filter(each => each !== undefined) : []);
