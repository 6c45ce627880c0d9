// The views, and the way to a first tunnel for somebody who has no profile yet.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe } from 'node:test';
import mysql from 'mysql2/promise';
import { eventually } from '../EndToEnd/ports.mjs';
import { mariadbMissing, startMariaDB } from '../EndToEnd/mariadb.mjs';
import { postgresClientsMissing, postgresMissing } from '../EndToEnd/postgres.mjs';
import { openBehindProxy, startEditor, stepsIn } from './editor.mjs';
import { startSetting } from './setting.mjs';

const skip = postgresMissing || mariadbMissing;
const mariadbHost = 'ledger.abc123.eu-central-1.rds.amazonaws.com';

describe('The views of the extension', { skip }, () => {
  /** @type {Awaited<ReturnType<typeof startMariaDB>>} */
  let mariadb;
  /** @type {import('./setting.mjs').Setting} */
  let setting;
  /** @type {Awaited<ReturnType<typeof startEditor>>} */
  let editor;
  const step = stepsIn(() => editor);

  before(async () => {
    mariadb = await startMariaDB();
    setting = await startSetting({ profiles: '# Nothing yet.\n', alsoResolve: { [mariadbHost]: `127.0.0.1:${mariadb.port}` } });
    editor = await startEditor({ ...setting.fromSettings, tools: ['mtxr.sqltools'] });
  });

  after(async () => {
    await editor.stop();
    await setting.stop();
    await mariadb.stop();
  });

  /** @param {string} view */
  const itemsOf = view => (/** @type {string} */ text) =>
    editor.page
      .locator('.pane')
      .filter({ has: editor.page.locator('.pane-header', { hasText: view }) })
      .locator('[role=treeitem]')
      .filter({ hasText: text })
      .first();
  const tunnel = itemsOf('Tunnels');
  const item = itemsOf('Databases');
  const input = () => editor.page.locator('.quick-input-widget:visible input.input');
  const goBack = () => editor.page.locator('.quick-input-widget:visible .codicon-quick-input-back').click();

  /** @param {string} prompt @param {string} [text] what is suggested, when it is left out */
  const answer = async (prompt, text) => {
    await editor.page.locator('.quick-input-widget:visible').filter({ hasText: prompt }).waitFor();
    if (text !== undefined) await input().fill(text);
    await editor.page.keyboard.press('Enter');
  };

  step('leads somebody without a profile from the start page to one', async () => {
    await editor.command('RDS Tunnel: Open tunnel');
    await editor.choose('Create an AWS profile');
    await answer('Start URL', 'not an address');
    await answer('Enter a web address', 'https://acme.awsapps.com/start');
    await answer('Region of IAM Identity Center', 'eu-central-1');
    const url = await editor.urlToOpen();
    const portal = await openBehindProxy(url, setting.emulator.proxy);
    await portal.page.locator('#allow').click();
    await portal.page.locator('#done').waitFor();
    await portal.close();
    await editor.row('Acme Staging').waitFor();
    await editor.picture('accounts');
    await editor.choose('Acme Production');
    await editor.row('Developer').waitFor();
    await goBack();
    await editor.choose('Acme Production');
    await editor.choose('Developer');
    await answer('Region of your databases');
    await answer('Profile name');
    await editor.row('orders').waitFor();
    const written = await readFile(setting.configFile, 'utf8');
    assert.match(written, /^# Nothing yet\.\n/);
    assert.match(
      written,
      /\[profile acme-production-developer\]\nsso_session = acme\nsso_account_id = 111122223333\nsso_role_name = Developer\n/,
    );
  });

  step('goes back a step, and leaves nothing behind when it is given up', async () => {
    await goBack();
    await editor.row('acme-production-developer').waitFor();
    await editor.choose('acme-production-developer');
    await editor.row('orders').waitFor();
    await editor.choose('Look in another region');
    await goBack();
    await editor.row('valkey').waitFor();
    await editor.choose('Look in another region');
    await answer('Region, for example', 'eu-west-1');
    await editor.row('archive').waitFor();
    await editor.row('valkey').waitFor();
    await editor.page.keyboard.press('Escape');
    await input().waitFor({ state: 'hidden' });
    assert.equal(await editor.status.count(), 0);
  });

  step('reaches a host that was typed, and MariaDB behind it', async () => {
    await editor.command('RDS Tunnel: Open tunnel');
    await editor.choose('acme-production-developer');
    await editor.row('valkey').waitFor(); // all are found, and none moves any more
    await editor.choose('Enter host and port');
    await answer('Host and port of the database', 'nonsense');
    await answer('Enter host:port', `${mariadbHost}:3306`);
    // AWS does not list this host, so nothing is known to lead there: that is a question.
    await editor.choose('database VPC unknown');
    // Whoever answers that fast gets four notifications within a second, of which the editor shows
    // three: the last may be behind the bell only.
    await editor.page.locator('.activitybar a.action-label[aria-label^="RDS Tunnel"]').click();
    const row = editor.page.locator('.pane [role=treeitem]').filter({ hasText: 'ledger' }).filter({ hasText: '· open' }).first();
    await row.waitFor();
    await editor.picture('by-hand');
    const port = Number(/:(\d+) · open/.exec(await row.innerText())?.[1]);
    const { user, password, authority } = mariadb;
    const client = await mysql.createConnection({
      host: '127.0.0.1',
      port,
      user,
      password,
      ssl: { ca: await readFile(authority, 'utf8'), verifyIdentity: false },
    });
    const [rows] = /** @type {[{ version: string }[], unknown]} */ (
      /** @type {unknown} */ (await client.query('select version() as version'))
    );
    assert.match(String(rows[0]?.version), /MariaDB/);
    await client.end();
    await editor.command('Notifications: Clear All Notifications');
  });

  step('shows databases by profile and region, and the jump hosts that lead to each, with reasons', async () => {
    await item('acme-production-developer').click();
    await item('eu-central-1').click();
    await item('aurora-postgresql 16.4').click();
    await item('recommended').hover();
    await editor.page.getByText('same VPC').first().waitFor();
    await editor.picture('tree');
    await item('mysql 8.0.39').click();
    await item('The closest match is').waitFor();
    await item('mysql 8.0.39').click();
    // The region that was added goes with one click.
    await item('eu-west-1').hover();
    await item('eu-west-1').getByRole('button', { name: 'Remove region' }).click();
    await item('eu-west-1').waitFor({ state: 'hidden' });
  });

  /** The local port of the tunnel that was opened last. */
  let port = 0;

  step('opens a tunnel from the tree', async () => {
    await item('aurora-postgresql 16.4').hover();
    await item('aurora-postgresql 16.4').getByRole('button', { name: 'Open tunnel' }).click();
    await editor.toast('is ready on').waitFor();
    await editor.status.filter({ hasText: 'RDS 2' }).waitFor();
    port = Number(/127\.0\.0\.1:(\d+)/.exec(await editor.toast('is ready on').innerText())?.[1]);
  });

  step('adds it to a database tool that is installed', async () => {
    await editor.press('is ready on', 'Add to SQLTools');
    await answer('Database user for orders', setting.user);
    await answer('Database of orders');
    await editor.toast('was added to SQLTools').waitFor();
    const settings = JSON.parse(await readFile(editor.userSettingsFile, 'utf8'));
    const [added] = settings['sqltools.connections'];
    assert.deepEqual([added.port, added.username, added.database], [port, setting.user, 'postgres']);
    assert.deepEqual(
      settings['rdsTunnel.tunnels'].map((/** @type {{ localPort: number }} */ { localPort }) => localPort),
      [port],
    );
    assert.match(await setting.sqlTools(added), /^PostgreSQL /);
    await editor.command('Notifications: Clear All Notifications');
  });

  step("gives a line for psql that works, and verifies the database's own name", { skip: postgresClientsMissing }, async () => {
    await editor.command('RDS Tunnel: Copy connection details');
    await editor.choose(`:${port}`);
    await editor.choose('psql');
    await editor.page.locator('.statusbar-item').filter({ hasText: 'Copied' }).waitFor();
    const line = await editor.clipboard();
    assert.match(line, /sslmode=verify-full/);
    assert.match(await setting.psql(line), /^PostgreSQL /);
  });

  step("copies an IAM token, and the password of the database's secret", async () => {
    await editor.command('RDS Tunnel: Copy IAM token');
    await editor.choose(`:${port}`);
    await answer('Database user', 'jane');
    await editor.toast('IAM token for jane copied').waitFor();
    assert.match(
      await editor.clipboard(),
      /^orders\.cluster-abc123\.eu-central-1\.rds\.amazonaws\.com:5432\/\?Action=connect&DBUser=jane&/,
    );
    await editor.command('RDS Tunnel: Copy password');
    await editor.choose(`:${port}`);
    await answer('Copy the password'); // the one that the list of databases named
    await editor.toast('Password of admin copied').waitFor();
    assert.equal(await editor.clipboard(), 'correct horse battery');
    await editor.command('Notifications: Clear All Notifications');
  });

  step('draws what a tunnel carries', async () => {
    await tunnel(`:${port}`).hover();
    await tunnel(`:${port}`).getByRole('button', { name: 'Show details' }).click();
    const page = editor.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    await page
      .locator('#address')
      .filter({ hasText: `127.0.0.1:${port}` })
      .waitFor();
    await setting.download(port, 3);
    const peak = async () => Number(/([\d.]+) [kM]B\/s/.exec(await page.locator('#throughput-scale').innerText())?.[1] ?? 0);
    assert.ok(await eventually(async () => (await peak()) > 0), 'a scale for what was carried');
    assert.ok(
      await eventually(async () => (await page.locator('#throughput path.down').getAttribute('d'))?.includes('L') === true),
      'a curve',
    );
    await page
      .locator('#sent')
      .filter({ hasText: /↓ \d\.\d MB/ })
      .waitFor();
    // Hidden and shown again, it has not forgotten.
    await editor.command('File: New Untitled Text File');
    await editor.command('View: Close Editor');
    assert.ok(
      await eventually(async () => ((await page.locator('#throughput path.down').getAttribute('d'))?.split('L').length ?? 0) > 5),
      'its history',
    );
    await editor.picture('details');
    await editor.command('View: Close All Editors');
  });
});
