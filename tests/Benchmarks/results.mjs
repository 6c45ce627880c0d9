// Samples by row and column, and the table of their medians.
import { table } from '../../scripts/lib/suites.mjs';

/** @typedef {'ours' | 'plugin'} Column */
/** @typedef {{ unit: string, digits: number, ours: number[], plugin: number[] }} Row */

/** @param {number[]} samples */
export function median(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) return undefined;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

export class Results {
  /** @type {Map<string, Row>} */
  #rows = new Map();

  /**
   * @param {string} name
   * @param {{ unit: string, digits: number }} scale
   * @param {Column} column
   * @param {number | undefined} value nothing is added where it could not be measured
   */
  add(name, { unit, digits }, column, value) {
    const row = this.#rows.get(name) ?? { unit, digits, ours: [], plugin: [] };
    this.#rows.set(name, row);
    if (value !== undefined) row[column].push(value);
  }

  /** @param {string} name @param {Column} [column] */
  medianOf(name, column = 'ours') {
    return median(this.#rows.get(name)?.[column] ?? []);
  }

  /** @param {boolean} withPlugin */
  lines(withPlugin) {
    const rows = [...this.#rows].map(([name, { unit, digits, ours, plugin }]) => {
      const show = (/** @type {number | undefined} */ value) => value === undefined ? '–' : value.toFixed(digits);
      const [a, b] = [median(ours), median(plugin)];
      const spread = ours.length < 2 ? '' : `${show(Math.min(...ours))}…${show(Math.max(...ours))}`;
      const ratio = a === undefined || b === undefined || b === 0 ? '–' : `${(a / b).toPrecision(3)} x`;
      return [`${name}, ${unit}`, show(a), spread, ...withPlugin ? [show(b), ratio] : []];
    });
    return table([['Median', 'ours', 'min…max', ...withPlugin ? ['plugin', 'ratio'] : []], ...rows]);
  }

  /** Everything that was measured. */
  toJSON() {
    return Object.fromEntries(this.#rows);
  }
}
