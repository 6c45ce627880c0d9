import { plain } from './plain';

const maxLines = 12;
const maxLineChars = 120;

/** The lines of a tooltip that still fits beside the row it belongs to. */
export function tooltipLines(lines: readonly string[]): string {
  const shown = lines.length <= maxLines ? lines : [...lines.slice(0, maxLines - 1), '…'];
  return shown.map(line => plain(line, maxLineChars)).join('\n');
}
