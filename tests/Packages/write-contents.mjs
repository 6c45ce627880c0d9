// Writes contents.json anew from the packages of all platforms: what changed in them stands in its diff.
import { writeFile } from 'node:fs/promises';
import { platforms } from '../../scripts/lib/publish.mjs';
import { extensionFiles } from './chosen.mjs';

const isSidecar = (/** @type {string} */ name) => name.startsWith('sidecar/');
const found = await Promise.all(
  platforms.map(async platform => /** @type {const} */ ([platform, [...(await extensionFiles(platform)).keys()].sort()])),
);
await writeFile(
  new URL('contents.json', import.meta.url),
  `${JSON.stringify(
    {
      everywhere: found[0]?.[1].filter(name => !isSidecar(name)),
      sidecar: Object.fromEntries(found.map(([platform, names]) => [platform, names.filter(isSidecar)])),
    },
    undefined,
    2,
  )}\n`,
);
