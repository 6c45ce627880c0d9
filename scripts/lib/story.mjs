// The demo's story, told while it happens.
import { startEmulator } from '../../tests/EndToEnd/emulator.mjs';
import { databaseHost } from '../../tests/EndToEnd/peers.mjs';
import { isListening } from '../../tests/EndToEnd/ports.mjs';
import { startSidecar } from '../../tests/EndToEnd/sidecar.mjs';
import { atEnd } from './endings.mjs';
import { download, firstRow, smallQuery, upload } from './measure.mjs';
import { stillRunning } from './processes.mjs';
import { startDatabase } from './sample-database.mjs';
import { chapter } from './steps.mjs';
import { bold, cyan, dim, duration, say } from './terminal.mjs';

/** As RDS has it; the local AWS finds the database that stands for it elsewhere. */
const databasePort = 5432;
const queries = 50;

/** @param {{ pglite: boolean }} options */
export async function tell({ pglite }) {
  /** What must not listen any more in the end. @type {number[]} */
  const ports = [];
  atEnd(() =>
    chapter(
      'Nothing is left',
      () => nothingIsLeft(ports),
      () => 'no process, no session, no listening port',
    ),
  );

  const database = await chapter(
    'Database',
    () => startDatabase(pglite),
    ({ name, port }) => `${name} on 127.0.0.1:${port}, in the role of ${bold(databaseHost)}`,
  );
  ports.push(database.port);

  const emulator = await chapter(
    'Local AWS',
    () => startEmulator({ world: true, databaseAddress: `127.0.0.1:${database.port}` }),
    ({ endpoint }) => `${endpoint}, with all that tests/EndToEnd/world.json names; its agents are paced as the real ones`,
  );
  ports.push(emulator.port);
  atEnd(() =>
    chapter(
      'Sessions',
      async () => describeSessions(await emulator.sessions()),
      text => text,
    ),
  );

  const sidecar = await chapter(
    'Sidecar',
    () => startSidecar({ ...emulator.env, AWS_REGION: emulator.region, AWS_ENDPOINT_URL: emulator.endpoint }),
    ({ running }, time) => `process ${running.pid}, answered after ${time}`,
  );
  atEnd(() =>
    chapter(
      'Sidecar',
      () => sidecar.shutdown(),
      code => `ended with code ${code ?? 'none'}`,
    ),
  );

  await chapter(
    'Databases',
    () => sidecar.request('database/list', { scopes: [{}] }),
    ({ databases }, time) =>
      `${databases} found after ${time}: ${sidecar.progress
        .flatMap(({ value }) => value.databases ?? [])
        .map(({ engine, name, role }) => `${name} (${engine}, ${role.toLowerCase()})`)
        .join(', ')}`,
  );
  await chapter(
    'Jump host',
    () => sidecar.request('jumpHost/list', { database: { host: databaseHost, port: databasePort }, scope: {} }),
    ({ jumpHosts: [best] }, time) =>
      `${bold(best.target)} after ${time}: ${best.reasons.map((/** @type {{ message: string }} */ { message }) => message).join(', ')}`,
  );
  const tunnel = await chapter(
    'Tunnel',
    () => sidecar.open({ name: 'orders', host: databaseHost, port: databasePort, openNow: true }),
    ({ localPort }, time) => `${bold(`127.0.0.1:${localPort}`)} → ${databaseHost}:${databasePort}, open after ${time}`,
  );
  ports.push(tunnel.localPort);
  await chapter(
    'Session',
    () => describeOpening(emulator, sidecar),
    text => text,
  );

  const settings = { ...database.driver, port: tunnel.localPort };
  await chapter(
    'First row',
    () => firstRow(settings),
    ({ ms, version }) =>
      `after ${duration(ms)}, ${database.tls ? 'TLS (verify-full) and ' : ''}sign-in included: ${dim(version.split(' (')[0] ?? version)}`,
  );
  await chapter(
    'A query',
    () => smallQuery(settings, queries),
    ms => `${ms.toFixed(1)} ms, the median of ${queries}`,
  );
  await chapter(
    'Upload',
    () => upload(settings, 8),
    speed => `${speed.toFixed(1)} MB/s`,
  );
  await chapter(
    'Download',
    () => download(settings, { connections: 1, megabytesEach: 1 }),
    speed => `${speed.toFixed(2)} MB/s; the agent sends 1,024 bytes, then sleeps for a millisecond`,
  );
  if (database.parallel) {
    await chapter(
      '4 downloads',
      () => download(settings, { connections: 4, megabytesEach: 3 }),
      speed => `${speed.toFixed(2)} MB/s together`,
    );
    const [now] = await sidecar.list();
    say(
      dim(`                  the tunnel took ${now?.statistics.sessionsTotal ?? 0} sessions for them; digests of all transfers are right`),
    );
  }

  say(`\n${bold('The tunnel is yours')}:`);
  say(`  ${cyan(database.psql(tunnel.localPort))}`);
}

/**
 * @param {import('../../tests/EndToEnd/emulator.mjs').Emulator} emulator
 * @param {import('../../tests/EndToEnd/sidecar.mjs').Sidecar} sidecar
 */
async function describeOpening(emulator, sidecar) {
  const [session] = await emulator.sessions();
  if (session === undefined) throw new Error('The local AWS knows of no session.');
  const handshake = sidecar.logs.map(({ message }) => /^Data channel open: (.*?)\.?$/.exec(message)?.[1]).find(text => text !== undefined);
  return handshake === undefined ? session.id : `${session.id}, handshake done: ${handshake}`;
}

/** @param {import('../../tests/EndToEnd/emulator.mjs').EmulatedSession[]} sessions */
function describeSessions(sessions) {
  const open = sessions.filter(session => session.endReason === undefined);
  if (open.length > 0) throw new Error(`Still open: ${open.map(session => session.id).join(', ')}.`);
  return `${sessions.length} opened, ${sessions.length} ended`;
}

/** @param {number[]} ports */
async function nothingIsLeft(ports) {
  const processes = stillRunning();
  const listening = [];
  for (const port of ports) {
    if (await isListening(port)) listening.push(port);
  }
  if (processes.length + listening.length > 0) {
    throw new Error(`Left behind: processes ${processes.join(', ') || 'none'}, ports ${listening.join(', ') || 'none'}.`);
  }
}
