/** Control characters, and those that change the direction of a text or are not seen. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;

/**
 * A text of foreign origin (a file of the workspace, a database tool, AWS) as one line that a
 * person can read: nothing in it is hidden, reversed or
 * endless, and a notification does not make a link of it. The end is cut, since names differ in their beginnings.
 */
export function plain(text: string, maxChars = 200): string {
  const line = text.replace(/\s/gu, ' ').replace(unseen, '\uFFFD').replaceAll('](', '] (');
  return line.length <= maxChars
    ? line
    : `${line
        .slice(0, maxChars - 1)
        .replace(/[\uD800-\uDBFF]$/, '')
        .trimEnd()}…`;
}
