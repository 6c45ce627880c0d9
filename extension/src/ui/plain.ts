/** A name or host of a file may be of any length; a notification and a row are not. */
const mostCharacters = 200;

/** Control characters, and those that change the direction of a text or are not seen. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;

/**
 * A text of foreign origin (a file of the workspace, a database tool, AWS) as one line that a person can read: nothing in it is hidden, reversed or
 * endless, and a notification does not make a link of it.
 */
export function plain(text: string): string {
  const line = text.replace(/\s/gu, ' ').replace(unseen, '\uFFFD').replaceAll('](', '] (');
  return line.length <= mostCharacters ? line : `${line.slice(0, mostCharacters - 1)}…`;
}
