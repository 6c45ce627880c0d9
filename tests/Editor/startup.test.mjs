// A window full of slow extensions: its tunnels' ports do not wait for them.
import assert from 'node:assert/strict';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { databaseHost, freePort, temporaryFolder } from '../EndToEnd/peers.mjs';
import { eventually } from '../EndToEnd/ports.mjs';
import { openEditor, startEditor } from './editor.mjs';
import { isListening, sidecars } from './setting.mjs';

/** What stands at the beginning of each of them. @param {string} journal */
const writing = journal => `const { appendFileSync, existsSync } = require('node:fs');
const write = line => appendFileSync(${JSON.stringify(journal)}, line + '\\n');
`;

describe("The window's start", () => {
  /** @type {Awaited<ReturnType<typeof startEditor>>} */
  let editor;
  let port = 0;
  let folder = '';
  const journal = async () => (await readFile(`${folder}/journal`, 'utf8')).trim().split('\n');

  before(async () => {
    folder = await temporaryFolder('startup');
    port = await freePort();
    await appendFile(`${folder}/journal`, '');
    const begin = writing(`${folder}/journal`);
    /** Blocks the extension host, as an extension does that reads a project in one go. @param {string} name @param {string} event */
    const blocking = (name, event) => ({
      name,
      activationEvents: [event],
      main: `${begin}exports.activate = () => { const end = Date.now() + 2_000; while (Date.now() < end); write('${name} is active'); };`,
    });
    /** Waits for something, and is not active before the test lets it. @param {string} name */
    const waiting = name => ({
      name,
      activationEvents: ['*'],
      main: `${begin}exports.activate = async () => { write('${name} waits since ' + Date.now()); while (!existsSync('${folder}/released')) await new Promise(resolve => setTimeout(resolve, 50)); write('${name} is active'); };`,
    });
    /**
     * Says whether this extension is active when extensions that wait for the end of the start come in.
     * @type {import('./tools.mjs').Other}
     */
    const late = {
      name: 'aaa-late',
      activationEvents: ['onStartupFinished'],
      main: `${begin}exports.activate = () => write('late: ' + require('vscode').extensions.getExtension('rds-tunnel.rds-tunnel').isActive);`,
    };
    editor = await startEditor({
      env: { AWS_EC2_METADATA_DISABLED: 'true' },
      settings: { 'rdsTunnel.tunnels': [{ name: 'orders', host: databaseHost, port: 5432, localPort: port, region: 'eu-central-1' }] },
      others: [
        waiting('aaa-waiting'),
        waiting('zzz-waiting'),
        blocking('aaa-blocking', '*'),
        late,
        blocking('bbb-blocking', 'onStartupFinished'),
        blocking('zzz-blocking', 'onStartupFinished'),
      ],
    });
  });

  after(() => editor.stop());

  it('waits for no slow extension before the ports listen, also in a later window', async t => {
    assert.ok(await eventually(() => isListening(port)));
    await editor.closeWindow();
    assert.ok(await eventually(async () => sidecars().length === 0 && !(await isListening(port))), 'nothing is left of the first window');
    await writeFile(`${folder}/journal`, '');

    const window = openEditor(editor.url);
    assert.ok(await eventually(() => isListening(port)));
    const listens = Date.now();
    const before = await journal();
    for (const name of ['aaa-waiting', 'zzz-waiting']) assert.ok(!before.includes(`${name} is active`), `${name} was not waited for`);
    await writeFile(`${folder}/released`, '');
    assert.ok(
      await eventually(async () => (await journal()).filter(line => line.endsWith(' is active')).length === 5),
      'all of them are active in the end',
    );
    assert.ok((await journal()).includes('late: true'), 'whoever waits for the end of the start comes later');
    const first = Math.min(...before.map(line => Number(/ waits since (\d+)$/.exec(line)?.[1] ?? Infinity)));
    t.diagnostic(
      `The port listens ${((listens - first) / 1_000).toFixed(1)} s after the first extension of the window has started, one of which blocks it for 2 s; two more do so later.`,
    );
    await (await window).close();
  });
});
