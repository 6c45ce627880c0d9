// Finding: how long a large account takes to list, and how long somebody waits who has nothing open yet.
import { readFile, writeFile } from 'node:fs/promises';
import pg from 'pg';
import { startEmulator } from '../EndToEnd/emulator.mjs';
import { databaseHost, temporaryFolder } from '../EndToEnd/peers.mjs';
import { postgresMissing, startPostgres } from '../EndToEnd/postgres.mjs';
import { startSidecar } from '../EndToEnd/sidecar.mjs';
import { residentMegabytes } from './process-usage.mjs';

const regions = ['eu-central-1', 'eu-west-1', 'us-east-1'];
const databases = 2_000;

/**
 * Two thousand databases in three regions.
 * @param {string | undefined} program
 */
export async function listing(program) {
  const world = `${await temporaryFolder('world')}/world.json`;
  await writeFile(
    world,
    JSON.stringify({
      regions: regions.map((name, r) => ({
        name,
        clusters: [],
        proxies: [],
        securityGroups: [],
        databases: Array.from({ length: Math.floor((databases + r) / regions.length) }, (_, i) => ({
          identifier: `db-${i}`,
          engine: 'postgres',
          engineVersion: '16.4',
          host: `db-${i}.abc123.${name}.rds.amazonaws.com`,
          port: 5432,
          vpcId: 'vpc-0a',
          securityGroupIds: ['sg-0db'],
          tags: { team: 'orders', stage: 'production' },
        })),
      })),
    }),
  );
  const emulator = await startEmulator({ world });
  const sidecar = await startSidecar({ ...emulator.env, AWS_ENDPOINT_URL: emulator.endpoint }, { program });
  const before = residentMegabytes(sidecar.running.pid);
  const started = performance.now();
  const listed = sidecar.request('database/list', { scopes: regions.map(region => ({ region })) });
  while (!sidecar.progress.some(({ value }) => value.databases?.length > 0)) await new Promise(resolve => setTimeout(resolve, 1));
  const firstMs = performance.now() - started;
  const result = /** @type {{ databases: number }} */ (await listed);
  const ms = performance.now() - started;
  if (result.databases !== databases) throw new Error(`${result.databases} databases were listed, not ${databases}.`);
  const grown = (residentMegabytes(sidecar.running.pid) ?? 0) - (before ?? 0);
  // A page is an answer, and a notification.
  const requests = sidecar.progress.filter(({ method }) => method === 'database/list').length;
  await sidecar.running.stop();
  await emulator.stop();
  return { ms, firstMs, requests, grown };
}

/**
 * From the start of the sidecar, with nothing known and no jump host named, to a row; undefined where there is no PostgreSQL.
 * @param {string | undefined} program
 */
export async function coldOpen(program) {
  if (postgresMissing !== false) return undefined;
  const database = await startPostgres();
  const emulator = await startEmulator({ world: true, databaseAddress: `127.0.0.1:${database.port}` });
  const started = performance.now();
  const sidecar = await startSidecar({ ...emulator.env, AWS_REGION: emulator.region, AWS_ENDPOINT_URL: emulator.endpoint }, { program });
  const replied = performance.now();
  const { localPort } = await sidecar.open({ host: databaseHost, port: 5432, openNow: true });
  const opened = performance.now();
  const { user, password, authority } = database;
  const client = new pg.Client({
    host: '127.0.0.1',
    port: localPort,
    user,
    password,
    database: database.database,
    ssl: { ca: await readFile(authority, 'utf8'), servername: databaseHost },
  });
  await client.connect();
  await client.query('select 1');
  const rowAt = performance.now();
  await client.end();
  await sidecar.running.stop();
  await emulator.stop();
  await database.stop();
  return { total: rowAt - started, start: replied - started, open: opened - replied, row: rowAt - opened };
}
