// npm run demo:editor, as somebody clicks through it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { root } from '../../scripts/lib/paths.mjs';
import { start } from '../../scripts/lib/processes.mjs';
import { eventually } from '../EndToEnd/ports.mjs';
import { openEditor } from './editor.mjs';
import { isListening } from './setting.mjs';

describe('The demo of the editor', () => {
  it('opens an editor in which a tunnel can be opened, and leaves nothing', async () => {
    const running = await start(process.execPath, [`${root}scripts/demo-editor.mjs`, '--pglite']);
    assert.ok(await eventually(() => running.tail.some(line => line.includes('Press Ctrl-C to stop.'))), running.tail.join('\n'));
    const url = String(/http:\/\/127\.0\.0\.1:\d+\/\?folder=\S+/.exec(running.tail.join('\n'))?.[0]);
    const editor = await openEditor(url);
    const guide = editor.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    const port = Number(/port (\d+) listens/.exec(await guide.getByText('listens now').innerText())?.[1]);
    await editor.press('wants to open tunnels', 'Allow');
    assert.ok(await eventually(() => isListening(port)));
    await editor.picture('demo');

    await editor.command('RDS Tunnel: Open tunnel');
    const opening = editor.browser.waitForEvent('page');
    await editor.choose('work');
    // The page is this machine's: the editor opens it without a question.
    const portal = await opening;
    await portal.locator('#allow').click();
    await portal.locator('#done').waitFor();
    await portal.close();
    await editor.choose('aurora-postgresql');
    await editor.toast('is ready on').waitFor();
    await editor.close();

    process.kill(running.pid, 'SIGINT');
    assert.deepEqual(await running.exited, { code: 0, signal: null }, running.tail.join('\n'));
    assert.ok(
      running.tail.some(line => line.startsWith('✔ Nothing is left')),
      running.tail.join('\n'),
    );
    assert.equal(await isListening(port), false);
  });
});
