// The tests of tests/Editor/host, which run inside the editor's extension host, told one by one.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { freePort, temporaryFolder } from '../EndToEnd/peers.mjs';
import { eventually } from '../EndToEnd/ports.mjs';
import { postgresMissing } from '../EndToEnd/postgres.mjs';
import { startEditor } from './editor.mjs';
import { startSetting } from './setting.mjs';

const names = Object.keys(createRequire(import.meta.url)('./host/index.js').tests());

describe('In the extension host, the extension', { skip: postgresMissing }, () => {
  /** @type {import('./setting.mjs').Setting} */
  let setting;
  /** @type {Awaited<ReturnType<typeof startEditor>>} */
  let editor;
  /** @type {Map<string, string | undefined>} */
  let results;

  before(async () => {
    const file = `${await temporaryFolder('host')}/results`;
    setting = await startSetting({
      profiles:
        '[profile work]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\nregion = eu-central-1\n',
    });
    await setting.trustDatabase();
    const env = {
      ...setting.env,
      EMULATOR: setting.emulator.endpoint,
      RDS_TUNNEL_HOST_RESULTS: file,
      XDG_STATE_HOME: await temporaryFolder('state'),
      FREE_PORTS: (await Promise.all([freePort(), freePort(), freePort()])).join(' '),
    };
    editor = await startEditor({ env, tools: ['mtxr.sqltools'], hostTests: true, settings: { 'chat.disableAIFeatures': false } });
    const lines = async () =>
      existsSync(file)
        ? (await readFile(file, 'utf8'))
            .trim()
            .split('\n')
            .filter(line => line !== '')
            .map(line => /** @type {{ name: string, error?: string }} */ (JSON.parse(line)))
        : [];
    // One that hangs says so itself, and the next one begins.
    for (let told = 0; await eventually(async () => (await lines()).length > told);) {
      told = (await lines()).length;
      if ((await lines()).at(-1)?.name === 'end') break;
    }
    results = new Map((await lines()).map(({ name, error }) => [name, error]));
  });

  after(async () => {
    await editor.stop();
    await setting.stop();
  });

  for (const name of names) {
    it(name, () => {
      assert.ok(results.has(name), 'It was not run.');
      assert.equal(results.get(name), undefined);
    });
  }
});
