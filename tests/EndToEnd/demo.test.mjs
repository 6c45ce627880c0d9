import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { root } from '../../scripts/lib/paths.mjs';
import { run, start } from '../../scripts/lib/processes.mjs';
import { eventually, hangMs, isListening } from './ports.mjs';

const demo = `${root}scripts/demo.mjs`;

describe('The demo', () => {
  it('tells its story with a database from npm, and ends by itself', async () => {
    const { code, tail } = await run(process.execPath, [demo, '--once', '--pglite'], { timeoutMs: hangMs });
    const story = tail.join('\n');
    assert.equal(code, 0, story);
    for (const chapter of ['Database', 'Local AWS', 'Tunnel', 'First row', 'Upload', 'Download', 'Nothing is left']) {
      assert.match(story, new RegExp(`^✔ ${chapter}`, 'm'));
    }
  });

  it('keeps its tunnel open until Ctrl-C, and then leaves nothing', async () => {
    const running = await start(process.execPath, [demo, '--pglite']);
    const says = (/** @type {string} */ text) => eventually(() => running.tail.some(line => line.includes(text)));
    assert.ok(await says('Press Ctrl-C to stop.'), running.tail.join('\n'));
    const [, port = ''] = / port=(\d+) /.exec(running.tail.join('\n')) ?? [];
    assert.equal(await isListening(Number(port)), true);
    process.kill(running.pid, 'SIGINT');
    assert.deepEqual(await running.exited, { code: 0, signal: null }, running.tail.join('\n'));
    assert.ok(
      running.tail.some(line => line.startsWith('✔ Nothing is left')),
      running.tail.join('\n'),
    );
    assert.equal(await isListening(Number(port)), false);
  });

  it(
    'leaves nothing even when it is killed',
    { skip: process.platform === 'linux' ? false : 'only Linux ends children with their parent' },
    async () => {
      const running = await start(process.execPath, [demo, '--pglite']);
      assert.ok(await eventually(() => running.tail.some(line => line.includes('Press Ctrl-C to stop.'))), running.tail.join('\n'));
      const ports = [...running.tail.join('\n').matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
      assert.ok(ports.length >= 3, `Only the ports ${ports.join(', ')}.`);
      process.kill(running.pid, 'SIGKILL');
      await running.exited;
      const silent = async () => (await Promise.all(ports.map(isListening))).every(listens => !listens);
      assert.equal(await eventually(silent), true);
    },
  );
});
