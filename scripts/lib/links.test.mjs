// Every relative link of a document leads to a file, and to a heading in it, that exists.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { describe, it } from 'node:test';
import { root } from './paths.mjs';

const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
const documents = tracked.filter(name => name.endsWith('.md'));

/** Files and folders. Git's list, because a link that only a case-insensitive file system follows is dead elsewhere. */
const paths = new Set(tracked.flatMap(name => name.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'))));

/** @param {string} text */
const withoutBlocks = text => text.replaceAll(/^ *```.*?^ *```/gms, '');

/** The targets of links and pictures, without code and without links to other sites. @param {string} text */
const linksOf = text =>
  [
    ...withoutBlocks(text)
      .replaceAll(/`[^`\n]*`/g, '')
      .matchAll(/\]\(([^()\s]+)(?: "[^"]*")?\)|^\[[^\]]+\]: *(\S+)|(?:href|src)="([^"]+)"/gm),
  ]
    .map(([, inline, reference, html]) => inline ?? reference ?? html ?? '')
    .filter(target => !/^[a-z]+:/i.test(target));

/** The anchors of a document's headings, made as GitHub makes them. @param {string} text @returns {string[]} */
const anchorsOf = text => {
  /** @type {Map<string, number>} */
  const seen = new Map();
  return [...withoutBlocks(text).matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, heading = '']) => {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
};

/** @param {string} from a document @param {string} target @returns what is wrong with the link, or nothing */
async function problemOf(from, target) {
  const [path = '', anchor] = target.split('#');
  const to = path === '' ? from : posix.join(posix.dirname(from), decodeURIComponent(path)).replace(/\/$/, '');
  if (!paths.has(to)) return `${from}: ${target} (no such file)`;
  if (anchor === undefined) return undefined;
  return anchorsOf(await readFile(`${root}${to}`, 'utf8')).includes(decodeURIComponent(anchor))
    ? undefined
    : `${from}: ${target} (no such heading)`;
}

describe('The links of the documents', () => {
  it('lead to files and headings that exist', async () => {
    const links = (
      await Promise.all(documents.map(async from => linksOf(await readFile(`${root}${from}`, 'utf8')).map(target => ({ from, target }))))
    ).flat();
    assert.ok(links.length > 100);
    const problems = await Promise.all(links.map(({ from, target }) => problemOf(from, target)));
    assert.deepEqual(
      problems.filter(problem => problem !== undefined),
      [],
    );
  });

  it('are found in every form', () => {
    const text = '[a](b.md) ![c](d.png "e") `[f](g)` [h](https://example.com)\n```\n[i](j)\n```\n[k]: l.md\n<img src="m.svg">\n[n](#o)';
    assert.deepEqual(linksOf(text), ['b.md', 'd.png', 'l.md', 'm.svg', '#o']);
  });

  it('name a heading as GitHub does', () => {
    assert.deepEqual(anchorsOf("# The node's pace\n## `a_b`: C & D\n```\n# e\n```\n## [F](g.md) h\n## Error 1\n## Error 1"), [
      'the-nodes-pace',
      'a_b-c--d',
      'f-h',
      'error-1',
      'error-1-1',
    ]);
  });

  it('are reported when they are dead', async () => {
    assert.equal(await problemOf('docs/README.md', 'missing.md'), 'docs/README.md: missing.md (no such file)');
    assert.equal(await problemOf('docs/README.md', '../README.md#missing'), 'docs/README.md: ../README.md#missing (no such heading)');
    assert.equal(await problemOf('docs/README.md', '../readme.md'), 'docs/README.md: ../readme.md (no such file)');
    assert.equal(await problemOf('README.md', 'docs'), undefined);
  });

  it('make every document reachable from the README', async () => {
    const reached = new Set(['README.md']);
    for (const from of reached) {
      for (const target of linksOf(await readFile(`${root}${from}`, 'utf8'))) {
        const to = posix.join(posix.dirname(from), target.split('#')[0] ?? '');
        if (documents.includes(to)) reached.add(to);
      }
    }
    assert.deepEqual(
      documents.filter(name => name.startsWith('docs/') && !reached.has(name)),
      [],
    );
  });
});
