// What the check finds out about real databases, over JSON-RPC and at the command line.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { sidecarCommand } from '../../scripts/lib/paths.mjs';
import { startEmulator } from './emulator.mjs';
import { mariadbMissing, startMariaDB } from './mariadb.mjs';
import { databaseHost } from './peers.mjs';
import { postgresMissing, startPostgres } from './postgres.mjs';
import { startSidecar } from './sidecar.mjs';

const run = promisify(execFile);
/** @type {[string, number, string | false, () => Promise<{ port: number, stop: () => Promise<void> }>][]} */
const databases = [
  ['PostgreSQL', 5432, postgresMissing, startPostgres],
  ['MariaDB', 3306, mariadbMissing, startMariaDB],
];

describe('A check of the whole chain', () => {
  for (const [name, port, skip, start] of databases) {
    it(`reads the certificate of ${name} through the tunnel, and leaves nothing`, { skip }, async () => {
      const database = await start();
      const emulator = await startEmulator({ unpaced: true, world: true, databaseAddress: `127.0.0.1:${database.port}` });
      const env = { ...emulator.env, AWS_REGION: emulator.region, AWS_ENDPOINT_URL: emulator.endpoint };
      const sidecar = await startSidecar(env);

      const { steps } = await sidecar.request('tunnel/check', { tunnel: { host: databaseHost, port } });
      assert.deepEqual(
        steps.map((/** @type {{ name: string, outcome: string }} */ step) => `${step.name} ${step.outcome}`),
        [
          'Credentials Passed',
          'Identity Passed',
          'Target Passed',
          'Network Passed',
          'Permission Passed',
          'Channel Passed',
          'Session Passed',
          'Connection Passed',
          'Certificate Passed',
        ],
        JSON.stringify(steps, undefined, 2),
      );
      assert.match(steps.at(-1).message, new RegExp(`issued for ${databaseHost}`));
      const told = sidecar.progress.filter(({ method }) => method === 'tunnel/check').map(({ value }) => value);
      assert.deepEqual(told, steps);
      assert.deepEqual(await sidecar.list(), []);

      const { stdout } = await run(sidecarCommand.file, [...sidecarCommand.args, 'check', '--host', databaseHost, '--port', String(port)], {
        env: { ...process.env, ...env },
      });
      assert.match(stdout, /^Passed {2}Credentials/m);
      assert.match(stdout, /^Passed {2}Channel +Opened with a signature\./m);
      assert.match(stdout, /^Passed {2}Certificate/m);

      // Without the permission it works as long as AWS lets it, and the check says what to allow.
      await emulator.control('channel', { signature: 'Denied' });
      const unsigned = await run(sidecarCommand.file, [...sidecarCommand.args, 'check', '--host', databaseHost, '--port', String(port)], {
        env: { ...process.env, ...env },
      });
      assert.match(unsigned.stdout, /^Passed {2}Channel .*Opened unsigned.*\n +→ Allow ssmmessages:OpenDataChannel/m);

      assert.deepEqual(
        (await emulator.sessions()).filter(({ state }) => state !== 'ended').map(({ id }) => id),
        [],
      );
      assert.equal(await sidecar.shutdown(), 0);
      await emulator.stop();
      await database.stop();
    });
  }

  it('ends with exit code 1 where something is amiss', async () => {
    const emulator = await startEmulator({ world: true });
    await assert.rejects(
      run(
        sidecarCommand.file,
        [...sidecarCommand.args, 'check', '--host', 'legacy.abc123.eu-central-1.rds.amazonaws.com', '--port', '3306'],
        {
          env: { ...process.env, ...emulator.env, AWS_REGION: emulator.region, AWS_ENDPOINT_URL: emulator.endpoint },
        },
      ),
      (/** @type {Error & { code?: number, stdout?: string }} */ error) =>
        error.code === 1 && /^Failed {2}Target .*\n +→ .*sg-0legacy/m.test(String(error.stdout)),
    );
    await emulator.stop();
  });
});
