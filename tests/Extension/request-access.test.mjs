// A tunnel whose session is denied: its user asks for access with a reason, waits, and is told how it ended.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { fakeEditor, fakeMemory } from './fake-editor.mjs';
import { load } from './load.mjs';

const request = { name: 'orders', host: 'db.example', port: 5432, target: 'i-1', profile: 'dev' };
const tunnel = { id: 'a', localPort: 15_432, state: 'Open', ...request };
const denied = Object.assign(new Error('Access denied: …'), { data: { code: 'AccessDenied' } });

/** @param {{ opens?: (object | Error)[], all?: object[], reason?: string }} [options] how each tunnel/open ends; what is open; what is typed */
function setUp({ opens = [tunnel], all = [], reason = 'look into orders' } = {}) {
  const editor = fakeEditor();
  editor.user.type = () => reason;
  /** @type {any[][]} */
  const ran = [];
  const vscode = {
    ...editor.vscode,
    ProgressLocation: {},
    extensions: { getExtension: () => undefined },
    commands: {
      executeCommand: (/** @type {any[]} */ ...what) => {
        ran.push(what);
        return Promise.resolve();
      },
    },
    window: {
      ...editor.vscode.window,
      withProgress: (/** @type {unknown} */ _, /** @type {(progress: unknown, cancellation: unknown) => unknown} */ run) =>
        run(undefined, undefined),
    },
  };
  /** @type {[string, any][]} */
  const asked = [];
  const memory = fakeMemory();
  const services = {
    sidecar: {
      request: (/** @type {string} */ method, /** @type {any} */ params) => {
        asked.push([method, params]);
        if (method !== 'tunnel/open') return Promise.resolve(null);
        const end = opens.shift();
        return end instanceof Error ? Promise.reject(end) : Promise.resolve(end);
      },
    },
    tunnels: { all, opened: () => undefined, requestOf: () => request },
    memory,
    globalMemory: fakeMemory(),
    workspaceTunnels: { offerTarget: () => Promise.resolve() },
    log: { error: () => undefined, warn: () => undefined, show: () => undefined },
  };
  return { editor, vscode, services, asked, ran, memory };
}

const until = async (/** @type {() => boolean} */ condition) => {
  for (let turns = 0; turns < 100 && !condition(); turns++) await turn();
  assert.ok(condition());
};

describe('A tunnel without access to its jump host', () => {
  it('offers to request access where it says that it was denied, unless it has requested it', async () => {
    for (const [about, offers] of /** @type {const} */ ([
      [request, true],
      [{ ...request, requestAccess: 'why' }, false],
    ])) {
      const { editor, vscode, services, ran } = setUp({ opens: [denied] });
      const { openAndShow } = await load('commands/openTunnel', vscode);
      const opening = openAndShow(services, about);
      await until(() => editor.shown.length === 1);
      const [told] = editor.shown;
      assert.ok(told);
      assert.equal(told.buttons.includes('Request access…'), offers);
      told.press(offers ? 'Request access…' : undefined);
      await opening;
      assert.deepEqual(ran, offers ? [['rdsTunnel.requestAccess', about]] : []);
    }
  });

  it('asks why, opens with the reason, tells what it waits for, and forgets the reason', async () => {
    const waiting = { ...tunnel, state: 'NeedsApproval', accessRequestId: 'oi-000000000001' };
    const { editor, vscode, services, asked, memory } = setUp({ opens: [waiting] });
    const { requestAccess } = await load('commands/requestAccess', vscode);
    await requestAccess(services, request);
    const [[method, params] = []] = asked;
    assert.deepEqual([method, params.requestAccess, params.openNow], ['tunnel/open', 'look into orders', true]);
    assert.deepEqual(
      editor.shown.map(({ message, buttons }) => [message, ...buttons]),
      [
        [
          'orders: access request oi-000000000001 waits for approval. The tunnel continues automatically after the approval.',
          'Copy request ID',
        ],
      ],
    );
    assert.equal(memory.get('recentTunnels')[0].requestAccess, undefined, 'consent is for this time');
  });

  it('is opened again on its port if it is open', async () => {
    const { vscode, services, asked } = setUp({ all: [tunnel] });
    const { requestAccess } = await load('commands/requestAccess', vscode);
    void requestAccess(services, request);
    await until(() => asked.length === 2);
    const [close, open] = asked;
    assert.deepEqual(close, ['tunnel/close', { id: 'a' }]);
    assert.deepEqual([open?.[0], open?.[1].localPort, open?.[1].requestAccess], ['tunnel/open', 15_432, 'look into orders']);
  });

  it('requests nothing without a reason', async () => {
    const { editor, vscode, services, asked } = setUp();
    editor.user.type = () => undefined;
    const { requestAccess } = await load('commands/requestAccess', vscode);
    await requestAccess(services, tunnel);
    assert.deepEqual(asked, []);
  });

  it('says once that a connection waits for an approval, and when it is approved', async () => {
    const { editor, vscode, services } = setUp();
    const { tellOfState } = await load('notifications', vscode);
    const waiting = { ...tunnel, state: 'NeedsApproval', accessRequestId: 'oi-000000000002' };
    tellOfState(services, waiting);
    tellOfState(services, waiting);
    tellOfState(services, { ...waiting, state: 'Opening' });
    tellOfState(services, { ...waiting, state: 'Open' });
    tellOfState(services, { ...waiting, state: 'Open' });
    assert.deepEqual(
      editor.shown.map(({ message }) => message),
      [
        'orders: access request oi-000000000002 waits for approval. The tunnel continues automatically after the approval.',
        'orders: access was approved (request oi-000000000002). Connect now.',
      ],
    );
  });

  it('offers another request when one has ended', async () => {
    const { editor, vscode, services, ran } = setUp();
    const { tellOfState } = await load('notifications', vscode);
    const fault = { code: 'AccessEnded', message: 'The request oi-000000000003 for access to i-1 was rejected.' };
    tellOfState(services, { ...tunnel, state: 'NeedsApproval', accessRequestId: 'oi-000000000003' });
    tellOfState(services, { ...tunnel, state: 'Faulted', accessRequestId: 'oi-000000000003', fault });
    assert.deepEqual(
      editor.shown.slice(1).map(({ message, buttons }) => [message, ...buttons]),
      [[`orders: ${fault.message}`, 'Request again…', 'Check', 'Show log']],
    );
    editor.shown[1]?.press('Request again…');
    await until(() => ran.length === 1);
    assert.deepEqual(ran, [['rdsTunnel.requestAccess', request]]);
  });

  it('is asked about with its reason before a workspace may open it', async () => {
    const { editor, vscode } = setUp();
    const { Consent } = await load('workspace/consent', vscode);
    void new Consent(fakeMemory()).ask([{ ...request, requestAccess: 'work on ${name}' }], () => Promise.resolve());
    await until(() => editor.shown.length === 1);
    assert.match(editor.shown[0]?.message ?? '', /requests access to its jump host if needed, with the reason "work on \$\{name\}"/);
  });
});
