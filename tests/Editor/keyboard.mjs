// A page of the extension, as somebody without a mouse goes through it.
import { eventually } from '../EndToEnd/ports.mjs';

/**
 * A document in the browser, whose own package is installed apart from all others.
 * @typedef {{ evaluate: (script: string) => Promise<unknown>, content: () => Promise<string>, waitForSelector: (selector: string) => Promise<unknown> }} Frame
 */
/** @typedef {{ name: string, isMarked: boolean, isInView: boolean, outline: string, ground: string }} Control */
/** Where the keys go: to nothing in particular on the page, to one of its controls, or elsewhere in the editor. @typedef {'page' | 'elsewhere' | Control} Focus */

/** Runs in the page. */
const focusOfPage = `(() => {
  const each = document.activeElement;
  if (!document.hasFocus()) return 'elsewhere';
  if (each === null || each === document.body || each === document.documentElement) return 'page';
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(each);
  const { top, bottom, left, right } = each.getBoundingClientRect();
  return {
    name: each.textContent.trim(),
    isMarked: each.matches(':focus-visible') && outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
    isInView: top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth,
    outline: outlineColor,
    ground: getComputedStyle(document.body).backgroundColor,
  };
})()`;

/** Of all that takes the focus, in the page's order. Runs in the page. */
const namesOfControls = `[...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex], [contenteditable]')]
  .filter(each => each.getClientRects().length > 0).map(each => each.textContent.trim())`;

/**
 * @param {{ keyboard: { press: (key: string) => Promise<void> } }} page of the editor
 * @param {() => Promise<Frame>} shown the document of the extension's page
 */
export function keysOn({ keyboard }, shown) {
  const focus = async () => /** @type {Focus} */ (await (await shown()).evaluate(focusOfPage));
  /** Presses a key that moves the focus, and tells where it went: between documents it moves a little later. @param {'Tab' | 'Shift+Tab'} key */
  const move = async key => {
    const before = JSON.stringify(await focus());
    await keyboard.press(key);
    let now = /** @type {Focus} */ ('page');
    if (!(await eventually(async () => JSON.stringify((now = await focus())) !== before)))
      throw new Error(`${key} does not leave ${before}.`);
    return now;
  };
  return {
    move,
    controls: async () => /** @type {string[]} */ (await (await shown()).evaluate(namesOfControls)),
    /** A page that was just opened has the focus. */
    waitForFocus: async () => {
      if (!(await eventually(async () => (await focus()) === 'page'))) throw new Error('The page does not get the focus.');
    },
    /**
     * Presses Enter on a control, to which Tab leads.
     * @param {string} name
     */
    enter: async name => {
      for (let now = await focus(); typeof now === 'string' || now.name !== name; now = await move('Tab'))
        if (now === 'elsewhere') throw new Error(`Tab does not lead to ${name}.`);
      await keyboard.press('Enter');
    },
  };
}
