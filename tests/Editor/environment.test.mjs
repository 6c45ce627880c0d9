// A terminal, a task and a debug session find the database of a tunnel: each runs a program that gets a row with DATABASE_URL alone.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe } from 'node:test';
import { databaseHost, freePort, temporaryFolder } from '../EndToEnd/peers.mjs';
import { eventually } from '../EndToEnd/ports.mjs';
import { postgresMissing } from '../EndToEnd/postgres.mjs';
import { keyProfile } from '../EndToEnd/profiles.mjs';
import { startEditor, stepsIn } from './editor.mjs';
import { isListening, startSetting } from './setting.mjs';

/** Of the secret that the local AWS knows. */
const [user, password] = ['admin', 'correct horse battery'];

/** Gets a row with what its environment says, and writes it, or why not, into the file that its argument names. */
const program = `
const { writeFileSync } = require('node:fs');
const { Client } = require(${JSON.stringify(createRequire(import.meta.url).resolve('pg'))});
const { DATABASE_URL, PGPASSWORD } = process.env;
const prefixed = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.endsWith('_DATABASE_URL')));
const tell = what => writeFileSync(process.argv[2], JSON.stringify({ DATABASE_URL, PGPASSWORD, ...prefixed, ...what }));
(async () => {
  if (DATABASE_URL === undefined) return tell({});
  const client = new Client({ connectionString: DATABASE_URL });
  await client.connect();
  const { rows } = await client.query('select current_user as "user", current_database() as "database", ssl from pg_stat_ssl where pid = pg_backend_pid()');
  await client.end();
  tell({ row: rows[0] });
})().catch(error => tell({ error: String(error) }));
`;

describe(
  'In the editor, programs',
  { skip: process.platform === 'linux' ? postgresMissing : 'the servers of this test are started on Linux alone' },
  () => {
    /** @type {import('./setting.mjs').Setting} */
    let setting;
    /** @type {Awaited<ReturnType<typeof startEditor>>} */
    let editor;
    let port = 0;
    let results = '';
    const step = stepsIn(() => editor);

    before(async () => {
      setting = await startSetting({
        profiles: keyProfile('work', {
          AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
          AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
        }),
      });
      await setting.trustDatabase();
      await setting.asOwner(`create user ${user} password '${password}'`);
      [port, results] = [await freePort(), await temporaryFolder('results')];
      const tunnel = {
        ...{ name: 'orders', host: databaseHost, port: 5432, localPort: port, profile: 'work' },
        ...{ login: 'secret', secretId: 'rds!cluster-orders', user, database: 'postgres', environment: true },
      };
      const command = { type: 'process', command: process.execPath, args: ['row.cjs', `${results}/task`] };
      const launch = { type: 'node', request: 'launch', runtimeExecutable: process.execPath, program: '${workspaceFolder}/row.cjs' };
      editor = await startEditor({
        env: { ...setting.env, XDG_STATE_HOME: await temporaryFolder('state') },
        settings: { 'window.autoDetectColorScheme': true, 'debug.internalConsoleOptions': 'neverOpen' },
        files: {
          'row.cjs': program,
          '.vscode/rds-tunnels.json': JSON.stringify({ tunnels: [tunnel] }),
          '.vscode/tasks.json': JSON.stringify({ version: '2.0.0', tasks: [{ label: 'get a row', problemMatcher: [], ...command }] }),
          '.vscode/launch.json': JSON.stringify({
            version: '0.2.0',
            configurations: [{ name: 'Get a row', args: [`${results}/debug`], ...launch }],
          }),
        },
      });
    });

    after(async () => {
      await editor.stop();
      await setting.stop();
    });

    /** What a program has written, once it has. @param {string} name */
    const result = async name => {
      assert.ok(await eventually(() => existsSync(`${results}/${name}`)), `${name} has written`);
      /** @type {any} */
      let read;
      assert.ok(
        await eventually(async () => {
          const text = await readFile(`${results}/${name}`, 'utf8');
          if (text !== '') read = JSON.parse(text);
          return text !== '';
        }),
      );
      await rm(`${results}/${name}`);
      return read;
    };
    /** Runs the program in a terminal of its own. */
    const inTerminal = async () => {
      const input = editor.page.locator('.terminal-wrapper.active textarea.xterm-helper-textarea');
      await editor.command('Terminal: Create New Terminal');
      await input.waitFor({ state: 'attached' });
      assert.ok(await eventually(() => input.evaluate((/** @type {any} */ each) => each === each.ownerDocument.activeElement)));
      await editor.page.keyboard.type(`${process.execPath} row.cjs ${results}/terminal\n`);
      return await result('terminal');
    };
    const row = { user, database: 'postgres', ssl: true };
    const url = () => `postgresql://${user}@127.0.0.1:${port}/postgres?sslmode=disable`;

    step('get nothing before somebody agrees, who is told what the file sets', async () => {
      await editor.toast('wants to open tunnels').waitFor();
      assert.match(await editor.toast('wants to open tunnels').innerText(), /sets DATABASE_URL and similar variables in terminals/);
      await editor.picture('environment-consent');
      assert.deepEqual(await inTerminal(), {});
      await editor.press('wants to open tunnels', 'Allow');
      assert.ok(await eventually(() => isListening(port)), 'now it listens');
    });

    step('get a row in a terminal, with no password in its environment', async () => {
      await editor.page.locator('.activitybar a.action-label[aria-label^="RDS Tunnel"]').click();
      await editor.page.locator('.monaco-list-row[aria-label*="used in terminals"]').waitFor();
      /** @type {any} */
      let told;
      // The variables come a moment after the tunnel.
      assert.ok(
        await eventually(async () => {
          told = await inTerminal();
          return told.DATABASE_URL !== undefined;
        }),
      );
      assert.deepEqual(told, { DATABASE_URL: url(), row });
      await editor.picture('environment-terminal');
    });

    step('get a row in a task', async () => {
      await editor.command('Tasks: Run Task');
      await editor.choose('get a row');
      assert.deepEqual(await result('task'), { DATABASE_URL: url(), row });
    });

    step('get nothing in a new terminal when the tunnel is closed', async () => {
      await editor.command('RDS Tunnel: Close all tunnels');
      assert.ok(await eventually(async () => !(await isListening(port))), 'its port is released');
      assert.deepEqual(await inTerminal(), {});
    });

    step('get a row in a debug session, which opens the tunnel first', async () => {
      await editor.command('Debug: Start Debugging');
      assert.deepEqual(await result('debug'), { DATABASE_URL: url(), row });
      assert.ok(await isListening(port));
    });

    step('get nothing when the person stops using the tunnel, also in a debug session', async () => {
      await editor.command('RDS Tunnel: Stop using in terminals and debug sessions');
      await editor.choose('orders');
      await editor.toast('is no longer used in terminals').waitFor();
      assert.deepEqual(await inTerminal(), {});
      await editor.command('Debug: Start Debugging');
      assert.deepEqual(await result('debug'), {});
    });

    step('get a row again when the person uses it by a command', async () => {
      await editor.command('RDS Tunnel: Use in terminals and debug sessions');
      await editor.page.locator('.quick-input-widget:visible').filter({ hasText: 'Database of orders' }).waitFor();
      await editor.page.keyboard.press('Enter');
      await editor.toast('new terminals, tasks and debug sessions get DATABASE_URL').or(editor.toast('more variables')).first().waitFor();
      await editor.picture('environment-used');
      const told = await inTerminal();
      assert.deepEqual(told.row, row);
    });

    step('have those of a second database beside them, with a prefix', async () => {
      await editor.command('RDS Tunnel: Open without a password');
      await editor.choose('work');
      await editor.choose('reader');
      await editor.choose('Secret in Secrets Manager');
      await editor.choose('Master user');
      const toast = editor.toast('Connect without TLS and without a password');
      await toast.waitFor();
      const [, second] = /127\.0\.0\.1:(\d+)/.exec(await toast.innerText()) ?? [];
      await editor.command('RDS Tunnel: Use in terminals and debug sessions');
      // The other one is used already; its row is there, too.
      await editor.choose(`:${second}`);
      const question = (/** @type {string} */ text) =>
        editor.page.locator('.quick-input-widget:visible').filter({ hasText: text }).waitFor();
      await question('Database of');
      await editor.page.keyboard.press('Enter');
      await question('already sets DATABASE_URL');
      await editor.picture('environment-prefix');
      await editor.page.keyboard.press('ControlOrMeta+A');
      await editor.page.keyboard.type('READ_');
      await editor.page.keyboard.press('Enter');
      await editor.toast('READ_DATABASE_URL').waitFor();
      const told = await inTerminal();
      assert.deepEqual([told.DATABASE_URL, told.row], [url(), row]);
      assert.match(told.READ_DATABASE_URL, new RegExp(`127\\.0\\.0\\.1:${second}/`));
    });
  },
);
