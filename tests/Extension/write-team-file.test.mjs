// Tunnels that are open become a file that a team shares.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeEditor } from './fake-editor.mjs';
import { load } from './load.mjs';

const { teamFileWith } = await load('workspace/writeTeamFile', fakeEditor().vscode);
const { readTeamFile } = await load('workspace/teamFile', fakeEditor().vscode);

const orders = {
  name: 'orders',
  host: 'orders.abc.eu-central-1.rds.amazonaws.com',
  port: 5432,
  localPort: 15_432,
  profile: 'work',
  region: 'eu-central-1',
};

describe('The file of a team', () => {
  it("is made of tunnels that are open, without what is not the team's", () => {
    const text = teamFileWith(undefined, [{ ...orders, openNow: false, endpointUrl: 'http://127.0.0.1:1', maxSessions: 4 }]);
    assert.deepEqual(readTeamFile(text), { tunnels: [orders], problems: [] });
    assert.match(text, /^\{\n {2}\/\/ /);
  });

  it('keeps what it has, with its comments, and gets no tunnel twice', () => {
    const before = `{\n  // ours\n  "reason": "on call",\n  "tunnels": [\n    { "name": "mine", "host": "ORDERS.abc.eu-central-1.rds.amazonaws.com.", "port": 5432, "localPort": 7000, "profile": "work", "region": "eu-central-1" } // the first\n  ]\n}\n`;
    const other = { ...orders, name: 'bills', host: 'bills.abc.eu-central-1.rds.amazonaws.com', localPort: 15_433 };
    const text = teamFileWith(before, [orders, other, other]);
    assert.match(text, /\/\/ ours[^]*\/\/ the first/);
    assert.deepEqual(
      readTeamFile(text).tunnels.map((/** @type {any} */ each) => each.name),
      ['mine', 'bills'],
    );
  });

  it('is made in a file that is empty, or has no tunnels yet, and refused for what is none', () => {
    for (const before of ['', '  \n', '{}', '{ "reason": "on call" }'])
      assert.deepEqual(readTeamFile(teamFileWith(before, [orders])).tunnels.length, 1, before);
    assert.throws(() => teamFileWith('[1]', [orders]), /isn't a JSON object/);
  });
});
