// AI agents in the editor: who is asked what before a tool runs, and what is offered under each setting.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { beforeEach, describe, it } from 'node:test';
import { root } from '../../scripts/lib/paths.mjs';
import { fakeEditor } from './fake-editor.mjs';
import { load } from './load.mjs';

const manifest = JSON.parse(await readFile(`${root}package.json`, 'utf8'));
const orders = { host: 'orders.example.com', port: 5432, reason: 'find the slow query' };
const question = 'Code 1.101.0 wants to open a tunnel.\n\nDatabase: orders.example.com:5432';

/** @type {ReturnType<typeof fakeEditor>} */
let editor;
/** @type {Record<string, any>} */
let tools;
/** @type {any} */
let server;
/** What the sidecar was asked, and what it answers. @type {{ calls: any[], answer: (params: any) => any }} */
let sidecar;
/** @type {{ isCancellationRequested: boolean, onCancellationRequested: (run: () => void) => { dispose: () => void } }} */
let token;
let cancel = () => undefined;

class MarkdownString {
  value = '';
  appendText(/** @type {string} */ text) {
    this.value += text;
    return this;
  }
}

/** @param {{ lm?: object }} [options] `lm`: what the editor has for language models */
async function start({ lm } = {}) {
  editor = fakeEditor();
  tools = {};
  server = undefined;
  const all = {
    registerTool: (/** @type {string} */ name, /** @type {any} */ tool) => {
      tools[name] = tool;
      return { dispose: () => undefined };
    },
    registerMcpServerDefinitionProvider: (/** @type {string} */ id, /** @type {any} */ provider) => {
      assert.equal(id, 'rdsTunnel.mcp');
      server = provider;
      return { dispose: () => undefined };
    },
  };
  Object.assign(editor.vscode, {
    lm: lm ?? all,
    version: '1.101.0',
    MarkdownString,
    CancellationError: class extends Error {},
    LanguageModelTextPart: /** @this {any} @param {string} value */ function (value) {
      this.value = value;
    },
    LanguageModelToolResult: /** @this {any} @param {unknown[]} content */ function (content) {
      this.content = content;
    },
    McpStdioServerDefinition: /** @this {any} @param {unknown[]} given */ function (...given) {
      this.given = given;
    },
  });
  Object.assign(editor.vscode.env, { appName: 'Code' });
  sidecar = { calls: [], answer: () => ({ answer: '{}' }) };
  let listener = () => undefined;
  token = {
    isCancellationRequested: false,
    onCancellationRequested: run => {
      listener = () => {
        run();
        return undefined;
      };
      return { dispose: () => undefined };
    },
  };
  cancel = () => {
    listener();
    return undefined;
  };
  const { registerAgents } = await load('agents/register', editor.vscode);
  return registerAgents(
    manifest,
    {
      request: (/** @type {string} */ method, /** @type {any} */ params, /** @type {unknown} */ given) => {
        assert.deepEqual([method, given], ['agent/call', token]);
        sidecar.calls.push(params);
        return Promise.resolve(sidecar.answer(params));
      },
    },
    { program: () => ({ command: '/rds-tunnel', args: ['x'] }), version: '0.1.0', environment: () => ({ HTTPS_PROXY: 'http://proxy' }) },
  );
}

const prepare = (name = 'open_tunnel', input = /** @type {object} */ (orders)) =>
  tools[`rds_tunnel_${name}`].prepareInvocation({ input }, token);
const invoke = async (name = 'open_tunnel', input = /** @type {object} */ (orders)) =>
  (await tools[`rds_tunnel_${name}`].invoke({ input }, token)).content[0].value;
/** Asks, and does what was agreed to. @param {{ needsDialog?: boolean }} [options] */
const asking = ({ needsDialog = false } = {}) => {
  sidecar.answer = params =>
    params.question !== question || (needsDialog && params.consent === 'Confirmed')
      ? { question, needsDialog }
      : params.consent === 'Declined'
        ? { error: 'The person declined. (Declined)' }
        : { answer: '{"id":"tunnel-1"}' };
};
const consents = () => sidecar.calls.map(({ consent }) => consent);
const shown = async () => {
  await new Promise(resolve => {
    setImmediate(resolve);
  });
  return /** @type {any} */ (editor.shown.at(-1));
};

describe("An agent's tool", () => {
  beforeEach(async () => {
    await start();
  });

  it('hands on what the agent gave, and returns what the sidecar answers', async () => {
    sidecar.answer = () => ({ answer: '{"tunnels":[]}' });
    assert.equal(await prepare('tunnel_status', {}), undefined);
    assert.equal(await invoke('tunnel_status', {}), '{"tunnels":[]}');
    assert.deepEqual(sidecar.calls, [{ tool: 'tunnel_status', client: 'Code 1.101.0', arguments: '{}' }]);
  });

  it('lets the editor ask, and counts the confirmation for what it showed', async () => {
    asking();
    const { confirmationMessages, invocationMessage } = await prepare();
    assert.equal(confirmationMessages.message.value, question);
    assert.match(invocationMessage.value, /orders\.example\.com/);
    assert.equal(await invoke(), '{"id":"tunnel-1"}');
    assert.deepEqual(consents(), [undefined, 'Confirmed']);
    assert.equal(editor.shown.length, 0, 'nobody is asked twice');
  });

  it('asks in a dialog of its own when a confirmation is not enough, or was never shown', async () => {
    for (const needsDialog of [true, false]) {
      await start();
      asking({ needsDialog });
      if (needsDialog) assert.equal(await prepare(), undefined);
      const running = invoke();
      const { message, buttons, press } = await shown();
      assert.match(message, /Allow an AI agent/);
      assert.deepEqual(buttons, [{ modal: true, detail: question }, 'Allow']);
      press('Allow');
      assert.equal(await running, '{"id":"tunnel-1"}');
      assert.equal(consents().at(-1), 'Agreed');
    }
  });

  it('asks anew when the question is another one than the editor showed', async () => {
    asking();
    sidecar.answer = () => ({ question: 'As an administrator?', needsDialog: false });
    await prepare();
    asking();
    const running = invoke();
    (await shown()).press('Allow');
    assert.equal(await running, '{"id":"tunnel-1"}');
    assert.deepEqual(consents(), [undefined, 'Confirmed', 'Agreed']);
  });

  it('takes a confirmation for one run only', async () => {
    asking();
    await prepare();
    await invoke();
    const again = invoke();
    (await shown()).press(undefined);
    await assert.rejects(again, /Declined/);
    assert.equal(consents().at(-1), 'Declined');
  });

  it('does nothing when the question changes while the person answers', async () => {
    let asked = 0;
    sidecar.answer = () => ({ question: `Question ${++asked}`, needsDialog: true });
    const running = invoke();
    (await shown()).press('Allow');
    await assert.rejects(running, /changed while you were asked/);
  });

  it('stops asking when the request is cancelled', async () => {
    asking({ needsDialog: true });
    const running = invoke();
    await shown();
    cancel();
    await assert.rejects(running, editor.vscode.CancellationError);
    assert.deepEqual(consents(), [undefined]);
  });

  it('says what the sidecar says', async () => {
    sidecar.answer = () => ({ error: 'Sign in first. (SignInNeeded)' });
    assert.equal(await prepare(), undefined, 'an error is told once');
    await assert.rejects(invoke(), /^Error: Sign in first\. \(SignInNeeded\)$/);
  });

  it('refuses, and asks the sidecar nothing, when the setting or the workspace says so', async () => {
    for (const [change, words] of /** @type {[() => void, RegExp][]} */ ([
      [() => (editor.settings['agents'] = 'off'), /turned off.*rdsTunnel\.agents/],
      [() => (editor.settings['agents'] = 'mcp'), /MCP server/],
      [() => (editor.settings['agents'] = true), /turned off/],
      [() => (editor.vscode.workspace.isTrusted = false), /untrusted workspace/],
    ])) {
      await start();
      change();
      for (const name of Object.keys(tools)) {
        assert.equal(await prepare(name.slice('rds_tunnel_'.length)), undefined);
        await assert.rejects(invoke(name.slice('rds_tunnel_'.length)), words);
      }
      assert.deepEqual(sidecar.calls, []);
    }
  });
});

describe('What is offered to agents', () => {
  it('is one of both: tools, or the MCP server', async () => {
    for (const [value, isOffered] of /** @type {const} */ ([
      [undefined, false],
      ['tools', false],
      ['mcp', true],
      ['off', false],
    ])) {
      await start();
      if (value !== undefined) editor.settings['agents'] = value;
      assert.equal(Object.keys(tools).length, manifest.contributes.languageModelTools.length);
      assert.equal(server.provideMcpServerDefinitions().length > 0, isOffered, value);
      assert.equal(server.resolveMcpServerDefinition({}) !== undefined, isOffered, value);
    }
    editor.settings['agents'] = 'mcp';
    editor.vscode.workspace.isTrusted = false;
    assert.deepEqual(server.provideMcpServerDefinitions(), []);
  });

  it('is the program that is shipped, without what would change .NET in it', async () => {
    await start();
    editor.settings['agents'] = 'mcp';
    process.env['DOTNET_STARTUP_HOOKS'] = '/evil.dll';
    try {
      const [{ given }] = server.provideMcpServerDefinitions();
      const [label, command, args, env, version] = given;
      assert.deepEqual([label, command, args, version], ['RDS Tunnel', '/rds-tunnel', ['x', 'mcp'], '0.1.0']);
      assert.deepEqual([env.DOTNET_STARTUP_HOOKS, env.HTTPS_PROXY], [null, 'http://proxy']);
    } finally {
      delete process.env['DOTNET_STARTUP_HOOKS'];
    }
  });

  it('follows the setting', async () => {
    await start();
    let changes = 0;
    server.onDidChangeMcpServerDefinitions(() => {
      changes++;
    });
    editor.settingChanged('rdsTunnel.agents');
    editor.settingChanged('rdsTunnel.reason');
    assert.equal(changes, 1);
  });

  it('is the server where an editor has no tools, and nothing where it has neither', async () => {
    await start({ lm: { registerMcpServerDefinitionProvider: (/** @type {string} */ _, /** @type {any} */ given) => (server = given) } });
    assert.equal(server.provideMcpServerDefinitions().length, 1);
    assert.deepEqual(await start({ lm: {} }), []);
  });
});
