// What the numbers should be, and whether they are.

/**
 * @param {import('./results.mjs').Results} results
 * @returns {{ text: string, met: boolean | undefined }[]} `met` is undefined where it was not measured
 */
export function goals(results) {
  const ours = (/** @type {string} */ row) => results.medianOf(row);
  const plugin = (/** @type {string} */ row) => results.medianOf(row, 'plugin');
  const more = (/** @type {number | undefined} */ a, /** @type {number | undefined} */ b) =>
    a === undefined || b === undefined ? undefined : a - b;
  const ratio = (/** @type {number | undefined} */ a, /** @type {number | undefined} */ b) =>
    a === undefined || b === undefined ? undefined : a / b;
  const [oneDown, eightDown] = ['download, paced, 1', 'download, paced, 8'];
  const [echo, beside] = ['echo of 100 bytes, paced', 'echo of 100 bytes beside a download, paced'];
  const oneUp = 'upload, paced, 1';
  const [freeDown, freeUp] = ['download, unpaced, 1', 'upload, unpaced, 1'];
  return [
    atLeast("upload, paced agent: 20 times the plugin's", ratio(ours(oneUp), plugin(oneUp)), 20),
    // Both are bound by the agent's pace; what is left is noise of the machine.
    atLeast('download, paced agent: as fast as the plugin, within 3 %', ratio(ours(oneDown), plugin(oneDown)), 0.97),
    atLeast('8 connections, paced agent: 5 times one', ratio(ours(eightDown), ours(oneDown)), 5),
    atMost(
      "processor time of a download, paced agent: the plugin's",
      ratio(ours(`${oneDown}: processor`), plugin(`${oneDown}: processor`)),
      1,
    ),
    atMost("echo, paced agent, p50: the plugin's", ratio(ours(`${echo}, p50`), plugin(`${echo}, p50`)), 1),
    atMost("echo, paced agent, p99: the plugin's", ratio(ours(`${echo}, p99`), plugin(`${echo}, p99`)), 1),
    atMost("echo beside a download, p50: half the plugin's", ratio(ours(`${beside}, p50`), plugin(`${beside}, p50`)), 0.5),
    atMost("echo beside a download, p99: half the plugin's", ratio(ours(`${beside}, p99`), plugin(`${beside}, p99`)), 0.5),
    atLeast('download, unpaced agent: 40 MB/s', ours(freeDown), 40),
    atLeast('upload, unpaced agent: 40 MB/s', ours(freeUp), 40),
    atMost(
      'a session whose data channel is signed: 5 ms more than without',
      more(ours('the next session, signed, to first byte'), ours('the next session, unsigned, to first byte')),
      5,
    ),
    atMost('first reply: 40 ms', ours('process start to first reply'), 40),
    // Another one takes what the service takes.
    atMost(
      'the first tunnel/open: 60 ms more than another one',
      more(ours('tunnel/open, the first of a process, to first byte'), ours('tunnel/open, another one, to first byte')),
      60,
    ),
    ...['PostgreSQL', 'MariaDB'].map(engine =>
      atLeast(
        `${engine}, download with a login: 0.95 of a plain tunnel's`,
        ratio(ours(`${engine}, download, with a login`), ours(`${engine}, download, plain`)),
        0.95,
      ),
    ),
    atMost('idle: 20 MB resident', ours('resident, idle'), 20),
    atMost('10 tunnels open: 35 MB resident', ours('resident, 10 tunnels open'), 35),
    atMost('10 tunnels after a rest: 60 MB resident', ours('resident, 10 tunnels after a rest'), 60),
  ];
}

/** @param {string} text @param {number | undefined} value @param {number} bound */
const atLeast = (text, value, bound) => ({
  text: `${text} or more: ${value?.toFixed(2) ?? 'not measured'}`,
  met: value === undefined ? undefined : value >= bound,
});

/** @param {string} text @param {number | undefined} value @param {number} bound */
const atMost = (text, value, bound) => ({
  text: `${text} or less: ${value?.toFixed(2) ?? 'not measured'}`,
  met: value === undefined ? undefined : value <= bound,
});
