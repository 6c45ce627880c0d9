// What the documents say is shown by a test, is; and what they name exists.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { root } from './paths.mjs';
import { troubles } from '../../tests/EndToEnd/day/troubles.mjs';

const documents = ['docs/reliability.md', 'docs/security.md'];
const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n');
/** Not those of superseded decisions, which tell of what there was. */
const current = tracked.filter(name => name.endsWith('.md') && !/^docs\/adr\/000[12]-/.test(name));

/** @param {string} name */
const read = name => readFile(`${root}${name}`, 'utf8');

/** The text of all tests. */
async function tests() {
  const files = (await readdir(`${root}tests`, { recursive: true })).filter(
    name => /(\.cs|\.test\.mjs)$/.test(name) && !/(^|\/)(bin|obj|node_modules)\//.test(name),
  );
  return (await Promise.all(files.map(name => read(`tests/${name}`)))).join('\n');
}

/**
 * What the current documents name, and does not exist.
 * @param {RegExp} pattern its first group is a name @param {(name: string) => boolean} exists @param {number} atLeast of them are found
 */
async function missing(pattern, exists, atLeast) {
  const named = (
    await Promise.all(
      current.map(async document => [...(await read(document)).matchAll(pattern)].map(([, name = '']) => ({ document, name }))),
    )
  ).flat();
  assert.ok(named.length >= atLeast, `only ${named.length} names were found`);
  return named.filter(({ name }) => !exists(name)).map(({ document, name }) => `${document}: ${name}`);
}

describe('The documents', () => {
  for (const document of documents) {
    it(`name tests that there are: ${document}`, async () => {
      const text = await read(document);
      const all = await tests();
      const rows = text
        .split('\n')
        .filter(line => line.startsWith('|'))
        .map(line => line.split('|').at(-2) ?? '');
      const named = rows
        .flatMap(cell => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
        .filter(name => /_\w+_|^[a-z].* /.test(name));
      assert.ok(named.length > 10);
      assert.deepEqual(
        named.filter(name => !all.includes(name.replaceAll("'", "\\'")) && !all.includes(`${name}(`)),
        [],
      );
    });
  }

  it('have the present troubles in the table of the working day', async () => {
    const [, table = ''] = /<!-- generated: day -->(.*?)<!-- end -->/s.exec(await read('docs/reliability.md')) ?? [];
    const rows = [...table.matchAll(/^\| ([^|]+) \| \d+ \| \d+ \| \d+ \|/gm)].map(([, name]) => name);
    assert.deepEqual(rows.slice(1).sort(), [...new Set(troubles.map(({ name }) => name))].sort());
  });

  it('name files and folders that there are', async () => {
    const exists = (/** @type {string} */ name) =>
      tracked.includes(name) || tracked.some(each => each.startsWith(`${name.replace(/\/$/, '')}/`));
    assert.deepEqual(
      await missing(/`((?:docs|extension|scripts|sidecar|tests)\/[\w./-]+)`/g, name => exists(name) || name.endsWith('/node_modules'), 30),
      [],
    );
  });

  it('name commands and settings of the editor, and npm scripts, that there are', async () => {
    const titles = Object.values(/** @type {Record<string, string>} */ (JSON.parse(await read('package.nls.json'))));
    const manifest = await read('package.json');
    const { scripts } = /** @type {{ scripts: Record<string, string> }} */ (JSON.parse(manifest));
    assert.deepEqual(await missing(/\*\*RDS Tunnel: ([^*]+)\*\*/g, name => titles.includes(name), 15), []);
    assert.deepEqual(await missing(/`(rdsTunnel\.\w+)`/g, name => manifest.includes(`"${name}"`), 10), []);
    // `npm run dev` and `npm run migrate` are somebody else's.
    assert.deepEqual(await missing(/npm run ([a-z:]+)/g, name => name in scripts || name === 'dev' || name === 'migrate', 20), []);
  });

  it('name options of the command line that there are', async () => {
    const sources = (await Promise.all(tracked.filter(name => /^sidecar\/Host\/.*\.cs$/.test(name)).map(read))).join('\n');
    const options = [...sources.matchAll(/"(--[a-z-]+)"/g)].map(([, name]) => name);
    const lines = (await missing(/(rds-tunnel (?:open|exec|check|sign-in|serve|mcp)[^`\n]*)/g, () => false, 15)).map(
      line => line.split(' -- ')[0] ?? '',
    );
    const named = lines.flatMap(line => [...line.matchAll(/ (--[a-z-]+)/g)].map(([, name = '']) => name));
    assert.ok(named.length > 15);
    assert.deepEqual(
      named.filter(name => !options.includes(name) && name !== '--help'),
      [],
    );
  });

  it('name bounds that the code has', async () => {
    const sources = await Promise.all(tracked.filter(name => /^sidecar\/.*\.cs$/.test(name)).map(read));
    const rows = [...(await read('docs/architecture.md')).matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = '']) => cell);
    const named = rows.flatMap(cell =>
      [...cell.matchAll(/`(\w+)\.(\w+)`(?:, `([A-Z]\w+)`)?/g)].flatMap(([, type = '', one = '', other]) =>
        [one, ...(other === undefined ? [] : [other])].map(member => ({ type, member })),
      ),
    );
    assert.ok(named.length > 30);
    const has = (/** @type {{ type: string, member: string }} */ { type, member }) =>
      sources.some(text => new RegExp(`(?:class|struct|record) ${type}\\b`).test(text) && new RegExp(`\\b${member}\\b`).test(text)) ||
      sources.some(text => new RegExp(`(?:class|struct|record) ${member}\\b`).test(text));
    assert.deepEqual(
      named.filter(each => !has(each)),
      [],
    );
  });

  it('list what each project references', async () => {
    const projects = tracked.filter(name => /^sidecar\/\w+\/\w+\.csproj$/.test(name));
    const text = await read('docs/architecture.md');
    const listed = Object.fromEntries(
      [...text.matchAll(/^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$/gm)].map(([, name = '', cell = '']) => [
        name,
        (cell.split(';')[0] ?? '')
          .split(', ')
          .filter(each => each !== 'nothing')
          .sort(),
      ]),
    );
    for (const path of projects) {
      const references = [...(await read(path)).matchAll(/ProjectReference Include="[^"]*\/(\w+)\.csproj"/g)]
        .map(([, name]) => name)
        .sort();
      const name = path.split('/')[1] ?? '';
      assert.deepEqual(listed[name], references, name);
    }
  });
});
