// A list that is filled while somebody chooses from it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { load } from './load.mjs';

const { RestingList, restMs } = await load('ui/restingList');

describe('A list that is filled', () => {
  /** @param {import('node:test').TestContext} t */
  function setUp(t) {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let move = () => undefined;
    let shown = 0;
    const quickPick = {
      activeItems: [{}],
      onDidChangeActive: (/** @type {() => undefined} */ listener) => {
        move = listener;
        return {
          dispose: () => {
            move = () => undefined;
          },
        };
      },
    };
    const list = new RestingList(quickPick, () => {
      shown++;
    });
    return {
      list,
      move: (/** @type {object[]} */ ...active) => {
        quickPick.activeItems = active;
        move();
      },
      shown: () => shown,
    };
  }

  it('shows what has come together at once', t => {
    const { list, shown } = setUp(t);
    for (let i = 0; i < 5; i++) void list.refresh();
    assert.equal(shown(), 0);
    t.mock.timers.tick(restMs);
    assert.equal(shown(), 1);
    void list.refresh();
    t.mock.timers.tick(restMs);
    assert.equal(shown(), 2);
  });

  it('stays as it is while the highlight moves', t => {
    const { list, move, shown } = setUp(t);
    void list.refresh();
    for (let i = 0; i < 10; i++) {
      t.mock.timers.tick(restMs - 1);
      move({});
    }
    assert.equal(shown(), 0);
    t.mock.timers.tick(restMs);
    assert.equal(shown(), 1);
  });

  it('is shown again when nothing is highlighted any more, since what was typed meanwhile hides the row', t => {
    const { list, move, shown } = setUp(t);
    void list.refresh();
    t.mock.timers.tick(restMs);
    move();
    assert.equal(shown(), 1, 'the editor may say so for a moment only');
    t.mock.timers.tick(restMs);
    assert.equal(shown(), 2);
    move({});
    t.mock.timers.tick(restMs);
    assert.equal(shown(), 2);
  });

  it('stays as it is when the editor highlights a row by itself', t => {
    const { move, shown } = setUp(t);
    move();
    move({});
    t.mock.timers.tick(restMs);
    assert.equal(shown(), 0);
  });

  it('shows nothing more once it is gone, and nobody waits for it', async t => {
    const { list, move, shown } = setUp(t);
    const waiting = list.refresh();
    list.dispose();
    await waiting;
    move();
    t.mock.timers.tick(restMs);
    assert.equal(shown(), 0);
  });
});
