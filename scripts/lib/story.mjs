// The demo's story, told while it happens.
import { readFile } from 'node:fs/promises';
import { startEmulator } from '../../tests/EndToEnd/emulator.mjs';
import { databaseHost } from '../../tests/EndToEnd/peers.mjs';
import { startPGlite } from '../../tests/EndToEnd/pglite.mjs';
import { postgresMissing, startPostgres } from '../../tests/EndToEnd/postgres.mjs';
import { isListening } from '../../tests/EndToEnd/ports.mjs';
import { startSidecar } from '../../tests/EndToEnd/sidecar.mjs';
import { atEnd } from './endings.mjs';
import { download, firstRow, smallQuery, upload } from './measure.mjs';
import { signalGroup } from './processes.mjs';
import { bold, cyan, dim, duration, green, say } from './terminal.mjs';

/** As RDS has it; the local AWS finds the database that stands for it elsewhere. */
const databasePort = 5432;
const queries = 50;

/** @param {{ pglite: boolean }} options */
export async function tell({ pglite }) {
  /** What has to be gone in the end. @type {{ pids: number[], ports: number[] }} */
  const traces = { pids: [], ports: [] };
  atEnd(() => nothingIsLeft(traces));

  const database = await startDatabase(pglite);
  traces.ports.push(database.port);
  line('Database', `${database.name} on 127.0.0.1:${database.port}, in the role of ${bold(databaseHost)}`);

  const emulator = await startEmulator({ databaseAddress: `127.0.0.1:${database.port}` });
  traces.ports.push(emulator.port);
  atEnd(async () => { line('Sessions', describeSessions(await emulator.sessions())); });
  line('Local AWS', `${emulator.endpoint}, jump host ${bold(emulator.target)}, whose agent keeps the real one's pace`);

  const started = performance.now();
  const sidecar = await startSidecar(emulator.env);
  traces.pids.push(sidecar.running.pid);
  line('Sidecar', `process ${sidecar.running.pid}, answered after ${ms(started)}`);

  const opening = performance.now();
  const tunnel = await sidecar.open({
    name: 'orders', target: emulator.target, host: databaseHost, port: databasePort,
    region: emulator.region, endpointUrl: emulator.endpoint, openNow: true,
  });
  traces.ports.push(tunnel.localPort);
  atEnd(async () => { line('Sidecar', `ended with code ${await sidecar.shutdown() ?? 'none'}`); });
  const [session] = await emulator.sessions();
  line('Tunnel', `${bold(`127.0.0.1:${tunnel.localPort}`)} → ${databaseHost}:${databasePort} through ${emulator.target}`);
  line('Session', `${session?.id ?? 'none'}: StartSession, websocket and handshake in ${ms(opening)}`);

  const settings = { ...database.driver, port: tunnel.localPort };
  const { ms: firstRowMs, version } = await firstRow(settings);
  line('First row', `after ${duration(firstRowMs)}, ${database.tls ? 'TLS (verify-full) and ' : ''}sign-in included: ${dim(version.split(' (')[0] ?? version)}`);
  line('A query', `${(await smallQuery(settings, queries)).toFixed(1)} ms, the median of ${queries}`);
  await speed(settings, database.parallel);

  say(`\n${bold('The tunnel is yours')}:`);
  say(`  ${cyan(database.psql(tunnel.localPort))}`);
}

/** @param {import('./measure.mjs').Settings} settings @param {boolean} parallel */
async function speed(settings, parallel) {
  const up = await upload(settings, 8);
  const down = await download(settings, { connections: 1, megabytesEach: 2 });
  line('Upload', `${up.toFixed(1)} MB/s`);
  line('Download', `${down.toFixed(2)} MB/s: the agent sends 1,024 bytes, then sleeps a millisecond`);
  if (parallel) {
    const together = await download(settings, { connections: 4, megabytesEach: 2 });
    line('', `${together.toFixed(2)} MB/s on 4 connections together: the tunnel takes a session for each`);
  }
}

/** A PostgreSQL found on this machine, else PGlite. @param {boolean} pglite */
async function startDatabase(pglite) {
  if (postgresMissing !== false || pglite) {
    const address = await startPGlite();
    const { user, password, database } = address;
    return {
      name: `PGlite (${pglite ? 'as asked' : postgresMissing || ''}; a real PostgreSQL in WebAssembly)`,
      port: address.port,
      tls: false,
      parallel: false,
      driver: { host: '127.0.0.1', user, password, database },
      psql: (/** @type {number} */ port) => `PGPASSWORD=${password} psql "host=127.0.0.1 port=${port} user=${user} dbname=${database} sslmode=disable"`,
    };
  }

  const { user, password, database, authority, port: serverPort } = await startPostgres();
  return {
    name: 'PostgreSQL',
    port: serverPort,
    tls: true,
    parallel: true,
    driver: { host: '127.0.0.1', user, password, database, ssl: { ca: await readFile(authority, 'utf8'), servername: databaseHost } },
    psql: (/** @type {number} */ port) => `PGPASSWORD=${password} psql "host=${databaseHost} hostaddr=127.0.0.1 port=${port} user=${user} dbname=${database} sslmode=verify-full sslrootcert=${authority}"`,
  };
}

/** @param {import('../../tests/EndToEnd/emulator.mjs').EmulatedSession[]} sessions */
function describeSessions(sessions) {
  const open = sessions.filter(session => session.endReason === undefined);
  if (open.length > 0) throw new Error(`Still open: ${open.map(session => session.id).join(', ')}.`);
  return `${sessions.length} opened, ${sessions.length} ended`;
}

/** @param {{ pids: number[], ports: number[] }} traces */
async function nothingIsLeft({ pids, ports }) {
  const running = pids.filter(pid => signalGroup(pid, 0));
  const listening = [];
  for (const port of ports) {
    if (await isListening(port)) listening.push(port);
  }
  if (running.length + listening.length > 0) {
    throw new Error(`Left behind: processes ${running.join(', ') || 'none'}, ports ${listening.join(', ') || 'none'}.`);
  }
  line('Nothing is left', 'no process, no session, no listening port');
}

/** @param {number} started */
const ms = started => duration(performance.now() - started);

/** @param {string} what @param {string} text */
function line(what, text) {
  say(`${what === '' ? ' ' : green('✓')} ${what.padEnd(15)} ${text}`);
}
