// From the palette to a row in a database tool, with no password and no certificate anywhere: the tunnel signs in.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { keyProfile } from '../EndToEnd/profiles.mjs';
import { postgresMissing } from '../EndToEnd/postgres.mjs';
import { query } from '../EndToEnd/sqltools.mjs';
import { startEditor } from './editor.mjs';
import { startSetting } from './setting.mjs';

/** Of the secret that the local AWS knows. */
const [user, password] = ['admin', 'correct horse battery'];

describe(
  'Passwordless',
  { skip: process.platform === 'linux' ? postgresMissing : 'the servers of this test are started on Linux alone' },
  () => {
    /** @type {import('./setting.mjs').Setting} */
    let setting;
    /** @type {Awaited<ReturnType<typeof startEditor>>} */
    let editor;

    before(async () => {
      setting = await startSetting({
        profiles: keyProfile('work', {
          AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
          AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
        }),
      });
      await setting.trustDatabase();
      await setting.asOwner(`create user ${user} password '${password}'`);
      editor = await startEditor({ env: setting.env, tools: ['mtxr.sqltools'] });
    });

    after(async () => {
      await editor.stop();
      await setting.stop();
    });

    it('opens a tunnel that signs in with a secret, and a tool gets a row', async () => {
      await editor.command('RDS Tunnel: Open without a password');
      await editor.choose('work');
      await editor.choose('writer');
      await editor.row('Secret in Secrets Manager').waitFor();
      await editor.picture('passwordless-means');
      await editor.choose('Secret in Secrets Manager');
      await editor.choose('Master user');
      const toast = editor.toast('Connect without TLS and without a password');
      await toast.waitFor();
      await editor.picture('passwordless-ready');
      const [, port] = /127\.0\.0\.1:(\d+)/.exec(await toast.innerText()) ?? [];

      const client = new pg.Client({ host: '127.0.0.1', port: Number(port), user: 'anybody', database: 'postgres' });
      await client.connect();
      const { rows } = await client.query('select current_user as "user", ssl from pg_stat_ssl where pid = pg_backend_pid()');
      await client.end();
      assert.deepEqual(rows, [{ user, ssl: true }]);

      await editor.press(/Connect without TLS/, 'Add to SQLTools');
      await editor.page.locator('.quick-input-widget:visible').filter({ hasText: 'Database of orders' }).waitFor();
      await editor.page.keyboard.press('Enter');
      await editor.toast('was added to SQLTools').waitFor();
      const { 'sqltools.connections': connections, 'rdsTunnel.tunnels': tunnels } = JSON.parse(
        await readFile(editor.userSettingsFile, 'utf8'),
      );
      assert.match(await query(connections[0]), /^PostgreSQL /);
      assert.deepEqual([tunnels[0].login, tunnels[0].localPort], ['secret', Number(port)]);
      assert.doesNotMatch(await readFile(editor.userSettingsFile, 'utf8'), new RegExp(password));
    });
  },
);
