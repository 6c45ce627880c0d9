// What people are shown when something fails: words and a next step, never only a code or the name of an exception.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { fakeEditor } from './fake-editor.mjs';
import { load } from './load.mjs';

const unexpected = (/** @type {string} */ kind) => `RDS Tunnel failed unexpectedly (${kind}). The log has the details.`;
const named = (/** @type {string} */ name, message = '') => Object.assign(new Error(message), { name });

describe('An error', () => {
  /** @type {[string, unknown, string][]} */
  const cases = [
    ['in words', new Error("The port can't be opened."), "The port can't be opened."],
    ['in words, with a code among them', new Error('AWS rejected the request (HTTP 400).'), 'AWS rejected the request (HTTP 400).'],
    ['that was thrown as a text', "The port can't be opened.", "The port can't be opened."],
    ['of the system', Object.assign(new Error("EACCES: permission denied, open '/x'"), { code: 'EACCES' }), "permission denied, open '/x'"],
    ['without a message', new Error(''), unexpected('Error')],
    ['that is an HTTP code', new Error('HTTP 500'), unexpected('HTTP 500')],
    ['that is a number', new Error('403'), unexpected('403')],
    ['that is a number and its kind', new Error('Error: 403'), unexpected('Error: 403')],
    ["that is an exception's name", new Error('AccessDeniedException'), unexpected('AccessDeniedException')],
    ['that is a name and a code', new Error('ThrottlingException: HTTP 429'), unexpected('ThrottlingException: HTTP 429')],
    ['that is a code of the system', new Error('ECONNREFUSED'), unexpected('ECONNREFUSED')],
    ['with no more than a name', named('AbortError'), unexpected('AbortError')],
    ['that is a defect', new TypeError("Cannot read properties of undefined (reading 'x')"), unexpected('TypeError')],
    ['that is none', undefined, unexpected('undefined')],
  ];
  for (const [name, error, words] of cases) {
    it(`${name} is told in words`, async () => {
      const { wordsOf } = await load('errors', fakeEditor().vscode);
      assert.equal(wordsOf(error), words);
    });

    it(`${name} is shown in words, and the log has it unless the sidecar wrote it there`, async () => {
      const editor = fakeEditor();
      const { tellFailure } = await load('dialogs/help', editor.vscode);
      /** @type {string[]} */
      const log = [];
      const services = {
        log: {
          error: (/** @type {string} */ line) => {
            log.push(line);
          },
          show: () => undefined,
        },
      };
      void tellFailure(services, error);
      await turn();
      assert.deepEqual(
        editor.shown.map(({ message }) => message),
        [words],
      );
      assert.ok(editor.shown[0]?.buttons.includes('Show log'));
      assert.equal(log.length, 1);
      if (error instanceof Error) assert.match(log[0] ?? '', new RegExp(error.name));
      void tellFailure(services, Object.assign(new Error('The database did not answer.'), { data: { code: 'HostUnreachable' } }));
      await turn();
      assert.equal(log.length, 1);
    });
  }
});
