// A new user, from the installed extension to the first row: no profile, nothing known of AWS but the portal's address, and the keyboard alone.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { postgresClientsMissing, postgresMissing } from '../EndToEnd/postgres.mjs';
import { openBehindProxy, startEditor } from './editor.mjs';
import { startSetting } from './setting.mjs';

/** The most that a first row may cost: a new question on the way is a decision, and not an accident. */
const mostKeys = 120;

describe('The first minute', { skip: postgresMissing || postgresClientsMissing }, () => {
  /** @type {import('./setting.mjs').Setting} */
  let setting;
  /** @type {Awaited<ReturnType<typeof startEditor>>} */
  let editor;

  before(async () => {
    setting = await startSetting({ profiles: '' });
    editor = await startEditor(setting.fromSettings);
  });

  after(async () => {
    await editor.stop();
    await setting.stop();
  });

  it('ends with a row of the database', async t => {
    const started = performance.now();
    let keys = 0;
    const { keyboard } = editor.page;
    const press = async (/** @type {string} */ key) => {
      keys++;
      await keyboard.press(key);
    };
    /** Types, and takes what is first. @param {string} prompt what is on the screen by then @param {string} [text] @param {string} [row] */
    const answer = async (prompt, text = '', row = '') => {
      const shown = editor.page.locator('.quick-input-widget:visible');
      await shown.filter({ hasText: prompt }).or(shown.locator(`input[placeholder*="${prompt}"]`)).first().waitFor();
      if (row !== '') await editor.row(row).waitFor();
      keys += text.length;
      if (text !== '') await keyboard.type(text);
      if (row !== '') await editor.page.locator(`.quick-input-list .monaco-list-row.focused[aria-label*=${JSON.stringify(row)}]`).waitFor();
      await press('Enter');
    };
    const palette = async (/** @type {string} */ text, /** @type {string} */ command) => {
      await press('F1');
      await editor.page.locator('.quick-input-widget:visible').waitFor();
      keys += text.length;
      await keyboard.type(text);
      await editor.page.locator(`.quick-input-list .monaco-list-row.focused[aria-label^="${command}"]`).waitFor();
      await press('Enter');
    };

    await palette('rds open', 'RDS Tunnel: Open tunnel');
    await answer('No AWS profile found');
    await answer('Start URL', 'acme');
    await answer('Region of IAM Identity Center', 'eu-central-1');
    const portal = await openBehindProxy(await editor.urlToOpen(), setting.emulator.proxy);
    await portal.page.locator('#allow').focus();
    await portal.page.keyboard.press('Enter');
    keys += 2; // the editor's question whether the page is to be opened, and the portal's
    await portal.page.locator('#done').waitFor();
    await portal.close();
    await answer('Choose an account', 'prod', 'Acme Production');
    await answer('Choose a role', 'dev', 'Developer');
    await answer('Region of your databases');
    await answer('Profile name');
    await answer('Choose a database', 'writer', 'aurora-postgresql');
    await editor.toast('is ready on').waitFor();
    await palette('rds details', 'RDS Tunnel: Copy connection details');
    await answer('Copy connection details', 'psql', 'psql');
    await editor.page.locator('.statusbar-item').filter({ hasText: 'Copied' }).waitFor();
    assert.match(await setting.psql(await editor.clipboard()), /^PostgreSQL /);

    t.diagnostic(`A first row after ${keys} keys and ${((performance.now() - started) / 1_000).toFixed(1)} s.`);
    await editor.picture('first-minute');
    assert.ok(keys <= mostKeys, `${keys} keys`);
  });
});
