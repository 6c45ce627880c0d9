// The status bar: what is wanted of the user, and what is open.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeEditor } from './fake-editor.mjs';
import { load } from './load.mjs';
import { tunnel } from './tunnel.mjs';

async function setUp() {
  const { vscode } = fakeEditor();
  const item = /** @type {any} */ ({
    isShown: false,
    show: () => {
      item.isShown = true;
    },
    hide: () => {
      item.isShown = false;
    },
    dispose: () => undefined,
  });
  Object.assign(vscode.window, { createStatusBarItem: () => item });
  Object.assign(vscode, {
    StatusBarAlignment: { Left: 1 },
    ThemeColor: /** @this {any} @param {string} id */ function (id) {
      this.id = id;
    },
    MarkdownString: class {
      value = '';
      /** @param {string} text */
      appendMarkdown(text) {
        this.value += text;
        return this;
      }
      /** @param {string} text */
      appendText(text) {
        this.value += text;
        return this;
      }
    },
  });
  const { createStatusBar } = await load('views/statusBar', vscode);
  const { TunnelStore } = await load('state/tunnels');
  const tunnels = new TunnelStore();
  createStatusBar(tunnels);
  return {
    item,
    tell: (/** @type {object} */ changes = {}) => {
      tunnels.stateChanged({ ...tunnel, ...changes });
    },
  };
}

describe('The status bar', () => {
  it('is empty without a tunnel', async () => {
    const { item, tell } = await setUp();
    assert.equal(item.isShown, false);
    tell();
    assert.equal(item.isShown, true);
    tell({ state: 'Closed' });
    assert.equal(item.isShown, false);
  });

  it('counts the tunnels, reads them aloud, and shows them', async () => {
    const { item, tell } = await setUp();
    tell();
    tell({ id: 'b', localPort: 15_433, state: 'Listening' });
    assert.deepEqual([item.text, item.command, item.backgroundColor], ['$(pass-filled) RDS 2', 'rdsTunnel.showTunnels', undefined]);
    assert.equal(item.accessibilityInformation.label, '2 tunnels, open');
    assert.match(item.tooltip.value, /127\.0\.0\.1:15432 → db\.example:5432, open/);
  });

  it('warns while one waits for a sign-in, and signs in for that one', async () => {
    const { item, tell } = await setUp();
    tell();
    tell({ id: 'b', localPort: 15_433, state: 'NeedsSignIn', profile: 'production' });
    assert.equal(item.text, '$(key) RDS 2');
    assert.equal(item.backgroundColor.id, 'statusBarItem.warningBackground');
    assert.equal(item.command.command, 'rdsTunnel.signIn');
    assert.deepEqual(
      item.command.arguments.map((/** @type {any} */ each) => [each.id, each.profile]),
      [['b', 'production']],
    );
    tell({ id: 'b', localPort: 15_433, state: 'Open', profile: 'production' });
    assert.deepEqual([item.command, item.backgroundColor], ['rdsTunnel.showTunnels', undefined]);
  });

  it('offers no sign-in that the extension can not do', async () => {
    const { item, tell } = await setUp();
    tell({ state: 'NeedsSignIn', profile: undefined });
    assert.deepEqual([item.text, item.command, item.backgroundColor], ['$(key) RDS 1', 'rdsTunnel.showTunnels', undefined]);
  });
});
