// Texts of foreign origin, on their way to a person.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeEditor } from './fake-editor.mjs';
import { load } from './load.mjs';

const { plain } = await load('ui/plain');

describe('A text of foreign origin', () => {
  it('stays as it is when it is plain', () => {
    for (const text of ['', 'orders', 'Größe 日本 🐘', 'a [b] (c)', 'x → y · z', '$(rocket) `code` *bold*'])
      assert.equal(plain(text), text);
  });

  it('makes no link', () => {
    assert.equal(plain('[Sign in](command:evil)'), '[Sign in] (command:evil)');
    assert.equal(plain('[a](https://x) [b](command:y "z")'), '[a] (https://x) [b] (command:y "z")');
    assert.equal(plain('[a]\u200B(command:y)'), '[a]\uFFFD(command:y)');
  });

  it('is one line, hides nothing and is read in one direction', () => {
    assert.equal(plain('a\r\nb\tc\u2028d'), 'a  b c d');
    assert.equal(plain('\u001B[31mred\u0000\u202Eevil\u2066\u200D\uFEFF\uD800'), '\uFFFD[31mred\uFFFD\uFFFDevil\uFFFD\uFFFD \uFFFD');
  });

  it('is cut where it is too long', () => {
    assert.equal(plain('x'.repeat(300)).length, 200);
    assert.equal(plain('ab cd', 4), 'ab…');
  });

  it('is never a link, a second line or unseen, whatever comes', () => {
    // xorshift32, with a fixed seed.
    let seed = 0x9e3779b9;
    const random = (/** @type {number} */ below) => {
      seed ^= seed << 13;
      seed ^= seed >>> 17;
      seed ^= seed << 5;
      return (seed >>> 0) % below;
    };
    const parts = [
      '[',
      ']',
      '(',
      ')',
      '](',
      'command:x',
      'https://x',
      '\n',
      '\r',
      '\u001B[0m',
      '\u202E',
      '\u200B',
      '\uD83D',
      'a',
      ' ',
      '\u0085',
      '\u2029',
    ];
    for (let i = 0; i < 20_000; i++) {
      const text = Array.from({ length: random(12) }, () =>
        random(3) === 0 ? String.fromCodePoint(random(0x11_0000)) : parts[random(parts.length)],
      ).join('');
      const shown = plain(text, 8);
      assert.doesNotMatch(shown, /\]\(|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u, JSON.stringify(text));
      assert.ok(shown.length <= 8);
    }
  });

  it('is cleaned in every notification', async () => {
    const { vscode, shown } = fakeEditor();
    const { notify } = await load('ui/notify', vscode);
    for (const tell of [notify.error, notify.warning, notify.information]) {
      const pressed = tell('[a](command:b)\nc', 'Go');
      assert.equal(shown.at(-1)?.message, '[a] (command:b) c');
      shown.at(-1)?.press('Go');
      assert.equal(await pressed, 'Go');
    }
  });
});
