// Writes what the product is made of, as CycloneDX, into artifacts/sbom: the sidecar's packages,
// and those of npm that are in the extension's bundles.
import { mkdir, writeFile } from 'node:fs/promises';
import { bundledPackages, ofPackages } from './lib/sbom.mjs';
import { dotnetEnvironment } from './lib/install.mjs';
import { main } from './lib/main.mjs';
import { artifacts, root } from './lib/paths.mjs';
import { run } from './lib/processes.mjs';

const folder = `${artifacts}/sbom`;

/** @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [env] @returns its output */
async function output(command, args, env) {
  /** @type {string[]} */
  const lines = [];
  const { code, tail } = await run(command, args, {
    cwd: root,
    env,
    onLine: line => {
      lines.push(line);
    },
  });
  if (code !== 0) throw new Error(`${command} ${args[0] ?? ''} ended with code ${code}:\n${tail.join('\n')}`);
  return lines.join('\n');
}

await main(async () => {
  await mkdir(folder, { recursive: true });
  await output('dotnet', ['tool', 'restore'], dotnetEnvironment);
  await output(
    'dotnet',
    [
      'tool',
      'run',
      'dotnet-CycloneDX',
      'sidecar/Host/Host.csproj',
      '--recursive',
      '--output',
      folder,
      '--output-format',
      'Json',
      '--filename',
      'rds-tunnel-sidecar.cdx.json',
    ],
    dotnetEnvironment,
  );
  const all = JSON.parse(await output('npm', ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application']));
  await writeFile(`${folder}/rds-tunnel-extension.cdx.json`, `${JSON.stringify(ofPackages(all, await bundledPackages()), undefined, 2)}\n`);
});
