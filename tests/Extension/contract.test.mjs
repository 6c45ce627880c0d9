// extension/src/sidecar/contract.ts is written by hand: docs/rpc.md says what it has to be.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import ts from 'typescript';
import { root } from '../../scripts/lib/paths.mjs';

const source = ts.createSourceFile('contract.ts', await readFile(`${root}extension/src/sidecar/contract.ts`, 'utf8'), ts.ScriptTarget.Latest, true);
const sections = new Map((await readFile(`${root}docs/rpc.md`, 'utf8')).split(/^#{2,3} /m).slice(1).map(text => [
  text.split('\n')[0] ?? '',
  text.split('\n').filter(line => line.startsWith('| `')).map(line => line.slice(1, -1).split('|').map(cell => cell.trim().replace(/^`|`$/g, ''))),
]));
/** @param {string} heading */
const rows = heading => sections.get(heading) ?? [];

const interfaces = source.statements.filter(ts.isInterfaceDeclaration);
const unions = source.statements.filter(ts.isTypeAliasDeclaration);
/** @param {ts.InterfaceDeclaration} declaration */
const members = declaration => declaration.members.filter(ts.isPropertySignature);
/** @param {ts.PropertyName} name */
const text = name => name.getText().replace(/'/g, '');

describe('The contract in TypeScript', () => {
  for (const declaration of interfaces.filter(each => sections.has(each.name.text) && each.name.text !== 'Methods')) {
    it(`${declaration.name.text} has the fields of the document, required where they are`, () => {
      const documented = new Map(rows(declaration.name.text).map(([name = '', , , required]) => [name, required === 'yes']));
      for (const member of members(declaration)) {
        const name = text(member.name);
        assert.ok(documented.has(name), `${name} is not documented`);
        // What we send may be left out where the sidecar does not require it; what it sends is there where it says so.
        assert.equal(member.questionToken === undefined, documented.get(name), `${name}: required or not`);
      }
      const known = new Set(members(declaration).map(member => text(member.name)));
      for (const [name, required] of documented) assert.ok(!required || known.has(name), `${name} is missing`);
    });
  }

  for (const declaration of unions.filter(each => sections.has(each.name.text))) {
    it(`${declaration.name.text} has the names of the document`, () => {
      const names = declaration.type.getText().split('|').map(name => name.trim().replace(/'/g, ''));
      const documented = rows(declaration.name.text).map(([name]) => name);
      if (documented.length > 0) assert.deepEqual(names, documented);
    });
  }

  it('knows methods and notifications that exist, and no others', () => {
    for (const [name, heading] of /** @type {const} */ ([['Methods', 'Methods'], ['Notifications', 'Notifications of the sidecar']])) {
      const documented = rows(heading).map(([method]) => method);
      const declaration = interfaces.find(each => each.name.text === name);
      assert.ok(declaration !== undefined && documented.length > 0);
      for (const member of members(declaration)) assert.ok(documented.includes(text(member.name)), text(member.name));
    }
  });
});
