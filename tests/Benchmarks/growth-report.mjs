// What growth.mjs measured, as tables and as a plot.
import { numbers } from './document.mjs';

/**
 * @typedef {object} Growth
 * @property {string} measured
 * @property {import('./growth.mjs').Connections[]} connections
 * @property {import('./growth.mjs').Tunnels[]} tunnels
 * @property {import('./growth.mjs').Size[]} sizes
 * @property {import('./growth.mjs').Distance[]} distances
 */

const show = (/** @type {number | undefined} */ value) => (value === undefined ? '–' : Number(value.toPrecision(3)).toLocaleString('en'));
const count = (/** @type {number} */ value) => value.toLocaleString('en');
const size = (/** @type {number} */ bytes) =>
  bytes >= 1e9 ? `${bytes / 1e9} GB` : bytes >= 1e6 ? `${bytes / 1e6} MB` : `${bytes / 1e3} kB`;

/** How many round trips pass, by the two longest distances. @param {Growth['distances']} distances @param {'firstMs' | 'anotherMs' | 'connectionMs'} what */
function trips(distances, what) {
  const [near, far] = distances.slice(-2);
  if (near === undefined || far === undefined) return undefined;
  return (far[what] - near[what]) / (far.roundTripMs - near.roundTripMs);
}

/** @param {Growth} growth @returns {string[]} lines of Markdown */
export function growthTables({ measured, connections, tunnels, sizes, distances }) {
  const least = connections[0]?.residentMegabytes;
  const most = connections.at(-1);
  const each =
    least === undefined || most?.residentMegabytes === undefined ? undefined : ((most.residentMegabytes - least) * 1e3) / most.connections;
  return [
    measured,
    ...numbers(
      ['Idle connections of one tunnel', 'MB resident'],
      connections.map(row => [count(row.connections), show(row.residentMegabytes)]),
    ),
    `Each of the ${count(most?.connections ?? 0)} holds ${show(each)} kB.`,
    ...numbers(
      ['Tunnels open, each with a session', 'Opened after, ms', 'MB resident'],
      tunnels.map(row => [count(row.tunnels), show(row.openMs), show(row.residentMegabytes)]),
    ),
    ...numbers(
      ['One download, unpaced, connection included', 'ms', 'Processor, ms', 'Processor, ms a MB'],
      sizes.map(row => [size(row.bytes), show(row.ms), show(row.cpuMs), show(row.cpuMs && (row.cpuMs * 1e6) / row.bytes)]),
    ),
    ...numbers(
      ['Round trip to AWS, ms', 'The first `tunnel/open` to first byte, ms', 'Another one, ms', 'A connection of an open session, ms'],
      [
        ...distances.map(row => [count(row.roundTripMs), show(row.firstMs), show(row.anotherMs), show(row.connectionMs)]),
        ['Round trips', ...['firstMs', 'anotherMs', 'connectionMs'].map(what => show(trips(distances, /** @type {'firstMs'} */ (what))))],
      ],
    ),
  ];
}

const [width, height, margin] = [640, 360, 80];

/**
 * The processor time of a download by its size, both axes logarithmic: a straight line where each byte costs the same.
 * @param {Growth} growth
 */
export function growthPlot({ sizes }) {
  const points = sizes.flatMap(({ bytes, cpuMs }) => (cpuMs === undefined || cpuMs <= 0 ? [] : [{ bytes, cpuMs }]));
  const axis = (/** @type {number[]} */ values) => [
    Math.floor(Math.log10(Math.min(...values))),
    Math.ceil(Math.log10(Math.max(...values))),
  ];
  const [left = 0, right = 1] = axis(points.map(({ bytes }) => bytes));
  const [low = 0, high = 1] = axis(points.map(({ cpuMs }) => cpuMs));
  const x = (/** @type {number} */ log) => margin + ((log - left) / Math.max(1, right - left)) * (width - 2 * margin);
  const y = (/** @type {number} */ log) => height - margin - ((log - low) / Math.max(1, high - low)) * (height - 2 * margin);
  const steps = (/** @type {number} */ from, /** @type {number} */ to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const at = points.map(({ bytes, cpuMs }) => `${x(Math.log10(bytes)).toFixed(1)},${y(Math.log10(cpuMs)).toFixed(1)}`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img">`,
    '  <title>Processor time of one download, by its size</title>',
    `  <rect width="${width}" height="${height}" fill="#fff"/>`,
    ...steps(left, right).map(
      log =>
        `  <path d="M${x(log).toFixed(1)} ${y(low)}V${y(high)}" stroke="#ddd"/><text x="${x(log).toFixed(1)}" y="${y(low) + 20}" text-anchor="middle">${size(10 ** log)}</text>`,
    ),
    ...steps(low, high).map(
      log =>
        `  <path d="M${x(left)} ${y(log).toFixed(1)}H${x(right)}" stroke="#ddd"/><text x="${x(left) - 8}" y="${(y(log) + 4).toFixed(1)}" text-anchor="end">${count(10 ** log)} ms</text>`,
    ),
    `  <polyline points="${at.join(' ')}" fill="none" stroke="#06c" stroke-width="2"/>`,
    ...at.map(point => `  <circle cx="${point.split(',')[0]}" cy="${point.split(',')[1]}" r="4" fill="#06c"/>`),
    `  <text x="${width / 2}" y="${height - 14}" text-anchor="middle">Bytes downloaded on one connection, unpaced agent</text>`,
    `  <text x="${margin}" y="30">Processor time of the sidecar</text>`,
    '</svg>',
    '',
  ].join('\n');
}
