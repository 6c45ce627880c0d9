// npm run bench: one table, our sidecar beside session-manager-plugin where that is on PATH. docs/benchmarks.md says what each row means.
//   --runs 3          how often each row is measured
//   --long            also whether memory grows over an hour's worth of traffic
//   --sidecar <file>  a published rds-tunnel, or several; without it, this machine's is published in each of its forms, and they take turns
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { pluginProgram } from '../tests/Benchmarks/forwarders.mjs';
import { goals } from '../tests/Benchmarks/goals.mjs';
import { measure } from '../tests/Benchmarks/measure.mjs';
import { Results, sideBySide } from '../tests/Benchmarks/results.mjs';
import { build, withoutTests } from './lib/install.mjs';
import { main } from './lib/main.mjs';
import { artifacts } from './lib/paths.mjs';
import { formHere, ownPlatform, publishSidecar } from './lib/publish.mjs';
import { step } from './lib/steps.mjs';
import { bold, green, red, say } from './lib/terminal.mjs';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    long: { type: 'boolean', default: false },
    sidecar: { type: 'string', multiple: true },
  },
});

await main(async () => {
  await step('Building the sidecar and the local AWS', note => build(withoutTests, note));
  const programs = options.sidecar?.map(file => ({ name: file, program: file })) ?? (await step('Publishing', publishedForms));
  const results = new Map(programs.map(({ name }) => [name, new Results()]));
  for (let run = 1; run <= Number(options.runs); run++) {
    for (const { name, program } of programs) {
      say(bold(`\nRun ${run} of ${options.runs}: ${name}`));
      // Memory over an hour's traffic is the same each time.
      await measure(results.get(name) ?? new Results(), { runs: 1, program, long: options.long && run === 1 });
    }
  }

  say();
  say(
    bold(
      `${cpus().length} x ${cpus()[0]?.model ?? 'processor'}, Node ${process.versions.node}, ${process.platform}; ` +
        `plugin: ${pluginProgram ?? 'session-manager-plugin is not on PATH'}`,
    ),
  );
  for (const line of sideBySide(results, pluginProgram !== undefined)) say(line);
  for (const [name, each] of results) {
    say(bold(`\n${name}`));
    for (const { text, met } of goals(each)) say(`${met === undefined ? '–' : met ? green('✓') : red('✗')} ${text}`);
  }
  await mkdir(artifacts, { recursive: true });
  await writeFile(`${artifacts}/benchmarks.json`, JSON.stringify(Object.fromEntries(results), undefined, 2));
  say(`\nEvery sample: ${artifacts}/benchmarks.json`);
});

/** @returns {Promise<{ name: string, program: string | undefined }[]>} the build, where nothing can be published */
async function publishedForms() {
  if (ownPlatform === undefined) return [{ name: 'build', program: undefined }];
  const forms = [];
  for (const form of formHere(ownPlatform) === 'native'
    ? /** @type {const} */ (['native', 'readytorun'])
    : /** @type {const} */ (['readytorun'])) {
    forms.push({ name: form, program: (await publishSidecar(ownPlatform, form)).program });
  }
  return forms;
}
