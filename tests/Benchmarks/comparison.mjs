// Today's numbers beside those of a run that was good: only ratios, which do not depend on the machine.
import { row, withPart } from './document.mjs';

/** @typedef {import('./results.mjs').Results} Results */
/** @typedef {Record<string, number>} Values by indicator */
/** @typedef {{ measured: string, values: Values }} Baseline of one program */
/** @typedef {'same' | 'better' | 'worse' | 'new' | 'not measured'} Verdict */

/** Above it, and with so many runs, a difference is no accident. */
const [clearDifference, enoughRuns] = [1.3, 5];

/** @typedef {{ name: string, better: 'more' | 'less', of: (results: Results) => number | undefined }} Indicator */

/** @param {string} row @param {string} reference @param {import('./results.mjs').Column} [column] */
const ratio =
  (row, reference, column = 'ours') =>
  (/** @type {Results} */ results) => {
    const [a, b] = [results.medianOf(row), results.medianOf(reference, column)];
    return a === undefined || b === undefined || b === 0 ? undefined : a / b;
  };

const [down, up] = ['download, unpaced, 1', 'upload, unpaced, 1'];
const relayStarts = 'process start to first reply';

/** @type {Indicator[]} */
const indicators = [
  { name: "download, unpaced, 1 : a relay's", better: 'more', of: ratio(down, down, 'relay') },
  { name: "upload, unpaced, 1 : a relay's", better: 'more', of: ratio(up, up, 'relay') },
  { name: 'download, paced, 8 : 1', better: 'more', of: ratio('download, paced, 8', 'download, paced, 1') },
  {
    name: "processor time, download, paced : a relay's, unpaced",
    better: 'less',
    of: ratio('download, paced, 1: processor', `${down}: processor`, 'relay'),
  },
  { name: "processor time, download, unpaced : a relay's", better: 'less', of: ratio(`${down}: processor`, `${down}: processor`, 'relay') },
  { name: "processor time, upload, unpaced : a relay's", better: 'less', of: ratio(`${up}: processor`, `${up}: processor`, 'relay') },
  {
    name: "echo of 100 bytes, unpaced, p50 : a relay's",
    better: 'less',
    of: ratio('echo of 100 bytes, unpaced, p50', 'echo of 100 bytes, unpaced, p50', 'relay'),
  },
  { name: "process start to first reply : a relay's start", better: 'less', of: ratio(relayStarts, relayStarts, 'relay') },
  {
    name: "tunnel/open, another one : a relay's start",
    better: 'less',
    of: ratio('tunnel/open, another one, to first byte', relayStarts, 'relay'),
  },
  {
    name: 'the next session : the same, unsigned',
    better: 'less',
    of: ratio('the next session, signed, to first byte', 'the next session, unsigned, to first byte'),
  },
  ...['PostgreSQL', 'MariaDB'].flatMap(
    engine =>
      /** @type {Indicator[]} */ ([
        {
          name: `${engine}, sign-in with a login : the tool's own`,
          better: 'less',
          of: ratio(`${engine}, connected and signed in, with a login`, `${engine}, connected and signed in, plain`),
        },
        {
          name: `${engine}, download with a login : plain`,
          better: 'more',
          of: ratio(`${engine}, download, with a login`, `${engine}, download, plain`),
        },
        {
          name: `${engine}, processor time of a download with a login : plain`,
          better: 'less',
          of: ratio(`${engine}, download, with a login: processor`, `${engine}, download, plain: processor`),
        },
      ]),
  ),
  {
    name: 'MariaDB, rows a second, compressed : plain',
    better: 'more',
    of: ratio('MariaDB, paced, 20,000 rows, compressed', 'MariaDB, paced, 20,000 rows, plain'),
  },
  { name: 'MB resident, idle', better: 'less', of: results => results.medianOf('resident, idle') },
  { name: 'MB resident, 10 tunnels open', better: 'less', of: results => results.medianOf('resident, 10 tunnels open') },
  { name: 'MB resident, 10 tunnels after a rest', better: 'less', of: results => results.medianOf('resident, 10 tunnels after a rest') },
  {
    name: "2,000 databases : a relay's start",
    better: 'less',
    of: ratio('2,000 databases in 3 regions: all', relayStarts, 'relay'),
  },
  { name: "upload, paced, 1 : the plugin's", better: 'more', of: ratio('upload, paced, 1', 'upload, paced, 1', 'plugin') },
  { name: "download, paced, 1 : the plugin's", better: 'more', of: ratio('download, paced, 1', 'download, paced, 1', 'plugin') },
];

/** @param {Results} results @returns {Values} what was measured of them */
export const valuesOf = results =>
  Object.fromEntries(
    indicators.flatMap(({ name, of }) => {
      const value = of(results);
      return value === undefined ? [] : [[name, Number(value.toPrecision(4))]];
    }),
  );

/**
 * @param {Values} now
 * @param {Values} before
 * @returns {{ name: string, now: number | undefined, before: number | undefined, verdict: Verdict }[]}
 */
export const compare = (now, before) =>
  indicators
    .filter(({ name }) => name in now || name in before)
    .map(({ name, better }) => ({ name, now: now[name], before: before[name], verdict: verdictOf(now[name], before[name], better) }));

/** @param {number | undefined} now @param {number | undefined} before @param {'more' | 'less'} better @returns {Verdict} */
function verdictOf(now, before, better) {
  if (now === undefined) return 'not measured';
  if (before === undefined) return 'new';
  const gain = better === 'more' ? now / before : before / now;
  if (gain > clearDifference) return 'better';
  return gain < 1 / clearDifference ? 'worse' : 'same';
}

/** Whether a difference counts. @param {number} runs */
export const isJudged = runs => runs >= enoughRuns;

/** What is worse, when enough was measured to say so. @param {ReturnType<typeof compare>} rows @param {number} runs */
export const regressions = (rows, runs) => (isJudged(runs) ? rows.filter(({ verdict }) => verdict === 'worse') : []);

/**
 * The document with the baseline's table between its markers.
 * @param {string} text
 * @param {Record<string, Baseline>} baselines by program
 */
export function withTable(text, baselines) {
  const programs = Object.entries(baselines);
  return withPart(text, 'ratios', [
    ...programs.map(([name, { measured }]) => `- ${name}: ${measured}`),
    '',
    row(['Ratio', ...programs.map(([name]) => name), 'Better']),
    row(['---', ...programs.map(() => '---:'), '---']),
    ...indicators
      .filter(({ name }) => programs.some(([, { values }]) => name in values))
      .map(({ name, better }) => row([name, ...programs.map(([, { values }]) => values[name]?.toPrecision(3) ?? '–'), better])),
  ]);
}
