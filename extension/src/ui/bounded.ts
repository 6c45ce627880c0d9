/** As much as a row or a tooltip can show; the end is cut, since names differ in their beginnings. */
export const shortened = (text: string, maxChars: number): string => text.length <= maxChars ? text : `${text.slice(0, maxChars - 1).trimEnd()}…`;

const maxLines = 12;
const maxLineChars = 120;

/** The lines of a tooltip that still fits beside the row it belongs to. */
export function tooltipLines(lines: readonly string[]): string {
  const shown = lines.length <= maxLines ? lines : [...lines.slice(0, maxLines - 1), '…'];
  return shown.map(line => shortened(line, maxLineChars)).join('\n');
}
