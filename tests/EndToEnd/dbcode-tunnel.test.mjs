// The entry that is copied for DBCode's setting dbcode.tunnels: what DBCode makes of it, with the command itself.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sidecarCommand } from '../../scripts/lib/paths.mjs';
import { start } from '../../scripts/lib/processes.mjs';
import { fakeEditor } from '../Extension/fake-editor.mjs';
import { load } from '../Extension/load.mjs';
import { databaseHost, freePort } from './peers.mjs';
import { connectAndEcho, eventually, hangMs, isListening, startEcho } from './ports.mjs';
import { startStack } from './stack.mjs';

const { connectionDetails } = await load('databaseTools/connectionDetails', fakeEditor().vscode);

describe('A command tunnel of DBCode', () => {
  /** @type {Awaited<ReturnType<typeof startStack>>} */
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

  it("leads to the connection's own host, on the port that DBCode has picked, and ends with the command", async () => {
    const { emulator } = stack;
    const tunnel = { id: '1', name: 'orders', host: databaseHost, port: echo.port, localPort: 1, region: emulator.region };
    const text = connectionDetails(tunnel, { engine: 'postgres', authority: '/bundle.pem' }).find((/** @type {{ name: string }} */ each) =>
      each.name.startsWith('DBCode'),
    ).text;
    const { type, command, args, readyPattern } = JSON.parse(text);
    assert.deepEqual([type, command], ['command', 'rds-tunnel']);
    const localPort = await freePort();
    const filled = args
      .replace('{remoteHost}', databaseHost)
      .replace('{remotePort}', String(echo.port))
      .replace('{localPort}', String(localPort))
      .split(' ');
    // This world has one jump host and no list of databases, and an address of its own.
    const running = await start(
      sidecarCommand.file,
      [...sidecarCommand.args, ...filled, '--target', emulator.target, '--endpoint-url', emulator.endpoint],
      { env: emulator.env },
    );
    assert.ok(await eventually(() => new RegExp(readyPattern).test(running.tail.join('\n'))), running.tail.join('\n'));
    (await connectAndEcho(localPort)).destroy();
    running.child.kill('SIGTERM');
    assert.equal((await running.exited).code, 0);
    assert.ok(await eventually(async () => !(await isListening(localPort)), hangMs));
  });
});
