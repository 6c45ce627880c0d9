// The keeper of the sidecar, with the real one killed at every step: whatever was asked settles, and nothing is left behind.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { sidecarCommand } from '../../scripts/lib/paths.mjs';
import { eventually } from '../EndToEnd/ports.mjs';
import { fakeEditor } from './fake-editor.mjs';
import { load } from './load.mjs';

const { Sidecar, SidecarEnded } = {
  ...(await load('sidecar/sidecar', fakeEditor().vscode)),
  ...(await load('sidecar/sidecarProcess', fakeEditor().vscode)),
};

/** @param {Partial<Record<string, unknown>>} [around] */
const keep = (around = {}) =>
  new Sidecar({
    program: () => ({ command: sidecarCommand.file, args: sidecarCommand.args }),
    version: '0.0.0',
    logLevel: () => 'Information',
    environment: () => ({ AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example', AWS_EC2_METADATA_DISABLED: 'true' }),
    log: () => undefined,
    onCrash: () => undefined,
    onRestarted: () => Promise.resolve(),
    ...around,
  });

const isAlive = (/** @type {number} */ pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const ended = (/** @type {Promise<unknown>} */ request) =>
  assert.rejects(
    request,
    error => (error instanceof Error && error.name === SidecarEnded.name) || /background process ended/.test(String(error)),
  );

describe('A sidecar that ends', () => {
  /** An AWS that takes connections and says nothing. */
  const silent = createServer();
  /** @type {() => Record<string, unknown>} */
  let neverAnswered = () => ({});

  before(async () => {
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (silent.address());
    neverAnswered = () => ({
      target: 'i-0123456789abcdef0',
      host: 'db.example',
      port: 5432,
      region: 'eu-west-1',
      endpointUrl: `http://127.0.0.1:${port}`,
      openNow: true,
    });
  });

  after(() => {
    silent.close();
  });

  it('before it has answered, fails what was asked', async () => {
    const sidecar = keep();
    const asked = sidecar.request('profile/list', undefined);
    process.kill(sidecar.pid, 'SIGKILL');
    await ended(asked);
    await sidecar.dispose();
  });

  it('while it works, fails all that was asked, and a new one answers the next request', async () => {
    const sidecar = keep();
    await sidecar.request('profile/list', undefined);
    const asked = [
      sidecar.request('tunnel/open', neverAnswered()),
      sidecar.requestWithProgress('tunnel/check', { tunnel: neverAnswered() }, () => undefined),
    ];
    const connected = once(silent, 'connection');
    await connected;
    process.kill(sidecar.pid, 'SIGKILL');
    await Promise.all(asked.map(ended));
    assert.ok(Array.isArray((await sidecar.request('profile/list', undefined)).profiles));
    await sidecar.dispose();
  });

  it('again and again while it is restored, is restored in the end', async () => {
    /** @type {(value: unknown) => void} */
    let done = () => undefined;
    const restored = new Promise(resolve => {
      done = resolve;
    });
    let times = 0;
    const sidecar = keep({
      onRestarted: async () => {
        times++;
        if (times < 3) process.kill(sidecar.pid, 'SIGKILL');
        const answer = await sidecar.request('profile/list', undefined).catch(() => undefined);
        if (times === 3 && answer !== undefined) done(undefined);
      },
    });
    await sidecar.request('profile/list', undefined);
    process.kill(sidecar.pid, 'SIGKILL');
    await restored;
    const { pid } = sidecar;
    await sidecar.dispose();
    assert.equal(isAlive(pid), false);
  });

  it('before the window closes, and while it closes, lets it close', async () => {
    const gone = keep();
    await gone.request('profile/list', undefined);
    process.kill(gone.pid, 'SIGKILL');
    await eventually(() => gone.pid === undefined);
    await gone.dispose();
    assert.equal(gone.pid, undefined, 'none is started in its place');

    const going = keep();
    await going.request('profile/list', undefined);
    const closed = going.dispose();
    process.kill(going.pid, 'SIGKILL');
    await closed;
  });

  it('only by force, since it hangs, fails what was asked when the window closes', async () => {
    const sidecar = keep();
    await sidecar.request('profile/list', undefined);
    const { pid } = sidecar;
    process.kill(pid, 'SIGSTOP');
    const asked = sidecar.request('profile/list', undefined);
    await Promise.all([ended(asked), sidecar.dispose()]);
    assert.equal(isAlive(pid), false);
  });

  it('is gone also when a program that it started holds its pipes', async context => {
    const sidecar = keep({ program: () => ({ command: '/bin/sh', args: ['-c', 'sleep 600 & echo $! >&2; exit 3'] }) });
    await assert.rejects(sidecar.request('profile/list', undefined), error => {
      const child = Number(/\d+$/.exec(/** @type {Error} */ (error).message)?.[0]);
      context.after(() => {
        process.kill(child);
      });
      return /code 3/.test(String(error));
    });
    await sidecar.dispose();
  });

  it('without having been asked to, since it refused the first request, is not left behind', async () => {
    const script =
      'let text = ""; process.stdin.on("data", part => { text += part; const id = /"id":(\\d+)/.exec(text); if (id === null) return; text = "";' +
      'const body = JSON.stringify({ jsonrpc: "2.0", id: Number(id[1]), error: { code: -32010, message: "The sidecar is older." } });' +
      'process.stdout.write(`Content-Length: ${body.length}\\r\\n\\r\\n${body}`); }); process.stdin.on("end", () => process.exit());';
    const sidecar = keep({ program: () => ({ command: process.execPath, args: ['-e', script, '--'] }) });
    const asked = sidecar.request('profile/list', undefined);
    const { pid } = sidecar;
    await assert.rejects(asked, /The sidecar is older/);
    assert.equal(isAlive(pid), false);
    await sidecar.dispose();
  });
});
