// AI agents: the official client of the Model Context Protocol against the real process.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startEmulator } from './emulator.mjs';
import { startMcp } from './mcp.mjs';
import { databaseHost, temporaryFolder } from './peers.mjs';
import { eventually, isListening } from './ports.mjs';
import { postgresClientsMissing, psql, startPostgres } from './postgres.mjs';
import { startSidecar, stateFolder, withoutAws } from './sidecar.mjs';

const execute = promisify(execFile);
/** Something that happens once. */
function signal() {
  let happen = () => undefined;
  const happened = new Promise(resolve => {
    happen = () => {
      resolve(undefined);
      return undefined;
    };
  });
  return {
    happened,
    happen: () => {
      happen();
    },
  };
}
const accept = () => /** @type {const} */ ({ action: 'accept' });

describe('rds-tunnel mcp', { skip: postgresClientsMissing }, () => {
  /** @type {Awaited<ReturnType<typeof startPostgres>>} */
  let database;
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {NodeJS.ProcessEnv} */
  let env;
  let state = '';
  /** @type {{ host: string, port: number, reason: string, database: string }} */
  let orders;

  before(async () => {
    database = await startPostgres();
    const world = (await readFile(new URL('world.json', import.meta.url), 'utf8')).replace(
      /("customHosts": \[\], "port": )5432/,
      `$1${database.port}`,
    );
    const file = `${await temporaryFolder('world')}/world.json`;
    await writeFile(file, world);
    emulator = await startEmulator({ unpaced: true, world: file });
    state = await stateFolder();
    env = {
      ...process.env,
      ...withoutAws,
      ...emulator.env,
      XDG_STATE_HOME: state,
      AWS_REGION: emulator.region,
      AWS_ENDPOINT_URL: emulator.endpoint,
      AWS_CA_BUNDLE: database.authority,
      PGSSLROOTCERT: database.authority,
      PGPASSFILE: '/nonexistent',
    };
    orders = { host: databaseHost, port: database.port, reason: 'find the slow query', database: 'postgres' };
  });

  after(async () => {
    await emulator.stop();
    await database.stop();
  });

  const log = async () =>
    (await readFile(`${state}/rds-tunnel/agents.jsonl`, 'utf8'))
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
  const sessions = () => /** @type {Promise<{ id: string, state: string, reason?: string }[]>} */ (emulator.sessions());
  const nothingIsOpen = async () => {
    assert.ok(await eventually(async () => (await sessions()).every(each => each.state === 'ended')), 'every session is ended');
  };
  const openSessions = async () => (await sessions()).filter(each => each.state !== 'ended');

  it('tells which tools only read', async () => {
    const mcp = await startMcp(env);
    const { tools } = await mcp.client.listTools();
    assert.deepEqual(
      tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint, annotations?.destructiveHint]),
      [
        ['list_databases', true, false],
        ['check_tunnel', true, false],
        ['open_tunnel', false, false],
        ['tunnel_status', true, false],
        ['connection_details', true, false],
        ['close_tunnel', false, true],
      ],
    );
    assert.match(mcp.client.getInstructions() ?? '', /never instructions/);
    assert.equal(await mcp.end(), 0, mcp.stderr());
  });

  it('finds, checks, opens and closes: a person agrees, and psql gets a row', async () => {
    const mcp = await startMcp(env, { answer: accept });
    const { json: found } = await mcp.call('list_databases', { filter: 'orders' });
    assert.deepEqual(
      found.databases.map((/** @type {any} */ each) => [each.role, each.access, each.port]),
      [
        ['Reader', 'readOnly', database.port],
        ['Writer', 'readWrite', database.port],
      ],
    );

    /** @type {string[]} */
    const steps = [];
    const { json: check } = await mcp.call(
      'check_tunnel',
      { host: orders.host, port: orders.port },
      {
        onprogress: ({ message }) => {
          steps.push(message ?? '');
        },
      },
    );
    assert.equal(check.passed, true, JSON.stringify(check));
    assert.deepEqual(
      steps,
      check.steps.map((/** @type {any} */ { name, outcome }) => `${name}: ${outcome}`),
    );
    assert.equal(mcp.questions.length, 0, 'what AWS lists may be checked');

    /** @type {string[]} */
    const progress = [];
    const opened = await mcp.call('open_tunnel', orders, {
      onprogress: ({ message }) => {
        progress.push(message ?? '');
      },
    });
    assert.equal(opened.isError, false, opened.text);
    assert.deepEqual(progress, ['Looking the database up', 'Asking for consent', 'Opening a session', 'Waiting for the database']);
    assert.match(
      mcp.questions[0] ?? '',
      /^test-client 1\.0 wants to open a tunnel to a database\.\n\nDatabase: orders\.cluster-abc123\.eu-central-1\.rds\.amazonaws\.com:\d+ \(orders, aurora-postgresql, Writer\)\nAWS identity: arn:aws:.*, account \d{12}\nProfile: default\nRegion: eu-central-1\nNote: this address can write\. orders\.cluster-ro-abc123.* only reads\.\nReason given by the agent: "find the slow query"$/,
    );
    assert.equal((await openSessions())[0]?.reason, 'agent: find the slow query');

    const { json: details } = await mcp.call('connection_details', { id: opened.json.id });
    assert.equal(details.passwordNeeded, true);
    const { stdout } = await execute(psql ?? '', ['-XAtc', 'select 40 + 2'], {
      env: { ...env, ...details.environment, PGUSER: database.user, PGPASSWORD: database.password },
    });
    assert.equal(stdout, '42\n');
    const { json: status } = await mcp.call('tunnel_status');
    assert.equal(status.tunnels.length, 1);
    assert.deepEqual(
      [status.tunnels[0].state, status.tunnels[0].reason, status.tunnels[0].bytesDown > 0],
      ['Open', 'find the slow query', true],
    );

    const again = await mcp.call('open_tunnel', { ...orders, reason: 'another reason' });
    assert.deepEqual([again.json.id, again.json.alreadyOpen, mcp.questions.length], [opened.json.id, true, 1]);

    assert.deepEqual((await mcp.call('close_tunnel', { id: opened.json.id })).json, { closed: opened.json.id });
    assert.equal(await isListening(details.port), false);
    await nothingIsOpen();
    assert.match((await mcp.call('close_tunnel', { id: opened.json.id })).text, /\(NotFound\)$/);
    const secrets = (await emulator.secrets()).concat(env['AWS_SECRET_ACCESS_KEY'] ?? '', database.password);
    for (const secret of secrets) assert.ok(!mcp.written().includes(secret), 'no secret is told');
    assert.equal(await mcp.end(), 0, mcp.stderr());

    const mode = await stat(`${state}/rds-tunnel/agents.jsonl`);
    if (process.platform !== 'win32') assert.equal(mode.mode & 0o777, 0o600);
    const lines = await log();
    assert.deepEqual(
      lines.map(({ action, consent }) => [action, consent]),
      [
        ['Opening', 'asked'],
        ['Opened', 'asked'],
        ['Closed', undefined],
      ],
    );
    const { client, host, port, localPort, reason, identity } = lines[1];
    assert.deepEqual(
      [client, host, port, localPort, reason],
      ['test-client 1.0', orders.host, orders.port, details.port, 'find the slow query'],
    );
    assert.match(identity, /^arn:aws:/);
  });

  it('opens nothing when the person declines, or closes the question', async () => {
    for (const action of /** @type {const} */ (['decline', 'cancel'])) {
      const [mcp, before] = [await startMcp(env, { answer: () => ({ action }) }), (await sessions()).length];
      const { isError, text } = await mcp.call('open_tunnel', orders);
      assert.deepEqual([isError, /declined.*\(Declined\)$/.test(text)], [true, true], text);
      assert.equal((await sessions()).length, before);
      assert.deepEqual((await log()).at(-1).action, 'Refused');
      await mcp.end();
    }
  });

  it('opens nothing for a client that cannot ask, unless it was started with --allow-open', async () => {
    const mcp = await startMcp(env);
    assert.match((await mcp.call('open_tunnel', orders)).text, /--allow-open.*\(CannotAsk\)$/);
    await mcp.end();

    const allowed = await startMcp(env, { args: ['--allow-open'] });
    assert.equal((await allowed.call('open_tunnel', orders)).isError, false);
    assert.equal((await log()).at(-1).consent, '--allow-open');
    // Not to whatever else the jump host reaches, and not with somebody's rights.
    for (const given of [
      { host: '10.0.0.5', port: 80 },
      { login: 'secret', secretId: 'rds!cluster-orders' },
    ])
      assert.match((await allowed.call('open_tunnel', { ...orders, ...given })).text, /\(CannotAsk\)$/);
    assert.match((await allowed.call('check_tunnel', { host: '10.0.0.5', port: 80 })).text, /\(CannotAsk\)$/);
    assert.match(
      (await allowed.call('open_tunnel', { ...orders, host: 'localhost', target: emulator.target })).text,
      /jump host itself.*\(InvalidArgument\)$/,
    );
    await allowed.end();
    await nothingIsOpen();
  });

  it('asks once for a database when the person says so', async () => {
    const mcp = await startMcp(env, { answer: () => ({ action: 'accept', content: { remember: true } }) });
    for (let i = 0; i < 2; i++) {
      const opened = await mcp.call('open_tunnel', orders);
      await mcp.call('close_tunnel', { id: opened.json.id });
    }
    assert.equal(mcp.questions.length, 1);
    await mcp.end();
  });

  it('cleans what an agent says before a person or an administrator reads it', async () => {
    const hostile = `x"\nDatabase: harmless\u001b[31m\u202e \${user} password=hunter2hunter2 ${'long '.repeat(200)}`;
    const mcp = await startMcp(env, { name: 'evil\u001b[2J\nProfile: admin', answer: accept });
    const opened = await mcp.call('open_tunnel', { ...orders, reason: hostile });
    assert.equal(opened.isError, false, opened.text);
    const question = mcp.questions[0] ?? '';
    // eslint-disable-next-line no-control-regex -- which are to be kept out
    assert.doesNotMatch(question, /[\u0000-\u0009\u000b-\u001f\u202e]|hunter2/);
    assert.deepEqual(
      question
        .split('\n')
        .map(line => line.split(':')[0])
        .slice(2),
      ['Database', 'AWS identity', 'Profile', 'Region', 'Note', 'Reason given by the agent'],
    );
    const reason = (await openSessions())[0]?.reason ?? '';
    assert.match(reason, /^agent: x" Database: harmless/);
    assert.match(reason, /\$ \{user\}/);
    assert.ok(reason.length <= 256);
    assert.doesNotMatch(await readFile(`${state}/rds-tunnel/agents.jsonl`, 'utf8'), /hunter2|\\u001B|\\u202E/i);
    await mcp.end();
  });

  it('says what is wrong with arguments in its own words', async () => {
    const mcp = await startMcp(env, { answer: accept });
    for (const [given, error] of /** @type {[Record<string, unknown>, RegExp][]} */ ([
      [{}, /^port is missing\. /],
      [{ ...orders, port: 'x' }, /^port must be a whole number\. /],
      [{ ...orders, port: 0 }, /^port is 0; /],
      [{ ...orders, host: 'a b' }, /^host contains a space\. /],
      [{ ...orders, reason: '' }, /^reason is missing\. /],
      [{ ...orders, reason: '\u202e\u0007' }, /^reason has no readable text\. /],
      [{ ...orders, endpointUrl: 'http://evil' }, /^There is no argument "endpointUrl"\. /],
      [{ ...orders, login: 'iam' }, /^user /],
      [{ ...orders, region: 'evil.example.com/' }, /^region is not a valid region/],
    ]))
      assert.match((await mcp.call('open_tunnel', given)).text, error);
    assert.deepEqual(mcp.questions, []);
    await assert.rejects(mcp.client.callTool({ name: 'no_such_tool', arguments: {} }), /There is no such tool/);
    await mcp.end();
  });

  it('tells the person to sign in, or what failed, and leaves nothing open', async () => {
    const mcp = await startMcp(
      {
        ...env,
        AWS_ACCESS_KEY_ID: undefined,
        AWS_SECRET_ACCESS_KEY: undefined,
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      },
      { answer: accept },
    );
    assert.match((await mcp.call('open_tunnel', orders)).text, /sign-in.*\(SignInNeeded\)$/);
    await mcp.end();

    const denied = await startMcp(env, { answer: accept });
    await emulator.control('api-faults', { operation: 'StartSession', code: 'AccessDeniedException' });
    assert.match((await denied.call('open_tunnel', orders)).text, /\(AccessDenied\)$/);
    assert.deepEqual((await denied.call('tunnel_status')).json, { tunnels: [] });
    assert.deepEqual((await log()).at(-1).action, 'Failed');
    await denied.end();
    await nothingIsOpen();
  });

  it('gives up when the request is cancelled, also while the person is being asked', async () => {
    const [stop, asked] = [new AbortController(), signal()];
    const mcp = await startMcp(env, {
      answer: () => {
        asked.happen();
        return new Promise(() => undefined);
      },
    });
    const opening = mcp.call('open_tunnel', orders, { signal: stop.signal });
    await asked.happened;
    stop.abort();
    await assert.rejects(opening);
    assert.deepEqual((await mcp.call('tunnel_status')).json, { tunnels: [] });
    assert.deepEqual(await openSessions(), []);
    assert.equal(await mcp.end(), 0, mcp.stderr());
  });

  it('ends with its client: tunnels, sessions and the process, also in the middle of a question', async () => {
    const asked = signal();
    const mcp = await startMcp(env, {
      answer: question => (question.includes('second') ? (asked.happen(), new Promise(() => undefined)) : accept()),
    });
    const { json } = await mcp.call('open_tunnel', orders);
    const second = mcp.call('open_tunnel', {
      ...orders,
      host: 'orders.cluster-ro-abc123.eu-central-1.rds.amazonaws.com',
      reason: 'second',
    });
    second.catch(() => undefined);
    await asked.happened;
    assert.equal(await mcp.end(), 0, mcp.stderr());
    await assert.rejects(second);
    assert.equal(await isListening(json.port), false);
    await nothingIsOpen();
    assert.equal((await log()).at(-1).action, 'Closed');
  });

  it('opens nothing that it cannot write down', async () => {
    const file = `${await temporaryFolder('state')}/file`;
    await writeFile(file, '');
    const mcp = await startMcp({ ...env, XDG_STATE_HOME: file }, { answer: accept });
    assert.match((await mcp.call('open_tunnel', orders)).text, /log of agents' actions.*\(ConfigurationInvalid\)$/);
    assert.deepEqual(await openSessions(), []);
    await mcp.end();
  });

  it('does the same for the agents of the editor, which asks the person between two calls', async () => {
    const sidecar = await startSidecar(env);
    /** @param {string} tool @param {object} [given] @param {object} [consent] */
    const call = (tool, given = {}, consent = {}) =>
      sidecar.request('agent/call', { tool, client: 'chat\n\u001b[2J', arguments: JSON.stringify(given), ...consent });
    const before = (await sessions()).length;
    const written = (await log()).length;
    const { databases } = JSON.parse((await call('list_databases', { filter: 'orders' })).answer);
    assert.deepEqual(
      databases.map((/** @type {any} */ { access }) => access),
      ['readOnly', 'readWrite'],
    );

    const { question, needsDialog } = await call('open_tunnel', orders);
    assert.match(question, /^chat \[2J wants to open a tunnel to a database\.\n\nDatabase: .*\nAWS identity: arn:aws:.*, account \d{12}\n/);
    assert.deepEqual([needsDialog, (await sessions()).length, (await log()).length], [false, before, written], 'a question does nothing');
    const answer = JSON.parse((await call('open_tunnel', orders, { question, consent: 'Confirmed' })).answer);
    const [tunnel] = /** @type {any[]} */ (await sidecar.list());
    assert.deepEqual([tunnel.id, tunnel.localPort, tunnel.agentReason], [answer.id, answer.port, 'find the slow query']);
    assert.equal((await openSessions())[0]?.reason, 'agent: find the slow query');
    const { stdout } = await execute(psql ?? '', ['-XAtc', 'select 40 + 2'], {
      env: { ...env, ...answer.environment, PGUSER: database.user, PGPASSWORD: database.password },
    });
    assert.equal(stdout, '42\n');
    assert.equal(JSON.parse((await call('open_tunnel', { ...orders, reason: 'another reason' })).answer).alreadyOpen, true);
    assert.equal(JSON.parse((await call('tunnel_status')).answer).tunnels.length, 1);
    assert.equal(JSON.parse((await call('connection_details', { id: answer.id })).answer).port, answer.port);

    // A person's tunnel is none of an agent's.
    const own = await sidecar.open({ host: orders.host, port: orders.port });
    assert.equal(/** @type {any} */ (own).agentReason, undefined);
    assert.match((await call('close_tunnel', { id: own.id })).error, /\(NotFound\)$/);

    // And a person may close an agent's.
    await sidecar.close(answer.id);
    assert.deepEqual(JSON.parse((await call('tunnel_status')).answer), { tunnels: [] });
    assert.ok(await eventually(async () => (await log()).at(-1).action === 'Closed'), 'that is written down, too');
    assert.deepEqual(
      (await log()).slice(written).map(({ action, client, consent }) => [action, client, consent]),
      [
        ['Opening', 'chat [2J', 'editor'],
        ['Opened', 'chat [2J', 'editor'],
        ['Closed', 'chat [2J', undefined],
      ],
    );
    await sidecar.shutdown();
  });

  it('lets an editor that confirms everything open databases that AWS lists, and nothing else', async () => {
    const sidecar = await startSidecar(env);
    for (const given of [
      { host: '10.0.0.5', port: 80 },
      { login: 'secret', secretId: 'rds!cluster-orders' },
    ]) {
      /** @param {object} consent */
      const open = consent =>
        sidecar.request('agent/call', {
          tool: 'open_tunnel',
          client: 'chat',
          arguments: JSON.stringify({ ...orders, ...given }),
          ...consent,
        });
      const { question } = await open({});
      assert.deepEqual(await open({ question, consent: 'Confirmed' }), { question, needsDialog: true });
      assert.match((await open({ question, consent: 'Declined' })).error, /\(Declined\)$/);
      assert.deepEqual([(await log()).at(-1).action, (await log()).at(-1).error], ['Refused', 'Declined']);
    }
    assert.deepEqual(await sidecar.list(), []);
    await assert.rejects(sidecar.request('agent/call', { tool: 'no_such_tool', client: 'chat' }), /There is no such tool/);
    await sidecar.shutdown();
  });
});
