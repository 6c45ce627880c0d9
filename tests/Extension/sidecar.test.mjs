// The keeper of the sidecar, with the real one.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { sidecarCommand } from '../../scripts/lib/paths.mjs';
import { startEmulator } from '../EndToEnd/emulator.mjs';
import { databaseHost } from '../EndToEnd/peers.mjs';
import { connectAndEcho, eventually, isListening, startEcho } from '../EndToEnd/ports.mjs';
import { fakeEditor } from './fake-editor.mjs';
import { load } from './load.mjs';

const { Sidecar } = await load('sidecar/sidecar', fakeEditor().vscode);
const { TunnelStore } = await load('state/tunnels');

/** @param {Partial<Record<string, unknown>>} [around] */
function keep(around = {}) {
  /** @type {string[]} */
  const log = [];
  const sidecar = new Sidecar({
    program: () => ({ command: sidecarCommand.file, args: sidecarCommand.args }),
    version: '0.0.0',
    logLevel: () => 'Information',
    environment: () => ({}),
    log: (/** @type {string} */ line) => {
      log.push(line);
    },
    onCrash: () => undefined,
    onRestarted: () => Promise.resolve(),
    ...around,
  });
  return { sidecar, log };
}

describe('The keeper of the sidecar', () => {
  it('starts nothing before the first request, and one for many', async () => {
    const { sidecar } = keep();
    assert.equal(sidecar.isRunning, false);
    await Promise.all([1, 2, 3].map(() => sidecar.request('profile/list', undefined)));
    const pid = sidecar.pid;
    await sidecar.request('profile/list', undefined);
    assert.equal(sidecar.pid, pid);
    await sidecar.dispose();
    assert.throws(() => process.kill(pid, 0), 'it is gone');
  });

  it('hears how a request gets on, all of it before the answer', async () => {
    const { sidecar } = keep({
      environment: () => ({ AWS_CONFIG_FILE: '/nowhere', AWS_SHARED_CREDENTIALS_FILE: '/nowhere', AWS_EC2_METADATA_DISABLED: 'true' }),
    });
    /** @type {string[]} */
    const steps = [];
    const result = await sidecar.requestWithProgress(
      'tunnel/check',
      { tunnel: { host: 'db.example', port: 5432, region: 'eu-west-1', profile: 'none' } },
      (/** @type {{ name: string }} */ step) => {
        steps.push(step.name);
      },
    );
    assert.deepEqual(
      steps,
      result.steps.map((/** @type {{ name: string }} */ step) => step.name),
    );
    assert.ok(steps.length > 1);
    await sidecar.dispose();
  });

  it('says what is missing when it cannot be started', async () => {
    const { sidecar, log } = keep({ program: () => ({ command: 'dotnet', args: [] }), environment: () => ({ PATH: '/nowhere' }) });
    await assert.rejects(sidecar.request('profile/list', undefined), /The portable package requires \.NET 10/);
    assert.deepEqual(log, [], 'it is not started again by itself');
    await sidecar.dispose();
  });

  it('says which package to install where this one does not run', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rds-tunnel-unfit-'));
    /** @param {string} name @param {string} content @param {string} [shown] */
    const refused = async (name, content, shown = join(folder, name)) => {
      await writeFile(join(folder, name), content, { mode: 0o755 });
      const { sidecar } = keep({
        program: () => ({ command: shown, args: [] }),
        environment: () => ({ PATH: `${folder}:${process.env.PATH ?? ''}` }),
      });
      const error = await sidecar.request('profile/list', undefined).then(
        () => undefined,
        (/** @type {Error} */ thrown) => thrown,
      );
      await sidecar.dispose();
      return String(error?.message);
    };
    const says = (/** @type {string} */ line) => `#!/bin/sh\necho "${line}" >&2\nexit 1\n`;
    assert.match(
      await refused('old-glibc', says("./rds-tunnel: /lib64/libc.so.6: version GLIBC_2.99' not found (required by ./rds-tunnel)")),
      /older than 2\.28\. Install the portable package/,
    );
    assert.match(await refused('no-loader', '#!/lib/ld-of-another-system.so.1\n'), /This package is for another platform/);
    assert.match(
      await refused(
        'dotnet',
        says('https://aka.ms/dotnet-core-applaunch?framework=Microsoft.NETCore.App&framework_version=10.0.0'),
        'dotnet',
      ),
      /The portable package requires \.NET 10/,
    );
    assert.match(await refused('no-openssl', says('No usable version of libssl was found')), /OpenSSL is missing\. Install libssl3/);
    assert.doesNotMatch(await refused('other', says('Out of memory.')), /Install|install/);
    await rm(folder, { recursive: true });
  });

  it('says when it keeps ending, and which versions do not fit', async () => {
    /** @type {boolean[]} */
    const repeated = [];
    const { sidecar, log } = keep({
      onCrash: (/** @type {string} */ _, /** @type {boolean} */ isRepeated) => {
        repeated.push(isRepeated);
      },
    });
    await sidecar.request('profile/list', undefined);
    assert.ok(
      log.some(line => /^The sidecar has version \d+\.\d+\.\d+, and the extension 0\.0\.0\.$/.test(line)),
      log.join('\n'),
    );
    for (let i = 1; i <= 2; i++) {
      process.kill(sidecar.pid, 'SIGKILL');
      assert.ok(await eventually(() => repeated.length === i && sidecar.isRunning));
      await sidecar.request('profile/list', undefined);
    }
    assert.deepEqual(repeated, [false, true]);
    await sidecar.dispose();
  });

  it('starts it again when it has been killed, and the tunnels are back on their ports', async context => {
    const [emulator, echo] = await Promise.all([startEmulator({ unpaced: true }), startEcho()]);
    context.after(async () => {
      await sidecar.dispose();
      await emulator.stop();
      echo.stop();
    });
    const store = new TunnelStore();
    /** @type {any[]} */
    let lost = [];
    let explained = '';
    /** @type {(value: unknown) => void} */
    let onRestarted = () => undefined;
    const restarted = new Promise(resolve => {
      onRestarted = resolve;
    });
    const { sidecar } = keep({
      onCrash: (/** @type {string} */ explanation) => {
        explained = explanation;
        lost = store.requests;
        store.clear();
      },
      onRestarted: async () => {
        for (const request of lost) store.opened(await sidecar.request('tunnel/open', request), request);
        onRestarted(undefined);
      },
    });
    sidecar.on('tunnel/stateChanged', (/** @type {any} */ { tunnel }) => {
      store.stateChanged(tunnel);
    });
    Object.assign(process.env, emulator.env);
    const request = {
      target: emulator.target,
      host: databaseHost,
      port: echo.port,
      region: emulator.region,
      endpointUrl: emulator.endpoint,
    };
    const tunnel = await sidecar.request('tunnel/open', request);
    store.opened(tunnel, request);
    const { localPort } = tunnel;
    (await connectAndEcho(localPort)).destroy();

    process.kill(sidecar.pid, 'SIGKILL');
    await restarted;

    assert.match(explained, /SIGKILL/);
    assert.deepEqual(
      store.all.map((/** @type {any} */ tunnel) => tunnel.localPort),
      [localPort],
    );
    (await connectAndEcho(localPort)).destroy();
    await sidecar.dispose();
    assert.ok(await eventually(async () => !(await isListening(localPort))));
  });

  it('explains what it cannot start', async () => {
    const { sidecar } = keep({ program: () => ({ command: '/nonexistent/rds-tunnel', args: [] }) });
    await assert.rejects(sidecar.request('profile/list', undefined), /couldn.t start: .*ENOENT/);
    await sidecar.dispose();
  });
});
