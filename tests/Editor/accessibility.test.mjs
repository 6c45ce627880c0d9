// For everybody: each view and page in all kinds of themes, what screen readers are told, the keyboard alone, and the other language.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe } from 'node:test';
import { eventually } from '../EndToEnd/ports.mjs';
import { postgresMissing } from '../EndToEnd/postgres.mjs';
import { openEditor, startEditor, stepsIn } from './editor.mjs';
import { keysOn } from './keyboard.mjs';
import { startSetting } from './setting.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const axeRules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** By the class that the editor has in it: its name, and the class that its pages have. */
const themes = /** @type {const} */ ({
  vs: ['Default Light Modern', 'vscode-light'],
  'vs-dark': ['Default Dark Modern', 'vscode-dark'],
  'hc-light': ['Default High Contrast Light', 'vscode-high-contrast-light'],
  'hc-black': ['Default High Contrast', 'vscode-high-contrast'],
});
/** @typedef {keyof typeof themes} Kind */
const kinds = /** @type {Kind[]} */ (Object.keys(themes));

/** Of each curve and each mark of an outcome with its ground; 3 is what a graphic needs. Runs in a page. */
const contrastOfGraphics = `(() => {
  const { Color, flattenColors, getContrast } = axe.commons.color;
  const color = text => { const parsed = new Color(); parsed.parseString(text); return parsed; };
  const measure = (each, ground, drawn) => ({ graphic: each.getAttribute('class'), drawn, contrast: getContrast(color(ground), flattenColors(color(drawn), color(ground))) });
  return [
    ...[...document.querySelectorAll('svg path')].map(each => measure(each, getComputedStyle(each.parentElement).backgroundColor, getComputedStyle(each).stroke)),
    ...[...document.querySelectorAll('li')].map(each => measure(each, getComputedStyle(document.body).backgroundColor, getComputedStyle(each).borderInlineStartColor)),
  ];
})()`;

const profiles =
  '[profile work]\nregion = eu-central-1\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n';

describe('For everybody, the extension', { skip: postgresMissing }, () => {
  /** @type {import('./setting.mjs').Setting} */
  let setting;
  /** @type {Awaited<ReturnType<typeof startEditor>>} */
  let editor;
  const step = stepsIn(() => editor);
  let port = 0;

  before(async () => {
    setting = await startSetting({ profiles });
    editor = await startEditor(setting.fromSettings);
  });

  after(async () => {
    await editor.stop();
    await setting.stop();
  });

  /** @param {Kind} kind */
  const useTheme = async kind => {
    await editor.writeSettings({ 'workbench.colorTheme': themes[kind][0] });
    await editor.page.locator(`.monaco-workbench.${kind}`).waitFor();
  };

  /** @param {string} text of the page that is shown, which may be filled anew meanwhile */
  const onPage = text => editor.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame').getByText(text);

  /** The document of the page that is shown. A page that is filled anew gets another one: the first may be gone before it is found. */
  const shownPage = async () => {
    /** @type {import('./keyboard.mjs').Frame | null | undefined} */
    let inner;
    const isFound = async () => {
      const outer = await (await editor.page.waitForSelector('iframe.webview.ready')).contentFrame();
      inner = await (await outer?.waitForSelector('#active-frame'))?.contentFrame();
      return inner !== null && inner !== undefined;
    };
    if (!(await eventually(isFound)) || !inner) throw new Error('No page is shown.');
    return inner;
  };

  /** @param {string} name @param {Kind} kind */
  const assertAccessible = async (name, kind) => {
    const page = await shownPage();
    await page.waitForSelector(`body.${themes[kind][1]}`);
    // A copy, with all that the editor has put into it: no script runs in a page that has none.
    const copy = await editor.browser.newPage();
    await copy.setContent(await page.content(), { waitUntil: 'domcontentloaded' });
    await copy.evaluate(axe);
    const { violations, incomplete, passes } =
      /** @type {Record<'violations' | 'incomplete' | 'passes', { id: string, nodes: { html: string, failureSummary?: string }[] }[]>} */ (
        await copy.evaluate(`axe.run(document, { runOnly: ${JSON.stringify(axeRules)} })`)
      );
    // A mark has the colour of the word beside it, which is measured.
    const found = [...violations, ...incomplete].flatMap(({ id, nodes }) =>
      nodes
        .filter(({ html }) => !html.includes('aria-hidden="true"'))
        .map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
    );
    assert.deepEqual(found, [], `${name} in ${kind}`);
    assert.ok((passes.find(({ id }) => id === 'color-contrast')?.nodes.length ?? 0) > 5, 'the contrast of its texts was measured');
    const graphics = /** @type {{ graphic: string, drawn: string, contrast: number }[]} */ (await copy.evaluate(contrastOfGraphics));
    for (const { graphic, contrast } of graphics) assert.ok(contrast >= 3, `${graphic} in ${kind}: ${contrast}`);
    const colors = ['Passed', 'Failed', 'Unknown'].flatMap(outcome => graphics.find(({ graphic }) => graphic === outcome)?.drawn ?? []);
    if (name === 'check') assert.equal(new Set(colors).size, 3, `each outcome has a color of its own in ${kind}: ${colors.join(', ')}`);
    await copy.close();
  };

  /** @param {string} name */
  const assertUnclipped = async name => {
    for (const width of [1280, 760, 560]) {
      await editor.page.setViewportSize({ width, height: 800 });
      const page = await shownPage();
      assert.ok(
        await eventually(
          async () => (await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')) === true,
        ),
        `${name} fits into a window of ${width}`,
      );
    }
    await editor.picture(`${name}-narrow`);
    assert.ok(Number(await (await shownPage()).evaluate('document.documentElement.clientWidth')) < 300, 'the page is narrow');
    await editor.page.setViewportSize({ width: 1280, height: 800 });
  };

  /** @param {string} name */
  const inAllThemes = async name => {
    for (const kind of kinds) {
      await useTheme(kind);
      await assertAccessible(name, kind);
      await editor.picture(`${name}-${kind}`);
    }
    await assertUnclipped(name);
    await editor.command('View: Close All Editors');
  };

  /** All databases, so that no row moves any more. @param {Pick<typeof editor, 'row'>} window */
  const allAreFound = async ({ row }) => {
    for (const each of ['redshift', 'mysql', 'reader', 'valkey']) await row(each).waitFor();
  };

  /** @param {string} label */
  const item = label => editor.page.locator(`.pane [role=treeitem][aria-label^=${JSON.stringify(label)}]`).first();

  /** Moves to a row by keys, wherever the focus of its view is. @param {string} label */
  const goTo = async label => {
    await item(label).waitFor();
    await editor.page.locator('.pane .monaco-list:focus').waitFor();
    const isFocused = () => item(label).evaluate((/** @type {any} */ row) => Boolean(row.classList.contains('focused')));
    for (let moves = 0; !(await isFocused()); moves++) await editor.page.keyboard.press(moves % 20 === 0 ? 'Home' : 'ArrowDown');
  };

  /** Runs a command of the palette without the mouse. @param {string} command */
  const runByKeys = async command => {
    const { keyboard } = editor.page;
    await keyboard.press('F1');
    await editor.page.locator('.quick-input-widget:visible').waitFor();
    await keyboard.type(command);
    await editor.page.locator(`.quick-input-list .monaco-list-row.focused[aria-label^="${command}"]`).waitFor();
    await keyboard.press('Enter');
    await editor.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  };

  /** @param {{ name: string, outline: string, ground: string }[]} controls @param {Kind} kind */
  const assertVisible = async (controls, kind) => {
    const copy = await editor.browser.newPage();
    await copy.evaluate(axe);
    for (const { name, outline, ground } of controls) {
      const contrast = Number(
        await copy.evaluate(`(() => {
        const { Color, getContrast } = axe.commons.color;
        const color = text => { const parsed = new Color(); parsed.parseString(text); return parsed; };
        return getContrast(color(${JSON.stringify(ground)}), color(${JSON.stringify(outline)}));
      })()`),
      );
      assert.ok(contrast >= 3, `the mark around ${name} in ${kind}: ${contrast}`);
    }
    await copy.close();
  };

  step('shows empty views and its walkthrough in all kinds of themes', async () => {
    await editor.command('RDS Tunnel: Focus on Tunnels View');
    await editor.command('Welcome: Open Walkthrough');
    await editor.choose('Get started with RDS Tunnel');
    await editor.page.setViewportSize({ width: 1600, height: 800 }); // a narrow one has no room for the step's picture
    await editor.page.locator('.getting-started-media img').waitFor();
    for (const kind of kinds) {
      await useTheme(kind);
      await editor.picture(`welcome-${kind}`);
    }
    await editor.page.setViewportSize({ width: 1280, height: 800 });
    await editor.command('View: Close All Editors');
  });

  step('tells screen readers the name, port, state and identity of a tunnel', async () => {
    await editor.command('RDS Tunnel: Open tunnel');
    await editor.choose('work');
    await allAreFound(editor);
    await editor.choose('orders, writer');
    const name = String(await item('orders, open, port ').getAttribute('aria-label'));
    assert.match(name, /^orders, open, port \d+, work, eu-central-1$/);
    port = Number(/port (\d+)/.exec(name)?.[1]);
    await editor.command('Notifications: Clear All Notifications');
  });

  step('is reached by keys alone, rows, menus and pages, and tells screen readers why a jump host is recommended', async () => {
    const { keyboard } = editor.page;
    await editor.command('RDS Tunnel: Focus on Databases View');
    await goTo('profile work');
    await keyboard.press('ArrowRight');
    await goTo('region eu-central-1 of profile work');
    await keyboard.press('ArrowRight');
    await goTo('orders, aurora-postgresql');
    await keyboard.press('ArrowRight');
    await goTo('jump host jump-host');
    assert.match(
      String(await item('jump host jump-host').getAttribute('aria-label')),
      /^jump host jump-host, recommended, .*agent online.*same VPC/,
    );
    await keyboard.press('Shift+F10');
    await editor.page.getByRole('menuitem', { name: 'Open tunnel' }).waitFor();
    await keyboard.press('Escape');

    await editor.command('RDS Tunnel: Focus on Tunnels View');
    await goTo('orders, open, port ');
    await keyboard.press('Shift+F10');
    for (const name of [
      'Show details',
      'Copy address',
      'Copy connection details…',
      'Check tunnel',
      'Choose jump host…',
      'Restart tunnel',
      'Close tunnel',
    ])
      await editor.page.getByRole('menuitem', { name, exact: true }).waitFor();
    await editor.picture('context-menu');
    await keyboard.press('Escape');
    await goTo('orders, open, port ');
    await keyboard.press('Enter');
    await onPage(`127.0.0.1:${port}`).waitFor();
  });

  step("shows a tunnel's details readably in all kinds of themes", async () => {
    await inAllThemes('details');
  });

  step('shows a check that failed readably in all kinds of themes', async () => {
    await setting.emulator.control('api-faults', { operation: 'StartSession', code: 'AccessDeniedException' });
    await editor.command('RDS Tunnel: Check tunnel');
    await onPage('Start with the first failed check').waitFor();
    await inAllThemes('check');
  });

  step('walks the page of a check by Tab and Shift+Tab, and presses its links by Enter', async () => {
    const keys = keysOn(editor.page, shownPage);
    const links = ['Check again', 'Show required permissions', 'Show log'];
    for (const kind of kinds) {
      await useTheme(kind);
      await setting.emulator.control('api-faults', { operation: 'StartSession', code: 'AccessDeniedException' });
      await runByKeys('RDS Tunnel: Check tunnel');
      await onPage('Start with the first failed check').waitFor();
      await keys.waitForFocus();
      assert.deepEqual(await keys.controls(), links);
      /** @type {import('./keyboard.mjs').Control[]} */
      const passed = [];
      for (const name of links) {
        const now = await keys.move('Tab');
        assert.ok(typeof now !== 'string' && now.name === name, `${name} is next, and not ${JSON.stringify(now)}`);
        assert.ok(now.isMarked && now.isInView, `it is seen that ${name} has the focus, in ${kind}`);
        passed.push(now);
      }
      await assertVisible(passed, kind);
      for (const before of passed.slice(0, -1).reverse()) assert.deepEqual(await keys.move('Shift+Tab'), before, 'the way back');
      for (const next of passed.slice(1)) assert.deepEqual(await keys.move('Tab'), next);
      assert.equal(await keys.move('Tab'), 'elsewhere', 'the page does not keep the focus');
      await editor.command('View: Close All Editors');
    }

    await setting.emulator.control('api-faults', { operation: 'StartSession', code: 'AccessDeniedException' });
    await runByKeys('RDS Tunnel: Check tunnel');
    await onPage('Start with the first failed check').waitFor();
    await keys.waitForFocus();
    await keys.enter('Check again');
    await onPage('All checks passed').waitFor();
    await keys.waitForFocus();
    await keys.enter('Show log');
    await editor.page.locator('.part.panel .action-item.checked a[aria-label^="Output"]').waitFor();
    // The log takes the focus a little later, which would close the palette.
    await editor.page.locator('.part.panel .monaco-editor.focused').waitFor();
    await editor.command('View: Toggle Panel Visibility');
    await editor.command('View: Close All Editors');
  });

  step("gives the focus to a tunnel's details, where there is nothing to press, and lets it go again", async () => {
    const keys = keysOn(editor.page, shownPage);
    await runByKeys('RDS Tunnel: Show details');
    await onPage(`127.0.0.1:${port}`).waitFor();
    await keys.waitForFocus();
    assert.deepEqual(await keys.controls(), []);
    assert.equal(await keys.move('Tab'), 'elsewhere');
    await editor.command('View: Close All Editors');
  });

  step('speaks German where the editor does', async () => {
    const german = await openEditor(editor.url, 'de');
    await german.command('RDS Tunnel: Tunnel öffnen');
    await german.page.locator('input[placeholder^="AWS-Profil wählen"]').waitFor();
    await german.choose('work');
    await allAreFound(german);
    await german.picture('german-steps');
    await german.choose('orders, writer');
    await german.page.locator('.activitybar a.action-label[aria-label^="RDS Tunnel"]').click();
    await german.page.locator('.pane [role=treeitem][aria-label^="orders, offen, Port "]').waitFor();
    await german.command('Notifications: Clear All Notifications');
    await german.command('RDS Tunnel: Details anzeigen');
    await german.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame').getByText('Umlaufzeit', { exact: true }).waitFor();
    await german.picture('german-details');
    await german.close();
  });
});
