// npm run bench: one table, our sidecar beside session-manager-plugin where that is on PATH. docs/benchmarks.md says what each row means.
//   --runs 5          how often each row is measured; with five or more, a ratio that is more than 30 % worse than the baseline's is a failure
//   --short           only what is compared with the baseline
//   --save            makes this run the baseline: tests/Benchmarks/baseline.json, and its table in docs/benchmarks.md
//   --long            also whether memory grows over an hour's worth of traffic
//   --growth          how memory, processor time and waiting grow, of the first program alone; with --save, its part of docs/benchmarks.md
//   --form <name>     only this form of the program: native or readytorun
//   --sidecar <file>  a published rds-tunnel, or several; without it, this machine's is published in each of its forms, and they take turns
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { pluginProgram } from '../tests/Benchmarks/forwarders.mjs';
import { compare, isJudged, regressions, valuesOf, withTable } from '../tests/Benchmarks/comparison.mjs';
import { withPart } from '../tests/Benchmarks/document.mjs';
import { goals } from '../tests/Benchmarks/goals.mjs';
import { growthPlot, growthTables } from '../tests/Benchmarks/growth-report.mjs';
import { distances, downloads, idleConnections, manyTunnels } from '../tests/Benchmarks/growth.mjs';
import { startTarget } from '../tests/Benchmarks/load.mjs';
import { measure } from '../tests/Benchmarks/measure.mjs';
import { Results, sideBySide } from '../tests/Benchmarks/results.mjs';
import { build, withoutTests } from './lib/install.mjs';
import { main } from './lib/main.mjs';
import { artifacts, root } from './lib/paths.mjs';
import { formHere, ownPlatform, publishSidecar } from './lib/publish.mjs';
import { step } from './lib/steps.mjs';
import { bold, green, red, say, table } from './lib/terminal.mjs';

const baselineFile = `${root}tests/Benchmarks/baseline.json`;
const document = `${root}docs/benchmarks.md`;

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    short: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    growth: { type: 'boolean', default: false },
    form: { type: 'string' },
    sidecar: { type: 'string', multiple: true },
  },
});

await main(async () => {
  const load = loadavg()[0]?.toFixed(1);
  await step('Building the sidecar and the local AWS', note => build(withoutTests, note));
  const programs = options.sidecar?.map(file => ({ name: file, program: file })) ?? (await step('Publishing', publishedForms));
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'processor'}, Node ${process.versions.node}, ${process.platform}`;
  if (options.growth) {
    const [first] = programs;
    if (first !== undefined) await growth(first, `${first.name}: ${machine}, at a load of ${load}`);
    return;
  }
  const results = new Map(programs.map(({ name }) => [name, new Results()]));
  for (let run = 1; run <= Number(options.runs); run++) {
    for (const { name, program } of programs) {
      say(bold(`\nRun ${run} of ${options.runs}: ${name}`));
      // Memory over an hour's traffic is the same each time.
      await measure(results.get(name) ?? new Results(), { runs: 1, program, long: options.long && run === 1, short: options.short });
    }
  }

  say();
  say(bold(`${machine}; plugin: ${pluginProgram ?? 'session-manager-plugin is not on PATH'}`));
  for (const line of sideBySide(results, pluginProgram !== undefined)) say(line);
  for (const [name, each] of results) {
    say(bold(`\n${name}`));
    for (const { text, met } of goals(each)) say(`${met === undefined ? '–' : met ? green('✓') : red('✗')} ${text}`);
  }
  await mkdir(artifacts, { recursive: true });
  await writeFile(`${artifacts}/benchmarks.json`, JSON.stringify(Object.fromEntries(results), undefined, 2));
  say(`\nEvery sample: ${artifacts}/benchmarks.json`);
  const runs = Number(options.runs);
  const baselines = /** @type {Record<string, import('../tests/Benchmarks/comparison.mjs').Baseline>} */ (
    JSON.parse(await readFile(baselineFile, 'utf8'))
  );
  for (const [name, each] of results)
    if (!isAsBefore(name, compare(valuesOf(each), baselines[name]?.values ?? {}), runs)) process.exitCode = 1;
  if (options.save) {
    for (const [name, each] of results)
      baselines[name] = { measured: `${machine}, median of ${runs}, at a load of ${load}`, values: valuesOf(each) };
    await writeFile(baselineFile, `${JSON.stringify(baselines, undefined, 2)}\n`);
    await writeFile(document, withTable(await readFile(document, 'utf8'), baselines));
  }
});

/** @param {{ program: string | undefined }} program @param {string} measured */
async function growth({ program }, measured) {
  const target = await startTarget();
  const result = {
    measured,
    connections: await step('Idle connections', () => idleConnections(target, program)),
    tunnels: await step('Tunnels', () => manyTunnels(target, program)),
    sizes: await step('Downloads', () => downloads(target, program)),
    distances: await step('Distances', () => distances(target, program)),
  };
  target.stop();
  const lines = growthTables(result);
  for (const line of lines) say(line);
  if (!options.save) return;
  await writeFile(document, withPart(await readFile(document, 'utf8'), 'growth', lines));
  await writeFile(`${root}docs/images/growth.svg`, growthPlot(result));
}

/** Says what has changed. @param {string} name @param {ReturnType<typeof compare>} rows @param {number} runs */
function isAsBefore(name, rows, runs) {
  say(bold(`\n${name}, beside the baseline${isJudged(runs) ? '' : ' (too few runs to judge)'}`));
  const show = (/** @type {number | undefined} */ value) => value?.toPrecision(3) ?? '–';
  const lines = table([['Ratio', 'now', 'baseline', ''], ...rows.map(row => [row.name, show(row.now), show(row.before), row.verdict])]);
  for (const [i, line] of lines.entries()) say(rows[i - 1]?.verdict === 'worse' ? red(line) : line);
  return options.save || regressions(rows, runs).length === 0;
}

/** @returns {Promise<{ name: string, program: string | undefined }[]>} the build, where nothing can be published */
async function publishedForms() {
  if (ownPlatform === undefined) return [{ name: 'build', program: undefined }];
  const forms = [];
  for (const form of formHere(ownPlatform) === 'native'
    ? /** @type {const} */ (['native', 'readytorun'])
    : /** @type {const} */ (['readytorun'])) {
    if (options.form === undefined || options.form === form)
      forms.push({ name: form, program: (await publishSidecar(ownPlatform, form)).program });
  }
  return forms;
}
