import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { duration, table } from './terminal.mjs';

describe('table', () => {
  it('has numbers to the right', () => {
    assert.deepEqual(
      table([
        ['Suite', 'n'],
        ['Rpc', '1200'],
      ]),
      ['Suite     n', 'Rpc    1200'],
    );
  });
});

describe('duration', () => {
  it('has the unit that fits', () => {
    assert.deepEqual([12.4, 2_345, 125_999].map(duration), ['12 ms', '2.3 s', '2 min 5 s']);
  });
});
