// The program as users get it: trimmed and compiled ahead of time, which can break what works in the build.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { ownPlatform, publishSidecar } from '../../scripts/lib/publish.mjs';
import { startEmulator } from './emulator.mjs';
import { databaseHost } from './peers.mjs';
import { connectAndEcho, startEcho } from './ports.mjs';
import { startSidecar } from './sidecar.mjs';

const connections = 10;

describe('A published sidecar', { skip: ownPlatform === undefined ? `none is published for ${process.platform}-${process.arch}` : false }, () => {
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {ReturnType<typeof startEcho> extends Promise<infer E> ? E : never} */
  let echo;
  let program = '';

  before(async () => {
    program = await publishSidecar(String(ownPlatform));
    [emulator, echo] = await Promise.all([startEmulator({ unpaced: true }), startEcho()]);
  });

  after(async () => {
    echo.stop();
    await emulator.stop();
  });

  it('serves the connections after one that was broken off', { timeout: 60_000 }, async () => {
    const sidecar = await startSidecar(emulator.env, { program });
    const { localPort } = await sidecar.open({
      target: emulator.target, host: databaseHost, port: echo.port, region: emulator.region, endpointUrl: emulator.endpoint,
    });
    for (let i = 0; i < connections; i++) {
      const socket = await connectAndEcho(localPort);
      socket.write(Buffer.alloc(300_000));
      await once(socket, 'data');
      await new Promise(resolve => { socket.once('close', resolve).destroy(); });
    }
    assert.equal(await sidecar.shutdown(), 0, 'and ends in order');
  });

  it('refuses a port that is taken', async () => {
    const sidecar = await startSidecar(emulator.env, { program });
    await assert.rejects(
      sidecar.open({ target: emulator.target, port: echo.port, localPort: echo.port, region: emulator.region, endpointUrl: emulator.endpoint }),
      (/** @type {Error & { data?: { code: string } }} */ error) => error.data?.code === 'LocalPortInUse');
    assert.equal(await sidecar.shutdown(), 0);
  });
});
