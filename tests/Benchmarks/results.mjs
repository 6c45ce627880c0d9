// Samples by row and column, and the table of their medians.
import { table } from '../../scripts/lib/terminal.mjs';

/** `relay`: a program that only passes bytes on, as the reference of this machine. @typedef {'ours' | 'plugin' | 'relay'} Column */
/** @typedef {{ unit: string, digits: number, ours: number[], plugin: number[], relay: number[] }} Row */

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
    const row = this.#rows.get(name) ?? { unit, digits, ours: [], plugin: [], relay: [] };
    this.#rows.set(name, row);
    if (value !== undefined) row[column].push(value);
  }

  /** @param {string} name @param {Column} [column] */
  medianOf(name, column = 'ours') {
    return median(this.#rows.get(name)?.[column] ?? []);
  }

  /** @returns {[string, Row][]} */
  rows() {
    return [...this.#rows];
  }

  /** Everything that was measured. */
  toJSON() {
    return Object.fromEntries(this.#rows);
  }
}

/**
 * Several programs of ours side by side, each with its spread, then a relay, then the plugin and how many times its number the first one has.
 * @param {Map<string, Results>} programs by name; what the others did is the first one's
 * @param {boolean} withPlugin
 */
export function sideBySide(programs, withPlugin) {
  const [first = new Results()] = programs.values();
  const rows = first.rows().map(([name, { unit, digits, plugin, relay }]) => {
    const show = (/** @type {number | undefined} */ value) => (value === undefined ? '–' : value.toFixed(digits));
    const samples = [...programs.values()].map(results => results.rows().find(([each]) => each === name)?.[1].ours ?? []);
    const ours = samples.flatMap(each => [
      show(median(each)),
      each.length < 2 ? '' : `${show(Math.min(...each))}…${show(Math.max(...each))}`,
    ]);
    const [a, b] = [median(samples[0] ?? []), median(plugin)];
    const ratio = a === undefined || b === undefined || b === 0 ? '–' : `${(a / b).toPrecision(3)} x`;
    return [`${name}, ${unit}`, ...ours, show(median(relay)), ...(withPlugin ? [show(b), ratio] : [])];
  });
  return table([
    ['Median', ...[...programs.keys()].flatMap(name => [name, 'min…max']), 'relay', ...(withPlugin ? ['plugin', 'ratio'] : [])],
    ...rows,
  ]);
}
