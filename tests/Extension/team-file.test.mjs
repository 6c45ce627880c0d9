import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { root } from '../../scripts/lib/paths.mjs';
import { fakeEditor } from './fake-editor.mjs';
import { load } from './load.mjs';

const { vscode } = fakeEditor();
const { readTeamFile } = await load('workspace/teamFile', vscode);
const { placeholders, problemOfReason } = await load('workspace/reason', vscode);
const { problemOf, readEntry, identityOf, identityOfRemembered, leadsTo } = await load('workspace/entries', vscode);

describe('The file that a team shares', () => {
  it('may have comments and trailing commas', () => {
    const { tunnels, problems } = readTeamFile('{\n// ours\n"tunnels": [{ "name": "orders", "host": "db", "port": 5432, "localPort": 15432, },],\n}');
    assert.deepEqual(problems, []);
    assert.deepEqual(tunnels, [{ name: 'orders', host: 'db', port: 5432, localPort: 15432 }]);
  });

  it('loses one entry to a mistake, and tells where it is', () => {
    const text = '{"tunnels":[{"host":"a","port":"5432"},{"host":"b","port":5432},{"port":1},7]}';
    const { tunnels, problems } = readTeamFile(text);
    assert.deepEqual(tunnels, [{ host: 'b', port: 5432 }]);
    assert.deepEqual(problems.map((/** @type {{ offset: number, length: number, message: string }} */ { offset, length, message }) => [text.slice(offset, offset + length), message]), [
      ['"5432"', '"port" has to be a number from 1 to 65535.'], ['{"port":1}', 'Either "host" or "target" is needed.'], ['7', 'A tunnel is an object.'],
    ]);
  });

  it('has each local port once', () => {
    const text = '{"tunnels":[{"host":"a","port":1,"localPort":9},{"host":"b","port":1,"localPort":9}]}';
    const { tunnels, problems } = readTeamFile(text);
    assert.equal(tunnels.length, 1);
    assert.match(problems[0].message, /local port 9/);
  });

  it('that is no such file says so', () => {
    for (const text of ['', '[]', '{"tunnels":1}', '{"tunnels":[', 'nonsense']) {
      const { problems } = readTeamFile(text);
      assert.ok(problems.length > 0, text);
    }
  });

  it('cannot choose an endpoint of AWS', () => {
    assert.deepEqual(readEntry({ host: 'db', port: 1, endpointUrl: 'https://evil.example', openNow: true }), { host: 'db', port: 1 });
  });

  it('is judged by the schema as by us', async () => {
    const schema = JSON.parse(await readFile(`${root}extension/schemas/rds-tunnels.schema.json`, 'utf8'));
    const { properties } = schema.properties.tunnels.items;
    assert.deepEqual(Object.keys(properties).sort(), ['document', 'host', 'localPort', 'name', 'port', 'profile', 'reason', 'region', 'target']);
    const settings = JSON.parse(await readFile(`${root}package.json`, 'utf8')).contributes.configuration.properties['rdsTunnel.tunnels'].items.properties;
    assert.deepEqual(Object.keys(settings).sort(), Object.keys(properties).sort());
    assert.equal(problemOf({ host: 'db', port: 5432 }), undefined);
  });

  it('says why its sessions are opened, each tunnel for itself or all of them', () => {
    const { tunnels, problems } = readTeamFile('{"reason":"team ${name}","tunnels":[{"host":"a","port":1},{"host":"b","port":1,"reason":"${user}"}]}');
    assert.deepEqual(problems, []);
    assert.deepEqual(tunnels, [{ reason: 'team ${name}', host: 'a', port: 1 }, { host: 'b', port: 1, reason: '${user}' }]);
  });

  it('tells where a reason makes no sense, and goes without it', () => {
    for (const [reason, message] of /** @type {const} */ ([['"${nobody}"', /placeholder \$\{nobody\}, which does not exist/], ['"${name"', /closing bracket/], ['7', /has to be a text/], ['""', /has to be a text/]])) {
      const text = `{"reason":${reason},"tunnels":[{"host":"a","port":1}]}`;
      const { tunnels, problems } = readTeamFile(text);
      assert.deepEqual(tunnels, [{ host: 'a', port: 1 }]);
      assert.deepEqual(problems.map((/** @type {{ offset: number, length: number }} */ { offset, length }) => text.slice(offset, offset + length)), [reason]);
      assert.match(problems[0].message, message);
      assert.match(problemOf({ host: 'a', port: 1, reason: JSON.parse(reason) })?.message ?? '', message);
    }
  });

  it('takes the placeholders that are documented, in each place where a reason is written', async () => {
    const documented = [...(await readFile(`${root}docs/rpc.md`, 'utf8')).matchAll(/^\| `\$\{(\w+)\}` \|/gm)].map(([, name]) => name);
    assert.deepEqual(documented, placeholders);
    const schema = JSON.parse(await readFile(`${root}extension/schemas/rds-tunnels.schema.json`, 'utf8'));
    const { 'rdsTunnel.reason': ofSettings, 'rdsTunnel.tunnels': list } = JSON.parse(await readFile(`${root}package.json`, 'utf8')).contributes.configuration.properties;
    for (const { pattern } of [schema.definitions.reason, ofSettings, list.items.properties.reason]) {
      for (const template of ['TICKET-1', 'a $ b', '$5', ...placeholders.map((/** @type {string} */ name) => `x \${${name}} y`), '${nobody}', '${name', '${', '$${host}', '${ host }']) {
        assert.equal(new RegExp(pattern).test(template), problemOfReason(template) === undefined, `${template} by ${pattern}`);
      }
    }
  });

  it('asks for consent to where a tunnel leads, and with which identity', () => {
    const request = { host: 'db', port: 5432, profile: 'work' };
    assert.equal(identityOf(request), identityOf({ ...request, name: 'x', localPort: 1 }));
    assert.notEqual(identityOf(request), identityOf({ ...request, profile: 'admin' }));
    assert.notEqual(identityOf(request), identityOf({ ...request, host: 'db2' }));
    assert.notEqual(identityOf(request), identityOf({ ...request, document: 'Acme-Ports' }));
    assert.notEqual(identityOf({ ...request, document: 'Other' }), identityOf({ ...request, document: 'Acme-Ports' }));
    assert.equal(identityOf(request), identityOf({ ...request, reason: 'x' }));
  });

  it('leads to the same host in any spelling', () => {
    const request = { host: 'orders.abc.eu-west-1.rds.amazonaws.com', port: 5432, localPort: 15_432 };
    for (const host of ['Orders.abc.EU-WEST-1.rds.amazonaws.com', 'orders.abc.eu-west-1.rds.amazonaws.com.']) {
      assert.equal(identityOf(request), identityOf({ ...request, host }));
      assert.ok(leadsTo(request, host, 15_432));
      // What was allowed by an earlier version stays allowed.
      assert.equal(identityOfRemembered(JSON.stringify(['', '', host, 5432, '', 'Acme-Ports'])), identityOf({ ...request, document: 'Acme-Ports' }));
    }
    assert.ok(!leadsTo(request, request.host, 15_433));
    assert.ok(!leadsTo(request, 'other.example', 15_432));
    assert.ok(!leadsTo(undefined, request.host, 15_432));
    assert.equal(identityOfRemembered(identityOf({ port: 22, target: 'i-0a' })), identityOf({ port: 22, target: 'i-0a' }));
  });

  it('may name a session document, without a version', () => {
    for (const document of ['Acme-Ports', 'a.b_c-1', 'arn:aws:ssm:eu-central-1:111122223333:document/Acme-Ports', 'arn:aws-cn:ssm:cn-north-1:111122223333:document/x']) {
      assert.deepEqual(readEntry({ host: 'db', port: 1, document }), { host: 'db', port: 1, document });
    }
    for (const document of ['', 'ab', 'two words', 'Acme-Ports:3', 'arn:aws:ssm:eu-central-1:111122223333:session/x', 'a'.repeat(129), 7]) {
      assert.equal(problemOf({ host: 'db', port: 1, document })?.field, 'document', String(document));
    }
  });

  it('asks by the document\'s name, and once for each', async () => {
    const editor = fakeEditor();
    const { Consent } = await load('workspace/consent', editor.vscode);
    /** @type {Map<string, unknown>} */
    const memory = new Map();
    const consent = new Consent({ get: (/** @type {string} */ key, /** @type {unknown} */ otherwise) => memory.get(key) ?? otherwise, update: (/** @type {string} */ key, /** @type {unknown} */ value) => { memory.set(key, value); return Promise.resolve(); } });
    const request = { host: 'db', port: 5432, profile: 'work' };
    const press = async (/** @type {object} */ asked) => {
      const answer = consent.ask([asked], () => Promise.resolve());
      const { message } = editor.shown.at(-1) ?? { message: '' };
      editor.shown.at(-1)?.press('Allow');
      await answer;
      return message;
    };
    assert.match(await press(request), /db:5432 \(profile work\)/);
    assert.equal(consent.isAllowed({ ...request, document: 'Acme-Ports' }), false);
    assert.match(await press({ ...request, document: 'Acme-Ports' }), /db:5432 \(profile work, session document Acme-Ports\)/);
    assert.equal(consent.isAllowed({ ...request, document: 'Acme-Ports' }), true);
    assert.equal(consent.isAllowed({ ...request, document: 'Other' }), false);
    assert.equal(editor.shown.length, 2);
  });
});
