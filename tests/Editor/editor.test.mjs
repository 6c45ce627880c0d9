// A real editor with the packaged extension, used as a person uses it: real PostgreSQL behind, and the local AWS in AWS's place.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe } from 'node:test';
import { databaseHost, freePort } from '../EndToEnd/peers.mjs';
import { eventually } from '../EndToEnd/ports.mjs';
import { postgresMissing } from '../EndToEnd/postgres.mjs';
import { openBehindProxy, pictures, startEditor, stepsIn } from './editor.mjs';
import { isListening, readerHost, sidecars, startSetting } from './setting.mjs';

const skip = postgresMissing;

describe('The editor', { skip }, () => {
  /** @type {import('./setting.mjs').Setting} */
  let setting;
  /** @type {Awaited<ReturnType<typeof startEditor>>} */
  let editor;
  /** @type {number} */
  let teamPort;
  const step = stepsIn(() => editor);
  /** What the status bar says of the tunnels. @param {string} icon */
  const statusShows = icon => editor.status.locator(`.codicon-${icon}`).waitFor();

  before(async () => {
    setting = await startSetting();
    teamPort = await freePort();
    editor = await startEditor({
      env: setting.env,
      settings: { 'window.autoDetectColorScheme': true },
      tools: ['mtxr.sqltools', 'ms-mssql.mssql', 'ms-ossdata.vscode-pgsql', 'mongodb.mongodb-vscode'],
      files: {
        '.vscode/rds-tunnels.json': `{\n  // What everybody here needs.\n  "tunnels": [\n    { "name": "orders", "host": "${databaseHost}", "port": 5432, "localPort": ${teamPort}, "profile": "work" },\n    { "host": "broken", "port": "5432" }\n  ]\n}\n`,
      },
    });
  });

  after(async () => {
    await editor.stop();
    await setting.stop();
  });

  step('asks before a file of the workspace uses an AWS identity; nothing listens, and no sidecar runs, until then', async () => {
    await editor.toast('wants to open tunnels').waitFor();
    assert.equal(await isListening(teamPort), false);
    assert.deepEqual(sidecars(), []);
    await editor.pictures('consent');
    await editor.press('wants to open tunnels', 'Allow');
    assert.ok(await eventually(() => isListening(teamPort)), 'now it listens');
    await editor.status.filter({ hasText: 'RDS 1' }).waitFor();
    await statusShows('circle-outline');
    assert.equal(sidecars().length, 1);
  });

  step("shows what is wrong with the team's file where it is wrong", async () => {
    await editor.command('Problems: Focus on Problems View');
    await editor.page.locator('.markers-panel').filter({ hasText: '"port" must be a number from 1 to 65535.' }).waitFor();
    await editor.picture('diagnostics');
    await editor.command('View: Toggle Panel Visibility');
  });

  step('gives a sign-in up when it is cancelled, and leaves nothing of it', async () => {
    await editor.command('RDS Tunnel: Open tunnel');
    await editor.choose('work');
    await editor.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Cancel', exact: true }).click();
    await editor.toast("The browser didn't open").getByText('this page').waitFor();
    await editor.page.screenshot({ path: `${pictures}/not-opened.png` });
    await editor.toast("The browser didn't open").getByText('this page').click();
    await editor.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Cancel', exact: true }).click();
    await editor.press('Signing in to AWS', 'Cancel');
    await editor.toast('Signing in to AWS').waitFor({ state: 'hidden' });
    assert.equal(await editor.page.locator('.notification-toast').count(), 0, 'no word of an error');
    await editor.status.filter({ hasText: 'RDS 1' }).waitFor();
  });

  step('lets a cold connection wait for the sign-in, and answers it then', async () => {
    const row = setting.version(teamPort);
    row.catch(() => undefined);
    await editor.toast('sign in to AWS').waitFor();
    await statusShows('key');
    await editor.picture('needs-sign-in');
    await editor.press('sign in to AWS', 'Sign in');
    const url = await editor.urlToOpen();
    // Such a window counts as a remote one: the browser may be on another machine than the port that it would come back to.
    assert.match(url, /^https:\/\/device\.sso\.eu-central-1\.amazonaws\.com\/device\?user_code=/);
    const portal = await openBehindProxy(url, setting.emulator.proxy);
    await portal.page.screenshot({ path: `${pictures}/portal.png` });
    await portal.page.locator('#allow').click();
    await portal.page.locator('#done').waitFor();
    await portal.close();
    assert.match(await row, /^PostgreSQL /);
    await portal.close();
    await editor.status.filter({ hasText: 'RDS 1' }).waitFor();
    await statusShows('pass-filled');
  });

  step('shows a tunnel that reconnects, one that fails, and how it gets well again', async () => {
    const { emulator } = setting;
    const inTree = (/** @type {string} */ state) =>
      editor.page.locator(`[role=treeitem][aria-label^="orders, ${state}, port ${teamPort}"]`).waitFor();
    await editor.page.locator('.activitybar a.action-label[aria-label^="RDS Tunnel"]').click();
    await inTree('open');
    const [session] = (await emulator.sessions()).filter(({ state }) => state === 'active');
    await emulator.control(`sessions/${session?.id ?? ''}/faults`, { refuseUpgrade: { times: 3, statusCode: 503 }, cutClient: true });
    await Promise.all([statusShows('sync'), inTree('reconnecting')]);
    await Promise.all([statusShows('pass-filled'), inTree('open')]);

    await emulator.control(`sessions/${session?.id ?? ''}/terminate`);
    await Promise.all([statusShows('circle-outline'), inTree('listening')]);
    await emulator.control('api-faults', { operation: 'StartSession', code: 'AccessDeniedException' });
    await assert.rejects(setting.version(teamPort));
    await Promise.all([statusShows('error'), inTree('failed')]);
    await editor.toast('orders: Access denied').waitFor();
    await editor.press('orders: Access denied', 'Permissions');
    await editor.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame').getByText('ssm:StartSession').first().waitFor();
    await editor.command('View: Close All Editors');
    await editor.status.hover();
    await editor.page.getByText(`127.0.0.1:${teamPort}`).first().waitFor();
    await editor.picture('faulted');
    assert.match(await setting.version(teamPort), /^PostgreSQL /);
    await Promise.all([statusShows('pass-filled'), inTree('open')]);
  });

  step('opens a tunnel from the palette: profile, database, done', async () => {
    await editor.command('RDS Tunnel: Open tunnel');
    await editor.choose('work');
    await editor.row('reader').waitFor();
    await editor.pictures('databases');
    await editor.choose('reader');
    await editor.toast('is ready on').waitFor();
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(await editor.toast('is ready on').innerText())?.[1]);
    assert.match(await setting.version(port, readerHost), /^PostgreSQL /);
    await editor.status.filter({ hasText: 'RDS 2' }).waitFor();
    await editor.page
      .locator('[role=treeitem]')
      .filter({ hasText: `:${port}` })
      .waitFor();
    assert.equal(await editor.page.locator('[role=treeitem]').filter({ hasText: 'orders' }).count(), 2);
    await editor.pictures('tunnel');
  });

  step('offers what was opened before', async () => {
    await editor.command('Notifications: Clear All Notifications');
    await editor.command('RDS Tunnel: Open tunnel');
    await editor.row('orders (reader)').waitFor();
    await editor.page.keyboard.press('Escape');
  });

  step('checks the whole chain, and shows what it found', async () => {
    await editor.command('RDS Tunnel: Check tunnel');
    await editor.choose(`:${teamPort}`);
    const page = editor.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    await page.getByText('All checks passed').waitFor();
    await editor.picture('check');
    assert.equal(await page.getByText('issued for').count(), 1);
    assert.equal(await page.locator('.Failed').count(), 0);
    await editor.command('View: Close All Editors');
  });

  for (const [name, section, entry, expected] of /** @type {[string, string, Record<string, unknown>, Record<string, unknown>][]} */ ([
    [
      'SQLTools',
      'sqltools.connections',
      { name: 'figures', driver: 'PostgreSQL', server: 'figures.abc123.eu-central-1.rds.amazonaws.com', port: 5432 },
      { server: '127.0.0.1' },
    ],
    [
      'SQL Server',
      'mssql.connections',
      { profileName: 'figures', server: 'ms.abc123.eu-central-1.rds.amazonaws.com', encrypt: 'Mandatory' },
      { hostNameInCertificate: 'ms.abc123.eu-central-1.rds.amazonaws.com' },
    ],
    [
      'PostgreSQL',
      'pgsql.connections',
      { profileName: 'figures', server: 'pg.abc123.eu-central-1.rds.amazonaws.com', port: '5432' },
      { hostaddr: '127.0.0.1' },
    ],
    [
      'MongoDB',
      'mdb.presetConnections',
      { name: 'figures', connectionString: 'mongodb://docs.abc123.eu-central-1.docdb.amazonaws.com:27017/?tls=true' },
      {},
    ],
  ])) {
    step(`routes a connection of ${name} through a tunnel, and takes it back`, async () => {
      const settings = async () => JSON.parse(await readFile(editor.settingsFile, 'utf8'));
      await editor.writeSettings({ [section]: [entry] });
      const before = await readFile(editor.settingsFile, 'utf8');
      await editor.toast('Connect to it through a tunnel?').waitFor();
      await editor.press('Connect to it through a tunnel?', 'Use a tunnel');
      await editor.choose('work');
      await editor.toast('now connects through').waitFor();
      if (name === 'SQLTools') await editor.picture('routed');
      const routed = (await settings())[section][0];
      const [tunnel] = (await settings())['rdsTunnel.tunnels'];
      for (const [key, value] of Object.entries(expected)) assert.equal(routed[key], value, key);
      assert.ok(JSON.stringify(routed).includes(String(tunnel.localPort)));
      assert.ok(await isListening(tunnel.localPort));
      await editor.press('now connects through', 'Undo');
      await editor.toast(/connects to .* again/).waitFor();
      assert.equal(JSON.stringify(await settings()), JSON.stringify(JSON.parse(before)));
      assert.ok(await eventually(async () => !(await isListening(tunnel.localPort))), 'nothing listens there any more');
      await editor.command('Notifications: Clear All Notifications');
    });
  }

  step('has everything back after the sidecar was killed', async () => {
    const [before] = sidecars();
    process.kill(Number(before), 'SIGKILL');
    assert.ok(await eventually(() => sidecars().some(pid => pid !== before)), 'another one runs');
    assert.ok(await eventually(() => isListening(teamPort)));
    assert.match(await setting.version(teamPort), /^PostgreSQL /);
    await editor.status.filter({ hasText: 'RDS 2' }).waitFor();
  });

  step('leaves nothing when its window is closed', async () => {
    await editor.closeWindow();
    assert.ok(await eventually(() => sidecars().length === 0), 'the sidecar is gone');
    assert.equal(await isListening(teamPort), false);
    // What SIGKILL has left is ended by its idle timeout; whatever was open at the end is over.
    const active = (await setting.emulator.sessions()).filter(({ state }) => state === 'active');
    assert.ok(active.length <= 2, JSON.stringify(active));
  });

  step("does not let the user's own tunnels wait for an answer about the workspace's", async () => {
    const [own, theirs] = [await freePort(), await freePort()];
    const unanswered = await startEditor({
      env: setting.env,
      settings: { 'rdsTunnel.tunnels': [{ host: databaseHost, port: 5432, localPort: own, profile: 'work' }] },
      files: {
        '.vscode/rds-tunnels.json': JSON.stringify({ tunnels: [{ host: databaseHost, port: 5432, localPort: theirs, profile: 'other' }] }),
      },
    });
    try {
      await unanswered.toast('wants to open tunnels').waitFor();
      assert.ok(await eventually(() => isListening(own)), "the user's listens");
      assert.equal(await isListening(theirs), false);
    } finally {
      await unanswered.stop();
    }
  });

  step('listens to nothing in a workspace that is not trusted', async () => {
    const port = await freePort();
    const wary = await startEditor({
      env: setting.env,
      trust: true,
      settings: { 'security.workspace.trust.startupPrompt': 'never' },
      files: {
        '.vscode/rds-tunnels.json': JSON.stringify({ tunnels: [{ host: databaseHost, port: 5432, localPort: port, profile: 'work' }] }),
        '.vscode/settings.json': JSON.stringify({
          'rdsTunnel.tunnels': [{ host: databaseHost, port: 5432, localPort: port, profile: 'work' }],
        }),
      },
    });
    try {
      await wary.page.locator('.statusbar-item').filter({ hasText: 'Restricted Mode' }).waitFor();
      await wary.page.locator('.activitybar a.action-label[aria-label^="RDS Tunnel"]').click();
      await wary.page.getByText('No tunnels are open').waitFor();
      assert.equal(await wary.toast('wants to open tunnels').count(), 0);
      assert.equal(await isListening(port), false);
      assert.deepEqual(sidecars(), []);
    } finally {
      await wary.picture('untrusted');
      await wary.stop();
    }
  });
});
