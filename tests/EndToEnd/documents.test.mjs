// Session documents of an organization that allows no others, from the sidecar to the local AWS.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sidecarCommand } from '../../scripts/lib/paths.mjs';
import { run } from '../../scripts/lib/processes.mjs';
import { databaseHost } from './peers.mjs';
import { connectAndEcho, hangMs, startEcho } from './ports.mjs';
import { startStack } from './stack.mjs';

const properties = { host: '{{ host }}', portNumber: '{{ portNumber }}', localPortNumber: '0', type: 'LocalPortForwarding' };
const parameters = { host: { type: 'String', allowedPattern: '^[a-z0-9.-]+\\.rds\\.amazonaws\\.com$' }, portNumber: { type: 'String' } };
const documents = [
  ...['AWS-StartPortForwardingSession', 'AWS-StartPortForwardingSessionToRemoteHost'].map(name => ({ name, startedBy: [] })),
  { name: 'Acme-Ports', content: { schemaVersion: '1.0', sessionType: 'Port', parameters, properties } },
  {
    name: 'Acme-Fixed',
    content: {
      schemaVersion: '1.0',
      sessionType: 'Port',
      parameters: { portNumber: parameters.portNumber },
      properties: { ...properties, host: databaseHost },
    },
  },
  { name: 'Acme-Secret', readBy: [], content: { schemaVersion: '1.0', sessionType: 'Port', parameters, properties } },
  {
    name: 'Acme-Renamed',
    readBy: [],
    content: {
      schemaVersion: '1.0',
      sessionType: 'Port',
      parameters: { db: parameters.host, ...parameters, host: undefined },
      properties: { ...properties, host: '{{ db }}' },
    },
  },
  { name: 'Acme-Denied', startedBy: [], content: { schemaVersion: '1.0', sessionType: 'Port', parameters, properties } },
  { name: 'Acme-Shell', content: { schemaVersion: '1.0', sessionType: 'Standard_Stream', inputs: {} } },
];

describe('Session documents of an organization', () => {
  /** @type {Awaited<ReturnType<typeof startEcho>>} */
  let echo;
  /** @type {import('./stack.mjs').Stack} */
  let stack;
  /** @type {string} */
  let folder;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'documents-'));
    const world = await readFile(new URL('world.json', import.meta.url), 'utf8');
    await writeFile(join(folder, 'world.json'), world.replace('{', `{\n"documents": ${JSON.stringify(documents)},`));
    [echo, stack] = await Promise.all([startEcho(), startStack({ world: join(folder, 'world.json') })]);
  });

  after(async () => {
    echo.stop();
    await stack.stop();
    await rm(folder, { recursive: true });
  });

  for (const [document, host] of [
    ['Acme-Ports', databaseHost],
    ['Acme-Fixed', databaseHost],
    ['Acme-Secret', databaseHost],
  ]) {
    it(`carry a connection: ${document}`, async () => {
      const tunnel = await stack.open(echo.port, { document, host });
      (await connectAndEcho(tunnel.localPort)).destroy();
      const session = /** @type {{ document: string, host?: string, port: number }} */ (
        /** @type {unknown} */ ((await stack.emulator.sessions()).at(-1))
      );
      assert.deepEqual([session.document, session.host, session.port], [document, databaseHost, echo.port]);
      await stack.sidecar.close(tunnel.id);
    });
  }

  it('are said to be missing where nothing else is allowed', async () => {
    await assert.rejects(stack.open(echo.port, { openNow: true }), error => {
      assert.equal(codeOf(error), 2006);
      assert.match(messageOf(error), /document\/AWS-StartPortForwardingSessionToRemoteHost/);
      return true;
    });
  });

  for (const [document, code, said] of /** @type {const} */ ([
    ['Acme-Denied', 2006, /can't call ssm:StartSession with document Acme-Denied/],
    ['Acme-Unknown', 2008, /Acme-Unknown: the document does not exist in eu-central-1/],
    ['Acme-Shell', 2008, /Acme-Shell is for sessions of type Standard_Stream/],
    ['Acme-Renamed', 2008, /Allow ssm:GetDocument on Acme-Renamed/],
    ['Acme-Ports:2', -32602, /includes a version/],
  ])) {
    it(`say what is wrong with ${document}`, async () => {
      await assert.rejects(stack.open(echo.port, { document, openNow: true }), error => {
        assert.equal(codeOf(error), code, messageOf(error));
        assert.match(messageOf(error), said);
        return true;
      });
    });
  }

  it('do not lead elsewhere than the tunnel', async () => {
    await assert.rejects(
      stack.open(echo.port, { document: 'Acme-Fixed', host: 'another.abc123.eu-central-1.rds.amazonaws.com', openNow: true }),
      error => {
        assert.equal(codeOf(error), 2008);
        assert.match(messageOf(error), new RegExp(`Acme-Fixed only leads to ${databaseHost}`));
        return true;
      },
    );
  });

  it("stand in the check's step about permissions", async () => {
    const { region, endpoint, target } = stack.emulator;
    const { steps } = await stack.sidecar.request('tunnel/check', {
      tunnel: { host: databaseHost, port: echo.port, target, region, endpointUrl: endpoint, document: 'Acme-Ports' },
    });
    const permission = steps.find((/** @type {{ name: string }} */ { name }) => name === 'Permission');
    assert.deepEqual([permission.outcome, permission.message], ['Passed', `Allowed to start a session on ${target} with Acme-Ports.`]);

    const ofFixed = await stack.sidecar.request('tunnel/check', {
      tunnel: { host: databaseHost, port: echo.port, target, region, endpointUrl: endpoint, document: 'Acme-Fixed' },
    });
    assert.equal(
      ofFixed.steps.find((/** @type {{ name: string }} */ { name }) => name === 'Permission').message,
      `Allowed to start a session on ${target} with Acme-Fixed. The document always leads to the host ${databaseHost}.`,
    );
  });

  it('are an option of the command line', async () => {
    const { region, endpoint, target, env } = stack.emulator;
    const { code, tail } = await run(
      sidecarCommand.file,
      [
        ...sidecarCommand.args,
        'open',
        '--host',
        'db.example.com',
        '--port',
        '5432',
        '--target',
        target,
        '--region',
        region,
        '--endpoint-url',
        endpoint,
        '--document',
        'Acme-Ports',
        '--open-now',
      ],
      { env, timeoutMs: hangMs },
    );
    assert.equal(code, 3);
    assert.match(tail.join('\n'), /Acme-Ports does not allow the host db\.example\.com\. .*\(InvalidDocument\)/);
  });
});

/** @param {unknown} error */
const codeOf = error => /** @type {{ code: number }} */ (error).code;
/** @param {unknown} error */
const messageOf = error => /** @type {Error} */ (error).message;
