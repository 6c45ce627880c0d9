// Rows of the views: what fits, what is read aloud, what a filter finds.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeEditor } from './fake-editor.mjs';
import { load } from './load.mjs';
import { statistics, tunnel } from './tunnel.mjs';

const editor = fakeEditor();
const vscode = {
  ...editor.vscode,
  TreeItem: /** @this {any} @param {string} label */ function (label) {
    this.label = label;
  },
  ThemeIcon: Object,
  ThemeColor: Object,
  TreeItemCollapsibleState: { Collapsed: 1 },
  MarkdownString: class {
    value = '';
    /** @param {string} text */
    appendText(text) {
      this.value += text;
      return this;
    }
  },
};
const { TunnelTree } = await load('views/tunnelTree', vscode);
const { DatabaseTree } = await load('views/databaseTree', vscode);
const { matches } = await load('state/summary');
const { counted } = await load('ui/plural', vscode);

/** @param {object} [changes] */
const rowOf = changes =>
  new TunnelTree(
    { onChanged: () => () => undefined, all: [] },
    { onDidChange: () => ({ dispose: () => undefined }), dormant: [] },
    { onDidChange: () => ({ dispose: () => undefined }), meantBy: (/** @type {any} */ { isUsed }) => (isUsed === true ? {} : undefined) },
  ).getTreeItem({ ...tunnel, ...changes });

describe('The row of a tunnel', () => {
  it('tells two of one name apart, and shows port and state first', () => {
    assert.equal(rowOf().label, 'orders');
    assert.equal(rowOf().description, ':15432 · open · work · eu-central-1');
    assert.equal(
      rowOf({ profile: 'staging', statistics: { ...statistics, connectionsNow: 1 } }).description,
      ':15432 · open · staging · eu-central-1 · 1 connection',
    );
  });

  it('shortens a long name, so that port and state are seen; the tooltip and screen readers have all of it', () => {
    const name = 'orders-of-all-customers-since-the-beginning';
    const row = rowOf({ name });
    assert.equal(row.label, 'orders-of-all-custome…');
    assert.match(row.tooltip.value, new RegExp(`^${name}\n`));
    assert.ok(row.accessibilityInformation.label.startsWith(`${name}, open, port 15432`));
  });

  it('reads name, state, port, identity and reason aloud', () => {
    const row = rowOf({ state: 'Faulted', fault: { code: 'AccessDenied', message: 'Access denied.' } });
    assert.equal(row.accessibilityInformation.label, 'orders, failed, port 15432, work, eu-central-1, Access denied.');
  });

  it('says that an AI agent opened the tunnel, and what for', () => {
    const row = rowOf({ agentReason: 'find the\nslow query' });
    assert.match(row.tooltip.value, /opened by an AI agent: "find the slow query"/);
    assert.match(row.accessibilityInformation.label, /opened by an AI agent/);
    assert.doesNotMatch(rowOf().tooltip.value, /agent/);
  });

  it('says that terminals and debug sessions use the tunnel', () => {
    const row = rowOf({ isUsed: true, state: 'NeedsSignIn' });
    assert.match(row.tooltip.value, /used in terminals, tasks and debug sessions/);
    assert.match(row.accessibilityInformation.label, /used in terminals/);
    assert.equal(row.contextValue, 'tunnel.used.needsSignIn');
    assert.doesNotMatch(rowOf().tooltip.value, /terminals/);
  });

  it('shows the access request that it waits for, and the one that gave it access', () => {
    const accessRequestId = 'oi-0123456789ab';
    const fault = { code: 'AccessPending', message: `Access to i-1 waits for approval (request ${accessRequestId}).` };
    const waiting = rowOf({ state: 'NeedsApproval', accessRequestId, fault });
    assert.equal(waiting.description, ':15432 · waiting for approval · oi-0123456789ab · work · eu-central-1');
    assert.match(waiting.tooltip.value, /waits for approval \(request oi-0123456789ab\)/);
    assert.doesNotMatch(waiting.tooltip.value, /access by request/);
    assert.equal(rowOf({ accessRequestId }).description, ':15432 · open · work · eu-central-1');
    assert.match(rowOf({ accessRequestId }).tooltip.value, /access by request oi-0123456789ab/);
  });

  it('has a bounded tooltip', () => {
    const { tooltip } = rowOf({ fault: { code: 'InternalError', message: 'x'.repeat(8_000) } });
    assert.ok(tooltip.value.length < 1_000, String(tooltip.value.length));
  });

  it('opens its details with Enter', () => {
    assert.equal(rowOf().command.command, 'rdsTunnel.showDetails');
    assert.equal(rowOf().command.arguments[0].id, 'a');
  });
});

describe('The row of a tunnel to the jump host itself', () => {
  const withoutHost = { host: undefined, target: 'i-1', port: 22 };

  it('is told apart from one to a database, so that nothing is offered that needs a database', () => {
    for (const [state, ofDatabase, ofJumpHost] of [
      ['Open', 'tunnel', 'tunnel.toJumpHost'],
      ['NeedsSignIn', 'tunnel.needsSignIn', 'tunnel.toJumpHost.needsSignIn'],
    ]) {
      assert.equal(rowOf({ state }).contextValue, ofDatabase);
      assert.equal(rowOf({ state, ...withoutHost }).contextValue, ofJumpHost);
    }
    assert.equal(rowOf({ state: 'NeedsJumpHost' }).contextValue, 'tunnel.needsJumpHost');
    for (const code of ['AccessDenied', 'AccessEnded'])
      assert.equal(rowOf({ state: 'Faulted', fault: { code, message: 'No access.' } }).contextValue, 'tunnel.needsAccess');
  });
});

describe('The row of a closed tunnel', () => {
  const request = { name: 'orders', host: 'db.example', port: 5432, profile: 'work', region: 'eu-central-1' };

  it('reads name, why it does not listen, port and identity aloud', () => {
    for (const [reason, text] of [
      ['Closed', 'closed'],
      ['OtherWindow', 'served by another window'],
      ['PortInUse', 'port in use by another program'],
    ]) {
      assert.equal(
        rowOf({ request, localPort: 15_432, reason }).accessibilityInformation.label,
        `orders, ${text}, port 15432, work, eu-central-1`,
      );
    }
  });

  it('opens it again with Enter', () => {
    const dormant = { request, localPort: 15_432, reason: 'Closed' };
    const { command } = rowOf(dormant);
    assert.equal(command.command, 'rdsTunnel.reopenTunnel');
    assert.deepEqual(command.arguments[0].request, request);
  });
});

describe('A message among the databases', () => {
  it('is read aloud with its reason', () => {
    const row = new DatabaseTree({ tunnels: { onChanged: () => () => undefined } }).getTreeItem({
      kind: 'message',
      text: 'rds:DescribeDBInstances',
      detail: 'Access denied.',
      icon: 'warning',
    });
    assert.equal(row.accessibilityInformation.label, 'rds:DescribeDBInstances: Access denied.');
  });
});

describe('A filter of databases', () => {
  const database = {
    name: 'Orders',
    engine: 'aurora-postgresql',
    host: 'orders.cluster-abc.eu-central-1.rds.amazonaws.com',
    tags: [{ key: 'team', value: 'Billing' }],
  };
  for (const [filter, found] of /** @type {[string, boolean][]} */ ([
    ['', true],
    ['orders', true],
    ['postgres', true],
    ['team=bill', true],
    ['billing aurora', true],
    ['cluster-abc', true],
    ['mysql', false],
    ['orders mysql', false],
  ])) {
    it(`${found ? 'finds' : 'leaves out'} it by "${filter}"`, () => {
      assert.equal(matches(database, filter), found);
    });
  }
});

describe('A number of things', () => {
  it('is one or several', () => {
    assert.deepEqual(
      [0, 1, 2, 11, 21].map(count => counted(count, 'one', 'several')),
      ['several', 'one', 'several', 'several', 'several'],
    );
  });
});
