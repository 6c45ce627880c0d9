// From nothing to a row's way: a database is found, a jump host is selected, bytes go through.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startEmulator } from './emulator.mjs';
import { databaseHost } from './peers.mjs';
import { connectAndEcho, startEcho } from './ports.mjs';
import { startSidecar } from './sidecar.mjs';

describe('Finding a database and its jump host', () => {
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {Awaited<ReturnType<typeof startSidecar>>} */
  let sidecar;

  before(async () => {
    emulator = await startEmulator({ unpaced: true, world: true });
    sidecar = await startSidecar({ ...emulator.env, AWS_REGION: emulator.region, AWS_ENDPOINT_URL: emulator.endpoint });
  });

  after(async () => {
    assert.equal(await sidecar.shutdown(), 0);
    await emulator.stop();
  });

  it('lists the addresses of clusters and instances', async () => {
    const result = await sidecar.request('database/list', { scopes: [{}] });
    assert.deepEqual(result, { databases: 5, failures: 0 });
    const found = sidecar.progress.filter(({ method }) => method === 'database/list').flatMap(({ value }) => value.databases);
    assert.deepEqual(found.map(({ name, role, host }) => [name, role, host]).sort(), [
      ['figures', 'Instance', 'figures.abc123.eu-central-1.redshift.amazonaws.com'],
      ['legacy', 'Instance', 'legacy.abc123.eu-central-1.rds.amazonaws.com'],
      ['orders', 'Reader', 'orders.cluster-ro-abc123.eu-central-1.rds.amazonaws.com'],
      ['orders', 'Writer', databaseHost],
      ['sessions', 'Writer', 'master.sessions.abc123.euc1.cache.amazonaws.com'],
    ]);
  });

  it('reads the master secret of a cluster', async () => {
    const { masterSecretArn } = sidecar.progress
      .flatMap(({ value }) => value.databases ?? [])
      .find(({ name, role }) => name === 'orders' && role === 'Writer');
    assert.deepEqual(await sidecar.request('password/readSecret', { scope: {}, secretId: masterSecretArn }), {
      password: 'correct horse battery',
      userName: 'admin',
    });
  });

  it('opens a tunnel through an automatically selected jump host, and says which it is', async () => {
    const echo = await startEcho();
    const { id, localPort, target } = await sidecar.open({ host: databaseHost, port: echo.port, openNow: true });
    assert.equal(target, emulator.target);
    (await connectAndEcho(localPort)).destroy();
    await sidecar.close(id);
    echo.stop();
  });

  it('says why no jump host fits', async () => {
    await assert.rejects(
      sidecar.open({ host: 'legacy.abc123.eu-central-1.rds.amazonaws.com', port: 3306, openNow: true }),
      (/** @type {Error & { data?: { code: string } }} */ error) =>
        error.data?.code === 'NoJumpHost' && error.message.includes('sg-0legacy'),
    );
    assert.deepEqual(await sidecar.list(), [], 'and leaves no tunnel behind');
  });
});
