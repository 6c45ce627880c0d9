// Prints the notes of a version: `node scripts/release-notes.mjs 0.2.0`. The version has to be that of package.json.
import { readFile } from 'node:fs/promises';
import { releaseNotes } from './lib/changelog.mjs';
import { main } from './lib/main.mjs';
import { root } from './lib/paths.mjs';

await main(async () => {
  const { version } = /** @type {{ version: string }} */ (JSON.parse(await readFile(`${root}package.json`, 'utf8')));
  const asked = process.argv[2];
  if (asked !== version) throw new Error(`The tag says ${asked ?? 'nothing'}; package.json says ${version}.`);
  process.stdout.write(`${releaseNotes(await readFile(`${root}CHANGELOG.md`, 'utf8'), version)}\n`);
});
