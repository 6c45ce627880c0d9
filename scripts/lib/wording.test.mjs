// Texts are in plain English, as far as a program can tell.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { root } from './paths.mjs';
import { everywhere, ofDocuments } from './wording.mjs';

/** @typedef {import('./wording.mjs').Wording} Wording */

const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n');

/** @param {string} text @param {Wording[]} wordings @returns what to write instead, by line */
const findings = (text, wordings) =>
  text
    .split('\n')
    .flatMap((line, index) =>
      wordings
        .filter(([pattern]) => pattern.test(line))
        .map(([pattern, better]) => `${index + 1}: ${String(pattern.exec(line)?.[0])} (better: ${better})`),
    );

/** Without code, which keeps its place as empty lines. @param {string} text */
const prose = text => text.replaceAll(/^```.*?^```/gms, block => block.replaceAll(/[^\n]/g, '')).replaceAll(/`[^`\n]*`/g, '`');

/** The lines that are comments, each in its place. @param {string} text */
const comments = text =>
  text
    .split('\n')
    .map(line => /(?:^|\s)(?:\/\/|\/\*|\* ).*/.exec(line)?.[0] ?? '')
    .join('\n');

/** @param {RegExp} names @param {(text: string) => string} part @param {Wording[]} wordings */
async function assertPlain(names, part, wordings) {
  const files = tracked.filter(name => names.test(name));
  assert.ok(files.length > 20);
  const found = await Promise.all(
    files.map(async name => findings(part(await readFile(`${root}${name}`, 'utf8')), wordings).map(finding => `${name}:${finding}`)),
  );
  assert.deepEqual(found.flat(), []);
}

describe('The wording', () => {
  it('is plain in all documents', () => assertPlain(/\.md$(?<!license\.md)/, prose, [...ofDocuments, ...everywhere]));

  it('is plain in comments', () => assertPlain(/\.(cs|ts|mjs)$(?<!wording\.(?:test\.)?mjs)/, comments, everywhere));

  it('is looked at', () => {
    assert.deepEqual(findings(prose('Good.\n`whoever`\nIt has to be the the one.'), [...ofDocuments, ...everywhere]), [
      '3: has to be (better: must be)',
      '3: the the (better: a word stands twice)',
    ]);
    assert.deepEqual(findings(comments('of of\n  x(); // of of'), everywhere), ['2: of of (better: a word stands twice)']);
  });
});
