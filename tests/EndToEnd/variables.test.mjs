// The variables by which the editor's terminals and debug sessions find a database, over JSON-RPC: real clients get a row with them alone.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startEmulator } from './emulator.mjs';
import { databaseHost } from './peers.mjs';
import { postgresClientsMissing, postgresMissing, startPostgres } from './postgres.mjs';
import { redisMissing, startRedis } from './redis.mjs';
import { startSidecar, withoutAws } from './sidecar.mjs';

const run = promisify(execFile);

/** @typedef {{ variables: { name: string, value?: string }[], offersTls?: boolean }} Answer */

/** The environment of a program. @param {Answer} answer @param {NodeJS.ProcessEnv} [more] @returns {NodeJS.ProcessEnv} */
const environment = ({ variables }, more = {}) => ({
  ...process.env,
  ...withoutAws,
  ...Object.fromEntries(variables.map(({ name, value }) => [name, value])),
  ...more,
});

describe('The variables of a tunnel', { skip: postgresMissing }, () => {
  /** @type {Awaited<ReturnType<typeof startPostgres>>} */
  let database;
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {Awaited<ReturnType<typeof startSidecar>>} */
  let sidecar;

  before(async () => {
    database = await startPostgres();
    emulator = await startEmulator({ unpaced: true });
    sidecar = await startSidecar({ ...emulator.env, PGSSLROOTCERT: database.authority });
  });

  after(async () => {
    await sidecar.running.stop();
    await emulator.stop();
    await database.stop();
  });

  const open = (port = database.port) =>
    sidecar.open({ target: emulator.target, host: databaseHost, port, region: emulator.region, endpointUrl: emulator.endpoint });
  const ask = (/** @type {object} */ params) => /** @type {Promise<Answer>} */ (sidecar.request('tunnel/variables', params));

  it('are asked for without a session once it is known that the database speaks TLS', async () => {
    const { id, localPort } = await open();
    const { variables, offersTls } = await ask({ id, offersTls: true, database: 'postgres' });
    assert.equal(offersTls, true);
    assert.equal(variables.find(({ name }) => name === 'PGPORT')?.value, String(localPort));
    assert.deepEqual(await emulator.sessions(), []);
    await sidecar.request('tunnel/close', { id });
  });

  it('lead psql to a row over TLS that it verifies', { skip: postgresClientsMissing }, async () => {
    const { id } = await open();
    const answer = await ask({ id, user: database.user, database: 'postgres' });
    assert.equal(answer.offersTls, true);
    assert.ok(answer.variables.every(({ name }) => name !== 'PGPASSWORD'));
    const { stdout } = await run('psql', ['-XAtc', 'select current_user, ssl from pg_stat_ssl where pid = pg_backend_pid()'], {
      // What would lead elsewhere is taken away.
      env: environment(answer, { PGPASSWORD: database.password, PGSERVICE: undefined }),
    });
    assert.equal(stdout.trim(), `${database.user}|t`);
    await sidecar.request('tunnel/close', { id });
  });

  it('lead redis-cli with one URL, which says that TLS is spoken', { skip: redisMissing }, async () => {
    const redis = await startRedis();
    const { id } = await open(redis.port);
    const { variables, offersTls } = await ask({ id, kind: 'Redis', wait: true });
    assert.equal(offersTls, true);
    const { value = '' } = variables.find(({ name }) => name === 'REDIS_URL') ?? {};
    assert.match(value, /^rediss:\/\/127\.0\.0\.1:\d+$/);
    const { stdout } = await run('redis-cli', ['--no-auth-warning', '--cacert', redis.authority, '-u', value, 'ping'], {
      env: environment({ variables }, { REDISCLI_AUTH: redis.password }),
    });
    assert.equal(stdout.trim(), 'PONG');
    await sidecar.request('tunnel/close', { id });
    await redis.stop();
  });

  it('are refused for a tunnel that is closed', async () => {
    const { id } = await open();
    await sidecar.request('tunnel/close', { id });
    await assert.rejects(ask({ id }), /There is no tunnel/);
  });
});
