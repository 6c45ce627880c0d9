// Programs for other machines than this one, as far as they can be run or read here.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { connectAndEcho, hangMs, startEcho } from '../EndToEnd/ports.mjs';
import { databaseHost, findProgram, skipWithout, temporaryFolder } from '../EndToEnd/peers.mjs';
import { startEmulator } from '../EndToEnd/emulator.mjs';
import { startSidecar } from '../EndToEnd/sidecar.mjs';
import { chosen, programIn } from './chosen.mjs';

const run = promisify(execFile);

/** @param {string} platform */
async function unpack(platform) {
  const file = `${await temporaryFolder(platform)}/rds-tunnel`;
  await writeFile(file, (await programIn(platform)).content, { mode: 0o755 });
  return file;
}

/** .NET loads OpenSSL of the same processor. */
const armSystem = existsSync('/usr/lib/aarch64-linux-gnu/libssl.so.3') ? findProgram('qemu-aarch64-static') : undefined;

if (chosen.includes('linux-arm64')) {
  describe(
    'The program for linux-arm64',
    { skip: skipWithout(armSystem, 'an emulator of ARM with OpenSSL (qemu-user-static, libssl3:arm64)') },
    () => {
      it('opens a tunnel that carries bytes, on an emulated processor', { timeout: hangMs }, async () => {
        const program = await unpack('linux-arm64');
        await writeFile(`${program}.sh`, `#!/bin/sh\nexec ${String(armSystem)} ${program} "$@"\n`, { mode: 0o755 });
        const [echo, emulator] = await Promise.all([startEcho(), startEmulator({ unpaced: true })]);
        try {
          const sidecar = await startSidecar(emulator.env, { program: `${program}.sh` });
          const { localPort } = await sidecar.open({
            target: emulator.target,
            host: databaseHost,
            port: echo.port,
            region: emulator.region,
            endpointUrl: emulator.endpoint,
          });
          (await connectAndEcho(localPort)).destroy();
          assert.equal(await sidecar.shutdown(), 0);
        } finally {
          echo.stop();
          await emulator.stop();
        }
      });
    },
  );
}

if (chosen.includes('alpine-x64')) {
  describe('The program for alpine-x64', () => {
    it("needs musl and the libraries that the editor's own server needs there, and nothing else", async () => {
      const { stdout } = await run('readelf', ['--dynamic', '--wide', await unpack('alpine-x64')]);
      assert.deepEqual([...stdout.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, name]) => name).sort(), [
        'libc.musl-x86_64.so.1',
        'libgcc_s.so.1',
        'libstdc++.so.6',
      ]);
    });
  });
}
