// What the documents say is shown by a test, is.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { root } from './paths.mjs';

const documents = ['docs/reliability.md', 'docs/security.md'];

/** The text of all tests. */
async function tests() {
  const files = (await readdir(`${root}tests`, { recursive: true })).filter(name => /(\.cs|\.test\.mjs)$/.test(name) && !/(^|\/)(bin|obj|node_modules)\//.test(name));
  return (await Promise.all(files.map(name => readFile(`${root}tests/${name}`, 'utf8')))).join('\n');
}

describe('The documents', () => {
  for (const document of documents) {
    it(`name tests that there are: ${document}`, async () => {
      const text = await readFile(`${root}${document}`, 'utf8');
      const all = await tests();
      const rows = text.split('\n').filter(line => line.startsWith('|')).map(line => line.split('|').at(-2) ?? '');
      const named = rows.flatMap(cell => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)).filter(name => /_\w+_|^[a-z].* /.test(name));
      assert.ok(named.length > 10);
      assert.deepEqual(named.filter(name => !all.includes(name.replaceAll('\'', '\\\'')) && !all.includes(`${name}(`)), []);
    });
  }
});
