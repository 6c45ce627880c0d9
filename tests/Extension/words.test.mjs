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

/** Wordings that read as if translated, each with the one that native engineers use. */
const banned = [
  [/\banswers on\b/, 'is ready on'],
  [/\bfor people\b/i, 'display name'],
  [/\bhas to be\b/, 'must be'],
  [/\bcannot be (had|told|understood)\b/, 'say what failed'],
  [/\bnothing speaks\b/i, 'all checks passed'],
  [/\bnowhere\b/, "you aren't signed in"],
  [/\bwhoever\b/i, 'you, or your administrator'],
  [/\bwhatever\b/i, 'name it'],
  [/\bbears\b/, 'is issued for'],
  [/\bstands (in|on|beside|above)\b/, 'is in'],
  [/\bis over\b/, 'has ended'],
  [/\bgone\b/, 'closed'],
  [/\bthe way to\b/, 'the connection to'],
  [/\bnot any more\b/, 'no longer'],
  [/\bby itself\b/, 'automatically'],
  [/\bnames no\b/, 'has no'],
  [/\bleft out\b/, 'default'],
  [/\blisten(s)? from the start\b/, 'start when the window opens'],
  [/\bis there such\b|\bthere is such\b/i, 'already exists'],
  [/\bmakes? sense\b/, 'is invalid'],
  [/\bspeaks? for\b/, 'the reason'],
  [/\bmay not\b/, "can't, or isn't allowed to"],
  [/\bcannot be (read|used|written|resolved|reached|bound|opened)\b/, "couldn't, or can't be"],
  [/\bthe fault is\b/i, 'who reported the error'],
  [/\bname (it|one|another)\b/i, 'choose, enter or set'],
  [/\bany ?more\b/, 'no longer'],
  [/\bthe answer\b/, 'the response'],
  [/\bno way to\b/, 'is unreachable'],
  [/\blacks\b/, 'has no'],
  [/\bpassed over\b/, 'skipped'],
  [/\bnot looked at\b/i, 'not checked'],
  [/\bis not the (name|address|path) of\b/, "isn't a valid"],
  [/\bis not there\b/, 'does not exist'],
  [/\bleads there\b|\bjump host leads to\b/i, 'can reach'],
  [/\bgives? no\b/, 'provides no'],
];

/** @param {Record<string, string>} texts by where they are */
function assertPlain(texts) {
  for (const [where, words] of Object.entries(texts)) {
    for (const [pattern, better] of banned)
      assert.ok(
        !(/** @type {RegExp} */ (pattern).test(words)),
        `${where}: "${words.slice(0, 200)}" has ${String(pattern)}. Better: ${String(better)}`,
      );
  }
}

/** Every sentence in a C# file of the sidecar; comments and single words are none. @param {string} source */
function* sentences(source) {
  for (const line of source.split('\n').filter(each => !/^\s*\/\/|\bJustification\b/.test(each))) {
    for (const [, text = ''] of line.matchAll(/"((?:[^"\\]|\\.)*)"/g)) if (/[a-z] [a-z]/.test(text)) yield text;
  }
}

/**
 * Texts of a C# file that name an HTTP status or an exception's type, but for those of logs and of answers to a browser.
 * @param {string} source
 */
function codesIn(source) {
  const lines = source.split('\n').filter(line => !/LoggerMessage|HTTP\/1\.1|Log\w+\(|nameof/.test(line));
  return lines
    .flatMap(line => [...line.matchAll(/\$"((?:[^"\\{]|\\.|\{[^{}]*\})*)"/g)].map(([, text = '']) => text))
    .filter(text => /\bHTTP \{|GetType\(\)\.(Full)?Name/.test(text));
}

describe('The words', () => {
  it('are plain English in the editor', async () => {
    assertPlain(Object.fromEntries((await said()).map(text => [text, text])));
    assertPlain(await json('package.nls.json'));
  });

  it('are plain English in the sidecar', async () => {
    const files = (await readdir(`${root}sidecar`, { recursive: true })).filter(
      name => name.endsWith('.cs') && !/(^|[\\/])(obj|bin)[\\/]/.test(name),
    );
    const found = (
      await Promise.all(
        files.map(async name =>
          [...sentences(await readFile(`${root}sidecar/${name}`, 'utf8'))].map(
            text => /** @type {[string, string]} */ ([`${name}: ${text}`, text]),
          ),
        ),
      )
    ).flat();
    assert.ok(found.length > 300, `only ${found.length} sentences were found`);
    assertPlain(Object.fromEntries(found));
  });

  it('of an error are more than a code or the name of an exception', async () => {
    const files = (await readdir(`${root}sidecar`, { recursive: true })).filter(
      name => name.endsWith('.cs') && !/(^|[\\/])(obj|bin)[\\/]/.test(name),
    );
    /** @type {string[]} */
    const withCodes = [];
    for (const name of files) {
      const source = await readFile(`${root}sidecar/${name}`, 'utf8');
      for (const [, text = ''] of source.matchAll(/throw new \w+\((?:[\w.]+, )?\$?"((?:[^"\\]|\\.)*)"/g))
        assert.match(text, /\S \S/, `${name}: an exception says no more than "${text}"`);
      withCodes.push(...codesIn(source).map(text => `${name}: ${text}`));
    }
    assert.ok(withCodes.length >= 10, `only ${withCodes.length} texts with a code were found`);
    for (const text of withCodes)
      assert.match(
        text.slice(text.indexOf(': ') + 2).replaceAll(/\{[^{}]*\}|\bHTTP\b/g, ''),
        /[a-z']{2,} [a-z']{2,}/,
        `${text}: a code needs words`,
      );
  });

  it('of an error are asked for where one is shown', async () => {
    for (const name of (await readdir(sources, { recursive: true })).filter(each => each.endsWith('.ts') && each !== 'errors.ts')) {
      const lines = (await readFile(`${sources}/${name}`, 'utf8')).split('\n');
      for (const line of lines)
        if (/\berror\.message\b|\bString\(error\)/.test(line))
          assert.match(line, /\blog\b|l10n\.t\(/, `${name}: an error is shown as it is, without wordsOf: ${line.trim()}`);
    }
  });

  it('are plain English in the READMEs', async () => {
    for (const path of ['README.md', 'extension/README.md'])
      assertPlain(Object.fromEntries((await readFile(`${root}${path}`, 'utf8')).split('\n').map((line, i) => [`${path}:${i + 1}`, line])));
  });

  it('have the plural forms that every language of the extension has', () => {
    for (const language of ['en', ...languages])
      assert.deepEqual(new Intl.PluralRules(language).resolvedOptions().pluralCategories.sort(), ['one', 'other'], language);
  });
});

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
