// The extension's files depend on each other without circles, and its folders one way: in the order
// of docs/architecture.md. Imports of types count, too.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import ts from 'typescript';
import { root } from '../../scripts/lib/paths.mjs';

const source = `${root}extension/src`;
const names = (await readdir(source, { recursive: true }))
  .filter(name => name.endsWith('.ts'))
  .map(name => name.slice(0, -'.ts'.length).replaceAll('\\', '/'));
const imports = new Map(
  await Promise.all(
    names.map(async name => /** @type {[string, string[]]} */ ([name, importsOf(name, await readFile(`${source}/${name}.ts`, 'utf8'))])),
  ),
);
const text = await readFile(`${root}docs/architecture.md`, 'utf8');
const layers = [...(/Folders and files of `extension\/src` from bottom to top: (.*)/.exec(text)?.[1]?.matchAll(/`([^`]+)`/g) ?? [])].map(
  ([, name = '']) => name,
);

/** @param {string} name @param {string} content */
function importsOf(name, content) {
  return ts
    .preProcessFile(content, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter(path => path.startsWith('.'))
    .map(path => join(dirname(name), path).replaceAll('\\', '/'))
    .filter(path => !path.startsWith('..'));
}

/** Its place in the order; what the document does not name is on top. @param {string} name */
function layerOf(name) {
  const [folder = ''] = name.split('/');
  const layer = layers.indexOf(folder);
  return layer < 0 && !name.includes('/') ? layers.length : layer;
}

/**
 * The first circle, as the files that lead from one back to itself.
 * @param {Map<string, string[]>} graph
 */
function circleIn(graph) {
  /** @type {Set<string>} */
  const done = new Set();
  /** @param {string} name @param {string[]} way @returns {string[] | undefined} */
  const follow = (name, way) => {
    if (way.includes(name)) return [...way.slice(way.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const next of graph.get(name) ?? []) {
      const circle = follow(next, [...way, name]);
      if (circle !== undefined) return circle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of graph.keys()) {
    const circle = follow(name, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

describe("The extension's files", () => {
  it('import each other without circles', () => {
    assert.ok(imports.size > 100 && [...imports.values()].flat().length > 400);
    assert.ok(
      [...imports.values()].flat().every(name => imports.has(name)),
      'Each import is found.',
    );
    assert.equal(circleIn(imports)?.join(' → '), undefined);
  });

  it('import only from their own folder or a lower one', () => {
    assert.ok(layers.length > 5);
    assert.deepEqual(
      names.filter(name => layerOf(name) < 0),
      [],
      'docs/architecture.md gives each folder its place.',
    );
    const wrong = [...imports].flatMap(([name, all]) => all.filter(each => layerOf(each) > layerOf(name)).map(each => `${name} → ${each}`));
    assert.deepEqual(wrong, []);
  });

  it('would be told of a circle', () => {
    assert.deepEqual(
      circleIn(
        new Map([
          ['a', ['b', 'c']],
          ['b', []],
          ['c', ['d']],
          ['d', ['c']],
        ]),
      ),
      ['c', 'd', 'c'],
    );
    assert.equal(
      circleIn(
        new Map([
          ['a', ['b', 'c']],
          ['b', ['c']],
          ['c', []],
        ]),
      ),
      undefined,
    );
    assert.deepEqual(importsOf('views/x', "import type { A } from '../services';\nexport * from './y';\nlet z: import('../state/z').Z;"), [
      'services',
      'views/y',
      'state/z',
    ]);
  });
});
