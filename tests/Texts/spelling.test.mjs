// The spelling of all texts: documents, comments, names, and what users read. A word that is right and unknown belongs into words.txt.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { root } from '../../scripts/lib/paths.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Pictures and certificates, what programs have written, other languages, and words that are listed. */
const notRead =
  /\.(png|pem|svg|sln|slnf)$|(package-lock|packages\.lock)\.json$|^tests\/vectors\/|\.de\.json$|^tests\/Texts\/|\/saslprep\.txt$/;

/** @param {string[]} files @param {string} [input] @returns the words that no dictionary has, each with its place */
function unknownIn(files, input) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [
      `${here}node_modules/cspell/bin.mjs`,
      'lint',
      '--config',
      `${here}cspell.json`,
      '--root',
      root,
      '--no-progress',
      '--no-summary',
      '--no-color',
      '--unique',
      ...(input === undefined ? ['--file-list', 'stdin'] : ['stdin']),
    ],
    { cwd: root, input: input ?? files.join('\n'), encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  const lines = stdout.split('\n').filter(line => line !== '');
  assert.equal(status, lines.length === 0 ? 0 : 1, stderr);
  return lines;
}

describe('The spelling', () => {
  it('is right in all texts', () => {
    const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' })
      .split('\n')
      .filter(name => name !== '' && !notRead.test(name));
    assert.ok(files.length > 900);
    const unknown = unknownIn(files);
    assert.deepEqual(unknown, [], `Correct these words, or add them to tests/Texts/words.txt:\n${unknown.join('\n')}`);
  });

  it('is looked at', () => {
    assert.match(unknownIn([], 'A tunell to a database.\n').join('\n'), /tunell/);
  });

  it('has its own words in order, and each once', async () => {
    const words = (await readFile(`${here}words.txt`, 'utf8')).trimEnd().split('\n');
    assert.deepEqual(words, [...new Set(words)].sort());
  });
});
