import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { run, signalGroup, start } from './processes.mjs';

const sleeper = 'setInterval(() => {}, 1000)';

describe('run', () => {
  it('gives the exit code and the last lines', async () => {
    const { code, tail } = await run(process.execPath, ['-e', 'console.log("out"); console.error("err"); process.exitCode = 3']);
    assert.equal(code, 3);
    assert.deepEqual([...tail].sort(), ['err', 'out']);
  });

  it('ends a program that takes too long', async () => {
    const { code } = await run(process.execPath, ['-e', sleeper], { timeoutMs: 300 });
    assert.equal(code, 124);
  });

  it('names a program that is not there', async () => {
    await assert.rejects(
      run('no-such-program', []).then(({ code, tail }) => {
        assert.notEqual(code, 0);
        throw new Error(tail.join('\n'));
      }),
      /no-such-program/,
    );
  });
});

describe('start', () => {
  it('ends what the program has started, too', async () => {
    const parent = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(sleeper)}], { stdio: 'inherit' }); console.log('up'); ${sleeper}`;
    const running = await start(process.execPath, ['-e', parent], { pipeStdout: true });
    await once(/** @type {import('node:stream').Readable} */ (running.child.stdout), 'data');
    await running.stop();
    assert.equal(signalGroup(running.pid, 0), false);
  });
});
