// Words for the terminal. Needs no package: it is there before they are installed.
import { styleText } from 'node:util';

/** @param {Parameters<typeof styleText>[0]} style @returns {(text: string) => string} plain where the output is no terminal */
const styled = style => text => styleText(style, text);

export const [bold, dim, red, green, yellow, cyan] = [
  styled('bold'),
  styled('dim'),
  styled('red'),
  styled('green'),
  styled('yellow'),
  styled('cyan'),
];

export const say = (text = '') => {
  process.stdout.write(`${text}\n`);
};

/** @param {number} ms */
export function duration(ms) {
  if (ms < 1_000) return `${ms.toFixed(0)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1_000)} s`;
}

/** The first column to the left, numbers to the right. @param {string[][]} rows */
export function table(rows) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  return rows.map(row =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
  );
}
