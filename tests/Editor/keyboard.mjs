// A page of the extension, as somebody without a mouse goes through it.
import { eventually } from '../EndToEnd/ports.mjs';

/**
 * Where the keys go: to nothing in particular on the page, to one of its controls, or elsewhere in the editor.
 * @typedef {'page' | 'elsewhere' | { name: string, isMarked: boolean, isInView: boolean, outline: string, ground: string }} Focus
 */

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
 * @param {import('playwright-core').Page} page of the editor
 * @param {() => Promise<import('playwright-core').Frame>} shown the document of the extension's page
 */
export function keysOn({ keyboard }, shown) {
  const focus = async () => /** @type {Focus} */ (await (await shown()).evaluate(focusOfPage));
  return {
    focus,
    controls: async () => /** @type {string[]} */ (await (await shown()).evaluate(namesOfControls)),
    /** A page that was just opened has the focus. */
    waitForFocus: async () => {
      if (!(await eventually(async () => (await focus()) !== 'elsewhere'))) throw new Error('The page does not get the focus.');
    },
    /**
     * Goes on until the page is left.
     * @param {'Tab' | 'Shift+Tab'} key
     */
    walk: async key => {
      /** @type {Exclude<Focus, string>[]} */
      const passed = [];
      for (let before = await focus(); ;) {
        await keyboard.press(key);
        /** @type {Focus} */
        let now = before;
        const was = JSON.stringify(before);
        // Between documents the focus moves a little later than the key.
        if (!(await eventually(async () => JSON.stringify((now = await focus())) !== was)))
          throw new Error(`${key} does not leave ${was}.`);
        if (typeof now === 'string') return passed;
        passed.push(now);
        before = now;
      }
    },
    /**
     * Presses Enter on a control, to which Tab leads.
     * @param {string} name
     */
    enter: async name => {
      for (;;) {
        const now = await focus();
        if (now === 'elsewhere') throw new Error(`Tab does not lead to ${name}.`);
        if (now !== 'page' && now.name === name) break;
        const was = JSON.stringify(now);
        await keyboard.press('Tab');
        if (!(await eventually(async () => JSON.stringify(await focus()) !== was))) throw new Error(`Tab does not leave ${was}.`);
      }
      await keyboard.press('Enter');
    },
  };
}
