// npm run bench: one table, our sidecar beside session-manager-plugin where that is on PATH. docs/benchmarks.md says what each row means.
//   --runs 3          how often each row is measured
//   --long            also whether memory grows over an hour's worth of traffic
//   --sidecar <file>  a published rds-tunnel in place of the build
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { checkPrerequisites } from './lib/prerequisites.mjs';
import { build, installPackages, withoutTests } from './lib/install.mjs';
import { main } from './lib/main.mjs';
import { artifacts } from './lib/paths.mjs';
import { bold, green, red, say, step } from './lib/terminal.mjs';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    long: { type: 'boolean', default: false },
    sidecar: { type: 'string' },
  },
});

await main(async () => {
  checkPrerequisites();
  await installPackages();
  await step('Building the sidecar and the local AWS', note => build(withoutTests, note));
  // What needs the packages is loaded when they are there.
  const { measure } = await import('../tests/Benchmarks/measure.mjs');
  const { goals } = await import('../tests/Benchmarks/goals.mjs');
  const { pluginProgram } = await import('../tests/Benchmarks/forwarders.mjs');

  const results = await measure({ runs: Number(options.runs), program: options.sidecar, long: options.long });

  say();
  say(bold(`${cpus().length} x ${cpus()[0]?.model ?? 'processor'}, Node ${process.versions.node}, ${process.platform}; `
    + `ours: ${options.sidecar ?? 'Release build'}; plugin: ${pluginProgram ?? 'session-manager-plugin is not on PATH'}`));
  for (const line of results.lines(pluginProgram !== undefined)) say(line);
  say();
  for (const { text, met } of goals(results)) say(`${met === undefined ? '–' : met ? green('✓') : red('✗')} ${text}`);
  await mkdir(artifacts, { recursive: true });
  await writeFile(`${artifacts}/benchmarks.json`, JSON.stringify(results, undefined, 2));
  say(`\nEvery sample: ${artifacts}/benchmarks.json`);
});
