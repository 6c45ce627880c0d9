// What a trimmer once broke in the published program, and in no build: the lock of a connection that is broken off was never released.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { connectAndEcho, hangMs, startEcho } from './ports.mjs';
import { startStack } from './stack.mjs';

const connections = 10;

describe('Connections that are broken off', () => {
  /** @type {import('./stack.mjs').Stack} */
  let stack;
  /** @type {Awaited<ReturnType<typeof startEcho>>} */
  let echo;

  before(async () => {
    [stack, echo] = await Promise.all([startStack(), startEcho()]);
  });

  after(async () => {
    echo.stop();
    await stack.stop();
  });

  it('leave the next ones served, and an orderly end', { timeout: hangMs }, async () => {
    const { localPort } = await stack.open(echo.port);
    for (let i = 0; i < connections; i++) {
      const socket = await connectAndEcho(localPort);
      socket.write(Buffer.alloc(300_000));
      await once(socket, 'data');
      await new Promise(resolve => {
        socket.once('close', resolve).destroy();
      });
    }
    await assert.rejects(
      stack.open(echo.port, { localPort: echo.port }),
      (/** @type {Error & { data?: { code: string } }} */ error) => error.data?.code === 'LocalPortInUse',
    );
    assert.equal(await stack.sidecar.shutdown(), 0);
  });
});
