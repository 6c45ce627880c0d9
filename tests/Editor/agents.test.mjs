// An AI agent in the editor: another extension calls the editor's tools, and a person answers what is asked.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { databaseHost, freePort, temporaryFolder } from '../EndToEnd/peers.mjs';
import { eventually, isListening } from '../EndToEnd/ports.mjs';
import { postgresMissing } from '../EndToEnd/postgres.mjs';
import { startEditor } from './editor.mjs';
import { readerHost, startSetting } from './setting.mjs';

const scope = { profile: 'work', region: 'eu-central-1' };
const orders = { host: databaseHost, port: 5432, ...scope, reason: 'find the slow query', database: 'postgres' };
const key = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const tools = ['list_databases', 'check_tunnel', 'open_tunnel', 'tunnel_status', 'connection_details', 'close_tunnel'];

describe('In the editor, an AI agent', { skip: postgresMissing }, () => {
  /** @type {import('./setting.mjs').Setting} */
  let setting;
  /** @type {Awaited<ReturnType<typeof startEditor>>} */
  let editor;
  /** Asks the stand-in. @type {(asked: object, signal?: AbortSignal) => Promise<any>} */
  let ask;
  let state = '';
  /** All that the agent was answered. @type {string[]} */
  const told = [];

  before(async () => {
    setting = await startSetting({
      profiles: `[profile work]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = ${key}\nregion = eu-central-1\n`,
    });
    await setting.trustDatabase();
    state = await temporaryFolder('state');
    const port = await freePort();
    editor = await startEditor({
      env: { ...setting.env, XDG_STATE_HOME: state, AGENT_PORT: String(port) },
      others: [{ name: 'agent', activationEvents: ['*'], main: await readFile(new URL('agent.js', import.meta.url), 'utf8') }],
      settings: { 'chat.disableAIFeatures': false },
    });
    ask = async (asked, signal) =>
      (await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: JSON.stringify(asked), ...(signal && { signal }) })).json();
    assert.ok(await eventually(() => isListening(port)), 'the stand-in is there');
    assert.ok(await eventually(async () => (await ask({})).tools.includes('rds_tunnel_open_tunnel')), 'the editor lists the tools');
  });

  after(async () => {
    await editor.stop();
    await setting.stop();
  });

  /** @param {string} tool @param {object} [input] @returns {Promise<{ answer?: any, error?: string }>} */
  const call = async (tool, input = {}) => {
    const { answer, error } = await ask({ tool: `rds_tunnel_${tool}`, input });
    told.push(answer ?? error);
    return answer === undefined ? { error } : { answer: JSON.parse(answer) };
  };
  const dialog = () => editor.page.locator('.monaco-dialog-box');
  /** The question that is shown, which is answered. @param {RegExp} button */
  const press = async button => {
    const text = await dialog().innerText();
    await dialog().getByRole('button', { name: button }).click();
    await dialog().waitFor({ state: 'hidden' });
    return text;
  };
  const log = async () =>
    (await readFile(`${state}/rds-tunnel/agents.jsonl`, 'utf8'))
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
  const sessions = async () => {
    const all = /** @type {{ state: string, reason?: string }[]} */ (await setting.emulator.sessions());
    return all.filter(each => each.state !== 'ended');
  };

  it('finds and checks databases without asking: that changes nothing', async () => {
    const { answer } = await call('list_databases', { ...scope, filter: 'orders' });
    assert.deepEqual(
      answer.databases.map((/** @type {any} */ { host, access }) => [host, access]),
      [
        [readerHost, 'readOnly'],
        [databaseHost, 'readWrite'],
      ],
    );
    const check = await call('check_tunnel', { host: databaseHost, port: 5432, ...scope });
    assert.equal(check.answer.passed, true, JSON.stringify(check.answer.steps));
    assert.equal(await dialog().isVisible(), false);
  });

  it('opens a tunnel once the person agrees, who sees database, identity and reason', async () => {
    const opening = call('open_tunnel', orders);
    await dialog().waitFor();
    await editor.picture('agent-question');
    assert.deepEqual(await sessions(), [], 'nothing is open before that');
    const question = await press(/^Yes$/);
    for (const part of [
      /Allow an AI agent to connect to a database\?/,
      /Database: orders\.cluster-abc123.*\(orders, aurora-postgresql, Writer\)/,
      /AWS identity: arn:aws:\S+, account \d{12}/,
      /Profile: work/,
      /orders\.cluster-ro-abc123\S+ only reads/,
      /Reason given by the agent: "find the slow query"/,
    ])
      assert.match(question, part);
    const { answer, error } = await opening;
    assert.equal(error, undefined);
    assert.ok(await isListening(answer.port));
    assert.equal(answer.environment.PGPORT, String(answer.port));
    assert.deepEqual(
      (await sessions()).map(({ reason }) => reason),
      ['agent: find the slow query'],
    );

    const again = await call('open_tunnel', orders);
    assert.deepEqual([again.answer.id, again.answer.alreadyOpen, await dialog().isVisible()], [answer.id, true, false]);
    const status = await call('tunnel_status');
    assert.deepEqual(
      status.answer.tunnels.map((/** @type {any} */ each) => [each.id, each.state, each.reason]),
      [[answer.id, 'Open', 'find the slow query']],
    );
    assert.equal((await call('connection_details', { id: answer.id })).answer.port, answer.port);
    assert.deepEqual(await call('close_tunnel', { id: answer.id }), { answer: { closed: answer.id } });
    assert.equal(await isListening(answer.port), false);
    assert.ok(await eventually(async () => (await sessions()).length === 0), 'its session is ended');
  });

  it('has its tunnel beside those of the person, who can close it', async () => {
    const opening = call('open_tunnel', orders);
    await dialog().waitFor();
    await press(/^Yes$/);
    const { answer } = await opening;
    await editor.page.locator('.activitybar a.action-label[aria-label^="RDS Tunnel"]').click();
    const row = editor.page.locator('.monaco-list-row[aria-label*="opened by an AI agent"]');
    await row.waitFor();
    await editor.picture('agent-tunnel');
    await editor.command('RDS Tunnel: Close all tunnels');
    assert.ok(await eventually(async () => !(await isListening(answer.port))), 'its port is released');
    assert.deepEqual(await call('tunnel_status'), { answer: { tunnels: [] } });
    assert.ok(await eventually(async () => (await log()).at(-1).action === 'Closed'), 'that is written down, too');
    assert.deepEqual(
      (await log()).map(({ action, consent }) => [action, consent]),
      [1, 2].flatMap(() => [
        ['Opening', 'editor'],
        ['Opened', 'editor'],
        ['Closed', undefined],
      ]),
    );
    for (const { client, identity } of await log()) assert.match(`${client} ${identity}`, /^code-server .* arn:aws:/);
  });

  it('opens nothing when the person declines', async () => {
    const opening = call('open_tunnel', orders);
    await dialog().waitFor();
    await press(/^(Cancel|No)$/);
    assert.notEqual((await opening).error, undefined);
    assert.deepEqual(await sessions(), []);
  });

  it("needs an answer in a dialog that the editor can't confirm where somebody's rights are used", async () => {
    const opening = call('open_tunnel', { ...orders, login: 'iam', user: 'app' });
    await dialog().waitFor();
    await dialog().getByRole('button', { name: 'Allow', exact: true }).waitFor();
    assert.match(await press(/^Cancel$/), /Sign-in: as app, with IAM/);
    assert.match((await opening).error ?? '', /\(Declined\)$/);
    const { action, error } = (await log()).at(-1);
    assert.deepEqual([action, error, await sessions()], ['Refused', 'Declined', []]);
  });

  it('gives up when the agent cancels, also while its tunnel opens', async () => {
    const stop = new AbortController();
    await setting.emulator.control('faults', { killAgent: true });
    const opening = ask({ tool: 'rds_tunnel_open_tunnel', input: orders }, stop.signal);
    await dialog().waitFor();
    await press(/^Yes$/);
    assert.ok(await eventually(async () => (await log()).at(-1).action === 'Opening'), 'it opens');
    stop.abort();
    await assert.rejects(opening, /abort/i);
    assert.ok(await eventually(async () => (await log()).at(-1).error === 'Cancelled'), 'it gives up');
    assert.ok(await eventually(async () => (await sessions()).length === 0), 'nothing stays open');
    await setting.emulator.control('faults', {});
    assert.deepEqual(await call('tunnel_status'), { answer: { tunnels: [] } });
  });

  it('is refused when the setting says so, though the editor still lists the tools', async () => {
    await ask({ setting: ['rdsTunnel.agents', 'off'] });
    const listed = (await ask({})).tools;
    for (const tool of tools) {
      assert.ok(listed.includes(`rds_tunnel_${tool}`), tool);
      // Arguments that would do, so that the editor hands them on.
      assert.match((await call(tool, tool === 'open_tunnel' ? orders : {})).error ?? '', /turned off.*rdsTunnel\.agents/);
    }
    assert.equal(await dialog().isVisible(), false);
    await ask({ setting: ['rdsTunnel.agents', 'tools'] });
    assert.deepEqual(await call('tunnel_status'), { answer: { tunnels: [] } });
  });

  it('was told no secret in all of this', async () => {
    const secrets = (await setting.emulator.secrets()).concat(key);
    assert.ok(told.length > 15);
    for (const secret of secrets) assert.ok(!told.join('\n').includes(secret));
  });
});
