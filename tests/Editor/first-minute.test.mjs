// A new user, from the installed extension to the first row in a database tool of the editor: no
// profile, nothing known of AWS but the portal's address, and the keyboard alone.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { postgresMissing } from '../EndToEnd/postgres.mjs';
import { openBehindProxy, startEditor } from './editor.mjs';
import { startSetting } from './setting.mjs';

/** The most that a first row may cost: a new question on the way is a decision, and not an accident. */
const [mostKeys, mostQuestions] = [110, 15];

/** How long people take for a key, and to make up their mind at a question: the keystroke-level model's averages. */
const [secondsForKey, secondsForQuestion] = [0.2, 1.35];

/**
 * All waiting together, in starts of an editor in the same run: how busy the machine is counts for
 * both. On a quiet one, the editor starts in ten seconds and the waiting is a few.
 */
const mostStarts = 3;

describe('The first minute', { skip: postgresMissing }, () => {
  /** @type {import('./setting.mjs').Setting} */
  let setting;
  /** @type {Awaited<ReturnType<typeof startEditor>>} */
  let editor;
  let start = 0;

  before(async () => {
    setting = await startSetting({ profiles: '' });
    const since = performance.now();
    editor = await startEditor({ ...setting.fromSettings, tools: ['mtxr.sqltools'] });
    start = performance.now() - since;
  });

  after(async () => {
    await editor.stop();
    await setting.stop();
  });

  it('ends with a row of the database in a database tool', async t => {
    const started = performance.now();
    let [keys, questions, waited] = [0, 0, 0];
    const { keyboard } = editor.page;
    const press = async (/** @type {string} */ key) => {
      keys++;
      await keyboard.press(key);
    };
    /** What a user waits for. @param {() => Promise<unknown>} seen */
    const wait = async seen => {
      const since = performance.now();
      await seen();
      waited += performance.now() - since;
    };
    /**
     * Types, or pastes with one key, and takes what is first.
     * @param {string} prompt what is on the screen by then
     * @param {{ text?: string, paste?: string, row?: string }} [answer]
     */
    const answer = async (prompt, { text = '', paste, row } = {}) => {
      questions++;
      const shown = editor.page.locator('.quick-input-widget:visible');
      await wait(async () => {
        await shown
          .filter({ hasText: prompt })
          .or(shown.locator(`input[placeholder*="${prompt}"]`))
          .first()
          .waitFor();
        if (row !== undefined) await editor.row(row).waitFor();
      });
      keys += paste === undefined ? text.length : 1;
      if (paste !== undefined) await keyboard.insertText(paste);
      else if (text !== '') await keyboard.type(text);
      if (row !== undefined)
        await editor.page.locator(`.quick-input-list .monaco-list-row.focused[aria-label*=${JSON.stringify(row)}]`).waitFor();
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
    await answer('Start URL', { text: 'acme' });
    await answer('Region of IAM Identity Center', { text: 'eu-central-1' });
    const portal = await openBehindProxy(await editor.urlToOpen(), setting.emulator.proxy);
    await portal.page.locator('#allow').focus();
    await portal.page.keyboard.press('Enter');
    keys += 2; // the editor's question whether the page is to be opened, and the portal's
    questions += 2;
    await portal.page.locator('#done').waitFor();
    await portal.close();
    await answer('Choose an account', { text: 'prod', row: 'Acme Production' });
    await answer('Choose a role', { text: 'dev', row: 'Developer' });
    await answer('Region of your databases');
    await answer('Profile name');
    await answer('Choose a database', { text: 'writer', row: 'aurora-postgresql' });
    await wait(() => editor.toast('is ready on').waitFor());

    await palette('rds add', 'RDS Tunnel: Add to database tool');
    await answer('Database user for orders', { text: setting.user });
    await answer('Database of orders');
    await wait(() => editor.toast('was added to SQLTools').waitFor());
    const {
      'sqltools.connections': [connection],
    } = JSON.parse(await readFile(editor.userSettingsFile, 'utf8'));
    await setting.addAuthority(connection.pgOptions.ssl.ca);

    await palette('sqltools run', 'SQLTools Connection: Run Query');
    await answer('Pick a connection', { row: 'orders' });
    await answer('Type the query', { text: 'select version()' });
    await answer('password', { paste: setting.password });
    await wait(() => editor.page.locator('.view-line').filter({ hasText: 'PostgreSQL' }).waitFor());

    const person = keys * secondsForKey + questions * secondsForQuestion;
    const inSeconds = (/** @type {number} */ milliseconds) => (milliseconds / 1_000).toFixed(1);
    t.diagnostic(
      `A first row after ${keys} keys and ${questions} questions, for which a person takes ${person.toFixed(0)} s, and ${inSeconds(waited)} s of waiting, where the editor starts in ${inSeconds(start)} s; ${inSeconds(performance.now() - started)} s here.`,
    );
    await editor.picture('first-minute');
    assert.ok(keys <= mostKeys, `${keys} keys`);
    assert.ok(questions <= mostQuestions, `${questions} questions`);
    assert.ok(waited <= mostStarts * start, `${inSeconds(waited)} s of waiting`);
  });
});
