import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { processesBelow, watchSilence } from './hangs.mjs';
import { start } from './processes.mjs';

describe('What is left of a suite that hangs', () => {
  it('is the processes below the runner, and theirs', { skip: process.platform === 'win32' }, async () => {
    const running = await start('sh', ['-c', 'sleep 1000.25 & wait']);
    try {
      assert.match(await processesBelow(process.pid), /sh -c sleep 1000\.25/);
      for (;;) if (/^ *\d+ .*(?<!-c )sleep 1000\.25$/m.test(await processesBelow(process.pid))) break;
      assert.doesNotMatch(await processesBelow(running.pid), /sh -c/);
    } finally {
      await running.stop();
    }
  });

  it('is asked for after silence alone', t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let asked = 0;
    const watch = watchSilence(100, () => {
      asked++;
    });
    t.mock.timers.tick(99);
    assert.equal(asked, 0);
    t.mock.timers.tick(1);
    assert.equal(asked, 1);
    watch.stop();
  });
});
