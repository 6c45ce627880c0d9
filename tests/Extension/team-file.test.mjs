import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { root } from '../../scripts/lib/paths.mjs';
import { fakeEditor } from './fake-editor.mjs';
import { load } from './load.mjs';

const { vscode } = fakeEditor();
const { readTeamFile } = await load('workspace/teamFile', vscode);
const { reasonPlaceholders: placeholders } = await load('sidecar/contract', vscode);
const { problemOf, problemOfField, readEntry, consentOf, identityOf, identityOfRemembered, leadsTo } = await load(
  'workspace/entries',
  vscode,
);

/**
 * As far as the schemas go.
 * @typedef {{ type: string, minimum?: number, maximum?: number, minLength?: number, maxLength?: number, pattern?: string, anyOf?: Schema[] }} Schema
 * @param {Schema} schema
 * @param {unknown} value
 * @returns {boolean}
 */
const fits = ({ type, minimum = -Infinity, maximum = Infinity, minLength = 0, maxLength = Infinity, pattern = '', anyOf }, value) =>
  anyOf !== undefined
    ? anyOf.some(each => fits(each, value))
    : type === 'boolean'
      ? typeof value === 'boolean'
      : type === 'integer'
        ? Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum
        : typeof value === 'string' && value.length >= minLength && value.length <= maxLength && new RegExp(pattern, 'u').test(value);

describe('The file that a team shares', () => {
  it('may have comments and trailing commas', () => {
    const { tunnels, problems } = readTeamFile(
      '{\n// ours\n"tunnels": [{ "name": "orders", "host": "db", "port": 5432, "localPort": 15432, },],\n}',
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(tunnels, [{ name: 'orders', host: 'db', port: 5432, localPort: 15432 }]);
  });

  it('loses one entry to a mistake, and tells where it is', () => {
    const text = '{"tunnels":[{"host":"a","port":"5432"},{"host":"b","port":5432},{"port":1},7]}';
    const { tunnels, problems } = readTeamFile(text);
    assert.deepEqual(tunnels, [{ host: 'b', port: 5432 }]);
    assert.deepEqual(
      problems.map((/** @type {{ offset: number, length: number, message: string }} */ { offset, length, message }) => [
        text.slice(offset, offset + length),
        message,
      ]),
      [
        ['"5432"', '"port" must be a number from 1 to 65535.'],
        ['{"port":1}', '"host" or "target" is required.'],
        ['7', 'A tunnel must be an object.'],
      ],
    );
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
    assert.deepEqual(Object.keys(properties).sort(), [
      'compress',
      'database',
      'document',
      'environment',
      'host',
      'localPassword',
      'localPort',
      'localTls',
      'login',
      'name',
      'port',
      'profile',
      'reason',
      'region',
      'requestAccess',
      'secretId',
      'socket',
      'startJumpHost',
      'target',
      'user',
    ]);
    const settings = JSON.parse(await readFile(`${root}package.json`, 'utf8')).contributes.configuration.properties['rdsTunnel.tunnels']
      .items.properties;
    assert.deepEqual(Object.keys(settings).sort(), Object.keys(properties).sort());
    for (const [field, values] of /** @type {const} */ ([
      ['port', [0, 1, 65_535, 65_536, 1.5, '5432']],
      ['localPort', [0, 1, 65_535, 65_536, -1]],
      ['name', ['x', 'two words', '', ' ', 'a\nb', 'x'.repeat(256), 'x'.repeat(257), 7]],
      ['host', ['db', 'two words', '', ' db', 'x'.repeat(253), 'x'.repeat(254)]],
      ['target', ['i-1', 'i 1', 'x'.repeat(401)]],
      ['profile', ['dev', 'my profile', '\u0007']],
      ['region', ['eu-central-1', 'eu central', 'EU', 'x'.repeat(65)]],
      ['document', ['Acme-Ports', 'ab', 'Acme-Ports:3', 'x'.repeat(129)]],
      ['reason', ['x'.repeat(1024), 'x'.repeat(1025)]],
      ['login', ['tls', 'magic', '', 'tls\n']],
      ['socket', [true, false, 'true', 0]],
      ['compress', [false, 'true', 1, null]],
      ['localPassword', [false, 'secret', 1, null]],
      ['localTls', [false, 'require', 1, null]],
      ['startJumpHost', [true, false, 'yes', 1]],
      ['database', ['shop', '', 'a\nb', 'x'.repeat(129)]],
      ['environment', [true, false, 'ORDERS_', 'ORDERS', 'orders_', '', 'PATH=_', 1, `${'A'.repeat(40)}_`]],
      ['requestAccess', ['work on ${name}', '', '${nobody}', 'x'.repeat(1025), true]],
    ])) {
      for (const value of values) {
        const expected = problemOf({ host: 'db', port: 5432, [field]: value }) === undefined;
        for (const { [field]: judge } of [properties, settings])
          assert.equal(fits(judge.$ref === undefined ? judge : schema.definitions.reason, value), expected, `${field} ${String(value)}`);
      }
    }
  });

  it('signs in only with all that a login needs, and takes nothing for one that has no use for it', () => {
    const entry = (/** @type {object} */ login) => ({ host: 'db', port: 5432, ...login });
    for (const login of [
      { login: 'iam', user: 'app' },
      { login: 'secret', secretId: 'orders' },
      { login: 'secret', secretId: 'orders', user: 'app' },
      { login: 'tls' },
      { login: 'tls', compress: true },
      { login: 'iam', user: 'app', localPassword: true, localTls: true },
      { login: 'tls', localTls: false },
      { login: 'tls', localPassword: false },
    ]) {
      assert.equal(problemOf(entry(login)), undefined, JSON.stringify(login));
      assert.deepEqual(readEntry(entry(login)), entry(login));
    }
    for (const login of [
      { login: 'iam' },
      { login: 'secret' },
      { user: 'app' },
      { login: 'tls', user: 'app' },
      { secretId: 'orders' },
      { login: 'iam', user: 'app', secretId: 'orders' },
      { compress: true },
      { localPassword: true },
      { login: 'tls', localPassword: true },
      { localTls: true },
      { login: 'tls', localTls: true },
    ]) {
      assert.notEqual(problemOf(entry(login)), undefined, JSON.stringify(login));
    }
    assert.notEqual(problemOf({ target: 'i-1', port: 5432, login: 'tls' }), undefined);
  });

  it('is asked about anew when a login, its user, its secret, a socket file, the start of its jump host or a request for access changes', () => {
    const entry = { host: 'db', port: 5432 };
    const all = [
      entry,
      { ...entry, login: 'tls' },
      { ...entry, login: 'iam', user: 'app' },
      { ...entry, login: 'iam', user: 'admin' },
      { ...entry, login: 'secret', secretId: 'a' },
      { ...entry, login: 'secret', secretId: 'a', user: 'app' },
      { ...entry, login: 'secret', secretId: 'b' },
      { ...entry, login: 'tls', compress: true },
      { ...entry, login: 'secret', secretId: 'a', localPassword: true },
      { ...entry, login: 'secret', secretId: 'a', localTls: true },
      { ...entry, socket: true },
      { ...entry, startJumpHost: true },
      { ...entry, requestAccess: 'why' },
      { ...entry, requestAccess: 'why not' },
    ];
    assert.equal(new Set(all.map(each => consentOf(each))).size, all.length);
    // What was allowed before there were logins still is.
    assert.equal(consentOf(entry), JSON.stringify([JSON.stringify(['', '', 'db', 5432, '']), null, null]));
    assert.equal(identityOf({ ...entry, document: 'Acme' }), JSON.stringify(['', '', 'db', 5432, '', 'Acme']));
  });

  it('says why its sessions are opened, each tunnel for itself or all of them', () => {
    const { tunnels, problems } = readTeamFile(
      '{"reason":"team ${name}","tunnels":[{"host":"a","port":1},{"host":"b","port":1,"reason":"${user}"}]}',
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(tunnels, [
      { reason: 'team ${name}', host: 'a', port: 1 },
      { host: 'b', port: 1, reason: '${user}' },
    ]);
  });

  it('tells where a reason makes no sense, and goes without it', () => {
    for (const [reason, message] of /** @type {const} */ ([
      ['"${nobody}"', /unknown placeholder: \$\{nobody\}/],
      ['"${name"', /closing brace/],
      ['7', /must be a non-empty string/],
      ['""', /must be a non-empty string/],
    ])) {
      const text = `{"reason":${reason},"tunnels":[{"host":"a","port":1}]}`;
      const { tunnels, problems } = readTeamFile(text);
      assert.deepEqual(tunnels, [{ host: 'a', port: 1 }]);
      assert.deepEqual(
        problems.map((/** @type {{ offset: number, length: number }} */ { offset, length }) => text.slice(offset, offset + length)),
        [reason],
      );
      assert.match(problems[0].message, message);
      assert.match(problemOf({ host: 'a', port: 1, reason: JSON.parse(reason) })?.message ?? '', message);
    }
  });

  it('takes the placeholders that are documented, in each place where a reason is written', async () => {
    const documented = [...(await readFile(`${root}docs/rpc.md`, 'utf8')).matchAll(/^\| `\$\{(\w+)\}` \|/gm)].map(([, name]) => name);
    assert.deepEqual(documented, placeholders);
    const schema = JSON.parse(await readFile(`${root}extension/schemas/rds-tunnels.schema.json`, 'utf8'));
    const { 'rdsTunnel.reason': ofSettings, 'rdsTunnel.tunnels': list } = JSON.parse(await readFile(`${root}package.json`, 'utf8'))
      .contributes.configuration.properties;
    for (const { pattern } of [schema.definitions.reason, ofSettings, list.items.properties.reason]) {
      for (const template of [
        'TICKET-1',
        'a $ b',
        '$5',
        ...placeholders.map((/** @type {string} */ name) => `x \${${name}} y`),
        '${nobody}',
        '${name',
        '${',
        '$${host}',
        '${ host }',
      ]) {
        assert.equal(new RegExp(pattern).test(template), problemOfField('reason', template) === undefined, `${template} by ${pattern}`);
      }
    }
  });

  it('asks for consent to everything that a tunnel does', () => {
    const request = { host: 'db', port: 5432, profile: 'work', region: 'eu-west-1', localPort: 15_432 };
    assert.equal(consentOf(request), consentOf({ ...request, name: 'x', host: 'DB.' }));
    for (const other of [
      { profile: 'admin' },
      { host: 'db2' },
      { port: 5433 },
      { region: 'eu-west-2' },
      { target: 'i-0123456789abcdef0' },
      { document: 'Acme-Ports' },
      { localPort: 15_433 },
      { localPort: undefined },
      { reason: 'x' },
    ]) {
      assert.notEqual(consentOf(request), consentOf({ ...request, ...other }), JSON.stringify(other));
    }
    assert.notEqual(consentOf({ ...request, document: 'Other' }), consentOf({ ...request, document: 'Acme-Ports' }));
  });

  it('leads to the same host in any spelling', () => {
    const request = { host: 'orders.abc.eu-west-1.rds.amazonaws.com', port: 5432, localPort: 15_432 };
    for (const host of ['Orders.abc.EU-WEST-1.rds.amazonaws.com', 'orders.abc.eu-west-1.rds.amazonaws.com.']) {
      assert.equal(identityOf(request), identityOf({ ...request, host }));
      assert.ok(leadsTo(request, host, 15_432));
      // A port that an earlier version kept is kept.
      assert.equal(
        identityOfRemembered(JSON.stringify(['', '', host, 5432, '', 'Acme-Ports'])),
        identityOf({ ...request, document: 'Acme-Ports' }),
      );
    }
    assert.ok(!leadsTo(request, request.host, 15_433));
    assert.ok(!leadsTo(request, 'other.example', 15_432));
    assert.ok(!leadsTo(undefined, request.host, 15_432));
    assert.equal(identityOfRemembered(identityOf({ port: 22, target: 'i-0a' })), identityOf({ port: 22, target: 'i-0a' }));
  });

  it('may name a session document, without a version', () => {
    for (const document of [
      'Acme-Ports',
      'a.b_c-1',
      'arn:aws:ssm:eu-central-1:111122223333:document/Acme-Ports',
      'arn:aws-cn:ssm:cn-north-1:111122223333:document/x',
    ]) {
      assert.deepEqual(readEntry({ host: 'db', port: 1, document }), { host: 'db', port: 1, document });
    }
    for (const document of ['', 'ab', 'two words', 'Acme-Ports:3', 'arn:aws:ssm:eu-central-1:111122223333:session/x', 'a'.repeat(129), 7]) {
      assert.equal(problemOf({ host: 'db', port: 1, document })?.field, 'document', String(document));
    }
  });

  describe('as long as nobody has allowed it', () => {
    const ask = async () => {
      const editor = fakeEditor();
      const { Consent } = await load('workspace/consent', editor.vscode);
      /** @type {Map<string, unknown>} */
      const memory = new Map();
      const consent = new Consent({
        get: (/** @type {string} */ key, /** @type {unknown} */ otherwise) => memory.get(key) ?? otherwise,
        update: (/** @type {string} */ key, /** @type {unknown} */ value) => {
          memory.set(key, value);
          return Promise.resolve();
        },
      });
      const press = async (/** @type {object[]} */ asked, /** @type {string} */ button) => {
        const answer = consent.ask(asked, () => Promise.resolve());
        const { message } = editor.shown.at(-1) ?? { message: '' };
        editor.shown.at(-1)?.press(button);
        await answer;
        return message;
      };
      return { editor, consent, press };
    };
    const request = { name: 'orders', host: 'db', port: 5432, profile: 'work', region: 'eu-west-1', localPort: 15_432 };

    it('is asked about once, with all that it does', async () => {
      const { editor, consent, press } = await ask();
      assert.match(await press([request], 'Allow'), /orders: 127\.0\.0\.1:15432 → db:5432 \(profile work, eu-west-1\)/);
      const portless = { host: 'db', port: 5432, region: 'eu-west-1', document: 'Acme-Ports', target: 'i-0a', reason: 'TICKET-1' };
      assert.match(
        await press([portless], 'Allow'),
        /127\.0\.0\.1:any port → db:5432 \(credentials from the environment, eu-west-1, via i-0a, session document Acme-Ports, reason "TICKET-1"\)/,
      );
      assert.ok(consent.isAllowed(portless));
      assert.equal(consent.isAllowed({ ...portless, document: 'Other' }), false);
      await consent.ask([request, portless], () => Promise.resolve());
      assert.equal(editor.shown.length, 2);
    });

    it('is asked about again when two that were allowed swap their ports', async () => {
      const { editor, consent, press } = await ask();
      const other = { ...request, host: 'staging', localPort: 15_433 };
      await press([request, other], 'Allow');
      const swapped = [
        { ...request, localPort: 15_433 },
        { ...other, localPort: 15_432 },
      ];
      assert.ok(!swapped.some(each => consent.isAllowed(each)));
      await press(swapped, 'Not now');
      assert.equal(editor.shown.length, 2);
    });

    it('is shown in a list with all others, none of them left out', async () => {
      const { editor, consent, press } = await ask();
      const many = Array.from({ length: 12 }, (_, i) => ({ ...request, name: `db${i}`, localPort: 15_000 + i }));
      /** @type {any[]} */
      let listed = [];
      Object.assign(editor.vscode.window, {
        showQuickPick: (/** @type {any[]} */ items) => Promise.resolve((listed = items)).then(all => all.slice(1)),
      });
      assert.match(await press(many, 'Review'), /open 12 tunnels/);
      assert.equal(listed.length, 12);
      assert.ok(listed.every(item => item.picked && item.label.includes('db:5432') && item.detail.includes('profile work, eu-west-1')));
      assert.deepEqual(
        many.map(each => consent.isAllowed(each)),
        [false, ...Array(11).fill(true)],
      );
    });

    it('makes no link, and hides nothing, by what stands in its names', async () => {
      const { press } = await ask();
      const message = await press([{ ...request, name: '[Allow](command:x)\n\u202Eevil\u200B' }], 'Not now');
      assert.doesNotMatch(message, /\]\(|\n|\u202E|\u200B/u);
      assert.match(message, /evil/);
    });
  });
});
