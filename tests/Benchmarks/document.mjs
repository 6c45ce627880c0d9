// The parts of docs/benchmarks.md that a run writes.

/**
 * The document with these lines between its markers.
 * @param {string} text
 * @param {string} name of the part
 * @param {string[]} lines
 */
export function withPart(text, name, lines) {
  const [begin, end] = [`<!-- generated: ${name} -->`, '<!-- end -->'];
  const [from, to] = [text.indexOf(begin), text.indexOf(end, text.indexOf(begin))];
  if (from < 0 || to < 0) throw new Error(`The document has no ${begin} and ${end}.`);
  return `${text.slice(0, from)}${begin}\n${lines.join('\n')}\n${text.slice(to)}`;
}

/** A line of a table. @param {string[]} cells */
export const row = cells => `| ${cells.join(' | ')} |`;

/** A table; all columns but the first are numbers. @param {string[]} head @param {string[][]} rows */
export const numbers = (head, rows) => ['', row(head), row(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(row), ''];
