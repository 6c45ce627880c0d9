// A tunnel whose jump host is not known: a person is asked, the answer is remembered, and the tunnel goes on.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { fakeEditor } from './fake-editor.mjs';
import { load } from './load.mjs';

const request = { host: 'orders-db.corp.example', port: 5432, profile: 'dev', region: 'eu-central-1' };
const reasons = [
  { criterion: 'Online', verdict: 'For', message: 'agent online' },
  { criterion: 'Network', verdict: 'Unknown', message: 'database VPC unknown' },
];
const candidates = ['i-1', 'i-2'].map(target => ({
  target,
  name: `name of ${target}`,
  isUsable: true,
  isSuitable: false,
  isOnline: true,
  reasons,
  tags: [],
}));
const choice = { host: request.host, port: 5432, scope: { profile: 'dev', region: 'eu-central-1' } };

/**
 * @param {{ answer?: string, list?: object, fails?: Error, typed?: string, opens?: ('JumpHostChoiceNeeded' |
 * 'TargetNotConnected' | 'Open')[] }} [options] the label's part, or nothing for Escape; how each tunnel/open ends
 */
function setUp({ answer, list = { jumpHosts: candidates, failures: [] }, fails, typed, opens = ['Open'] } = {}) {
  const editor = fakeEditor();
  /** @type {{ label: string, description?: string, detail?: string }[][]} */
  const lists = [];
  editor.user.pick = ({ items }) => {
    lists.push(items);
    return items.find(({ label }) => answer !== undefined && label.includes(answer));
  };
  editor.user.type = () => typed;
  const vscode = {
    ...editor.vscode,
    ProgressLocation: {},
    extensions: { getExtension: () => undefined },
    window: {
      ...editor.vscode.window,
      withProgress: (/** @type {unknown} */ _, /** @type {(progress: unknown, cancellation: unknown) => unknown} */ run) =>
        run(undefined, undefined),
    },
  };
  /** @type {[string, any][]} */
  const asked = [];
  /** @type {unknown[]} */
  const offered = [];
  const services = {
    sidecar: {
      request: (/** @type {string} */ method, /** @type {any} */ params) => {
        asked.push([method, params]);
        if (method === 'jumpHost/list') return fails === undefined ? Promise.resolve(list) : Promise.reject(fails);
        if (method !== 'tunnel/open') return Promise.resolve(null);
        const end = params.openNow === true ? (opens.shift() ?? 'Open') : 'Open';
        return end === 'Open'
          ? Promise.resolve({ id: 'a', name: 'orders', localPort: 15_432, target: 'i-2', ...request })
          : Promise.reject(Object.assign(new Error(end), { data: { code: end } }));
      },
    },
    tunnels: { opened: () => undefined, requestOf: () => request },
    memory: { get: (/** @type {string} */ _, /** @type {unknown} */ otherwise) => otherwise, update: () => Promise.resolve() },
    globalMemory: { get: (/** @type {string} */ _, /** @type {unknown} */ otherwise) => otherwise, update: () => Promise.resolve() },
    workspaceTunnels: {
      offerTarget: (/** @type {unknown[]} */ ...what) => {
        offered.push(what);
        return Promise.resolve();
      },
    },
    log: { error: () => undefined, warn: () => undefined, show: () => undefined },
  };
  return {
    editor,
    vscode,
    services,
    lists,
    asked,
    offered,
    chosen: () => asked.filter(([method]) => method === 'jumpHost/choose').map(([, params]) => params),
  };
}

describe('A tunnel that waits for a jump host', () => {
  it('says so once, lists the candidates with what is known of each, and tells the sidecar which was chosen', async () => {
    const { editor, vscode, services, lists, chosen, offered } = setUp({ answer: 'name of i-2' });
    const { tellOfState } = await load('notifications', vscode);
    const tell = () => {
      tellOfState(services, { id: 'a', name: 'orders', state: 'NeedsJumpHost', ...request });
    };
    tell();
    tell();
    assert.deepEqual(
      editor.shown.map(({ message, buttons }) => [message, ...buttons]),
      [['orders: choose a jump host for orders-db.corp.example:5432. Connections are waiting.', 'Choose jump host']],
    );
    editor.shown[0]?.press('Choose jump host');
    for (let turns = 0; turns < 100 && offered.length === 0; turns++) await turn();

    const [list = []] = lists;
    assert.deepEqual(
      list.map(({ label }) => label),
      ['$(question) name of i-1', '$(question) name of i-2', '$(edit) Enter an instance ID…'],
    );
    assert.equal(list[0]?.detail, '✓ agent online   ? database VPC unknown');
    assert.deepEqual(chosen(), [{ ...choice, target: 'i-2' }]);
    assert.deepEqual(offered, [[request, 'i-2']], 'an entry of settings may name it, too');
    tell();
    assert.equal(editor.shown.length, 2, 'and it is asked again when that did not help');
  });

  it('chooses nothing when nobody answers', async () => {
    const { editor, vscode, services, asked } = setUp();
    const { tellOfState } = await load('notifications', vscode);
    tellOfState(services, { id: 'a', name: 'orders', state: 'NeedsJumpHost', ...request });
    editor.shown[0]?.press();
    await turn();
    assert.deepEqual(asked, []);
  });

  it('is answered by its command without being closed', async () => {
    const { vscode, services, asked } = setUp({ answer: 'name of i-1' });
    const { reopenThroughAnother } = await load('commands/openTunnel', vscode);
    await reopenThroughAnother(services, { id: 'a', name: 'orders', localPort: 15_432, state: 'NeedsJumpHost', ...request }, request);
    assert.deepEqual(
      asked.map(([method]) => method),
      ['jumpHost/list', 'jumpHost/choose'],
    );
  });

  it('takes an id that is typed, even where none can be listed', async () => {
    const { vscode, services, chosen } = setUp({ answer: 'Enter an instance ID', fails: new Error('Not allowed.'), typed: 'i-9' });
    const { answerJumpHost } = await load('commands/chooseJumpHost', vscode);
    assert.equal(await answerJumpHost(services, request), true);
    assert.deepEqual(chosen(), [{ ...choice, target: 'i-9' }]);
  });

  it('is asked for at once by the command that opens it, which goes on with the answer', async () => {
    const { editor, vscode, services, asked, chosen } = setUp({ answer: 'name of i-2', opens: ['JumpHostChoiceNeeded', 'Open'] });
    const { openAndShow } = await load('commands/openTunnel', vscode);
    const done = openAndShow(services, request);
    for (let turns = 0; turns < 100 && editor.shown.length === 0; turns++) await turn();
    assert.deepEqual(chosen(), [{ ...choice, target: 'i-2' }]);
    assert.deepEqual(
      asked.filter(([method]) => method === 'tunnel/open').map(([, params]) => params.target),
      [undefined, undefined],
    );
    assert.match(editor.shown[0]?.message ?? '', /15432/);
    editor.shown[0]?.press();
    await done;
  });
});

describe('A choice that was made', () => {
  const list = { jumpHosts: candidates, failures: [], recommended: 'i-1', chosen: 'i-1' };

  it('is marked, and can be taken back', async () => {
    const { vscode, services, lists, chosen } = setUp({ answer: 'Select automatically', list });
    const { answerJumpHost } = await load('commands/chooseJumpHost', vscode);
    await answerJumpHost(services, request);
    assert.equal(lists[0]?.[0]?.description, 'i-1 · chosen');
    assert.deepEqual(chosen(), [choice]);
  });

  for (const [how, opens, expected] of /** @type {const} */ ([
    ['works', ['Open'], [{ ...choice, target: 'i-2' }]],
    ['does not work', ['TargetNotConnected'], []],
  ])) {
    it(`is ${expected.length === 0 ? 'kept' : 'changed'} when another jump host ${how}`, async () => {
      const { editor, vscode, services, asked, chosen } = setUp({ answer: 'name of i-2', list, opens: [...opens] });
      const { reopenThroughAnother } = await load('commands/openTunnel', vscode);
      const done = reopenThroughAnother(
        services,
        { id: 'a', name: 'orders', localPort: 15_432, state: 'Open', target: 'i-1', ...request },
        request,
      );
      for (let turns = 0; turns < 100 && editor.shown.length === 0; turns++) await turn();
      assert.deepEqual(
        asked.slice(0, 3).map(([method, { target }]) => [method, target]),
        [
          ['jumpHost/list', undefined],
          ['tunnel/close', undefined],
          ['tunnel/open', 'i-2'],
        ],
      );
      assert.deepEqual(chosen(), expected);
      editor.shown[0]?.press();
      await done;
    });
  }
});

describe('A jump host that is stopped', () => {
  const list = { jumpHosts: [{ ...candidates[0], isUsable: false, isOnline: false, canStart: true }], failures: [], startable: 'i-1' };

  it('is started by the tunnel only with consent', async () => {
    const { editor, vscode, services, asked } = setUp({ answer: 'name of i-1', list });
    const { reopenThroughAnother } = await load('commands/openTunnel', vscode);
    const done = reopenThroughAnother(
      services,
      { id: 'a', name: 'orders', localPort: 15_432, state: 'Open', target: 'i-9', ...request },
      request,
    );
    for (let turns = 0; turns < 100 && editor.shown.length === 0; turns++) await turn();
    assert.match(editor.shown[0]?.message ?? '', /^The jump host i-1 is stopped\. Start it when a connection needs it\? This costs money/);
    editor.shown[0]?.press('Start when needed');
    for (let turns = 0; turns < 100 && editor.shown.length === 1; turns++) await turn();
    const open = asked.find(([method]) => method === 'tunnel/open')?.[1];
    assert.deepEqual([open.target, open.startJumpHost], ['i-1', true]);
    assert.deepEqual(editor.shown[0]?.buttons, ['Start when needed']);
    editor.shown[1]?.press();
    await done;
  });

  it('is taken without a question where the tunnel starts it anyway', async () => {
    const { editor, vscode, services, chosen } = setUp({ answer: 'name of i-1', list });
    const { answerJumpHost } = await load('commands/chooseJumpHost', vscode);
    await answerJumpHost(services, { ...request, startJumpHost: true });
    assert.deepEqual(chosen(), [{ ...choice, target: 'i-1' }]);
    assert.equal(editor.shown.length, 0);
  });
});

describe('A jump host that does not lead to the database', () => {
  it('is told with another choice as the first way out', async () => {
    const { editor, vscode, services } = setUp();
    const { tellOfState } = await load('notifications', vscode);
    tellOfState(services, {
      id: 'u',
      name: 'orders',
      state: 'Faulted',
      fault: { code: 'TargetUnreachable', message: 'It could not connect.' },
      ...request,
    });
    assert.deepEqual(
      editor.shown.map(({ message, buttons }) => [message, ...buttons]),
      [['orders: It could not connect.', 'Choose another jump host', 'Check', 'Show log']],
    );
  });
});

describe('An entry that could name the jump host', () => {
  it("gets it in the settings, and in the team's file with its comments", async () => {
    const { withTarget, teamFileWithTarget } = await load('workspace/targetOffer', fakeEditor().vscode);
    assert.deepEqual(
      withTarget(
        [
          { host: 'other', port: 1 },
          { name: 'orders', ...request, localPort: 15_432 },
        ],
        request,
        'i-2',
      ),
      [
        { host: 'other', port: 1 },
        { name: 'orders', ...request, localPort: 15_432, target: 'i-2' },
      ],
    );
    assert.equal(withTarget([{ ...request, target: 'i-1' }], request, 'i-2'), undefined, 'not one that names another');
    const file = `// ours\n{ "tunnels": [\n  { "host": "orders-db.corp.example", "port": 5432, "profile": "dev", "region": "eu-central-1" }, // the orders\n] }\n`;
    const written = teamFileWithTarget(file, request, 'i-2');
    assert.match(written, /"target": "i-2"/);
    assert.match(written, /\/\/ ours[^]*\/\/ the orders/);
    assert.equal(teamFileWithTarget(file, { ...request, port: 1 }, 'i-2'), undefined);
    assert.equal(teamFileWithTarget('nonsense', request, 'i-2'), undefined);
  });
});
