/** Control characters but line feeds, and those that change the direction of a text or are not seen. */
const unseen = /[^\n\P{Cc}]|[\p{Cf}\p{Zl}\p{Zp}]/gu;

/** What comes from outside is text, and all of it is seen. */
export const html = (text: string): string =>
  text.replace(unseen, '\uFFFD').replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
