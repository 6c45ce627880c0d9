// What the extension says, and its translations: none lacks a word, and none has one that nobody says.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import ts from 'typescript';
import { root } from '../../scripts/lib/paths.mjs';

const languages = ['de'];
const sources = `${root}extension/src`;
/** @param {string} path */
const json = async path => /** @type {Record<string, string>} */ (JSON.parse(await readFile(`${root}${path}`, 'utf8')));

/** Every text that is handed to `vscode.l10n.t`. */
async function said() {
  const texts = new Set();
  for (const name of (await readdir(sources, { recursive: true })).filter(each => each.endsWith('.ts'))) {
    const source = ts.createSourceFile(name, await readFile(`${sources}/${name}`, 'utf8'), ts.ScriptTarget.Latest, true);
    /** @param {ts.Node} node */
    const visit = node => {
      if (ts.isCallExpression(node) && node.expression.getText() === 'vscode.l10n.t') {
        const [text] = node.arguments;
        assert.ok(text !== undefined && ts.isStringLiteral(text), `${name}: only a literal can be translated: ${node.getText()}`);
        texts.add(text.text);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return [...texts].sort();
}

/** @param {string} text */
const placeholders = text => [...text.matchAll(/\{\d\}|\(command:[\w.]+\)/g)].map(([each]) => each).sort();

for (const language of languages) {
  describe(`The translation ${language}`, () => {
    it('has all that the extension says', async () => {
      const bundle = await json(`extension/l10n/bundle.l10n.${language}.json`);
      assert.deepEqual(Object.keys(bundle).sort(), await said());
      for (const [text, translation] of Object.entries(bundle)) assert.deepEqual(placeholders(translation), placeholders(text), text);
    });

    it('has all that the manifest says', async () => {
      const [words, translation] = await Promise.all([json('package.nls.json'), json(`package.nls.${language}.json`)]);
      assert.deepEqual(Object.keys(translation).sort(), Object.keys(words).sort());
      for (const [key, text] of Object.entries(words)) assert.deepEqual(placeholders(translation[key] ?? ''), placeholders(text), key);
    });
  });
}
