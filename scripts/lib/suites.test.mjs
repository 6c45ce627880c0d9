import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { run } from './processes.mjs';

const suites = `
  import { conclude, leftOut, oneTest, runSuites } from ${JSON.stringify(new URL('suites.mjs', import.meta.url).href)};
  const passes = oneTest('passes', () => Promise.resolve());
  const fails = oneTest('fails', () => Promise.reject(new Error('No compiler.' + '\\n  at a line'.repeat(30))));
  const skips = { name: 'skips', run: () => Promise.resolve(leftOut('all of it', 'no database')) };
  const empty = { name: 'empty', run: () => Promise.resolve({ passed: 0, failed: [], skipped: [] }) };
  let [running, most] = [0, 0];
  const slow = oneTest('slow', async () => {
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running--;
  });`;

/** What is said, in a process of its own: a test's output is its runner's. @param {string} script */
const said = script =>
  run(process.execPath, ['--input-type=module', '--eval', suites + script], {
    env: { CI: 'true', NO_COLOR: '1', NODE_TEST_CONTEXT: undefined },
  });

/** @param {string} suites @param {boolean} maySkip */
const concluded = (suites, maySkip) => said(`process.exitCode = conclude(await runSuites([${suites}]), () => ${maySkip}) ? 0 : 1;`);

describe('Suites', () => {
  it('are all run, and added up in the last line', async () => {
    const { tail } = await concluded('fails, passes, skips, passes', true);
    assert.equal(tail.at(-1), '2 passed, 1 failed, 1 skipped');
    assert.ok(tail.includes('  skips: all of it') && tail.includes('    no database'), tail.join('\n'));
    assert.match(tail.join('\n'), /^✔ passes \d+ ms, 1 passed, 0 failed, 0 skipped$/m);
  });

  it('say why they failed, but not at any length', async () => {
    const { tail } = await concluded('fails', true);
    const at = tail.indexOf('  fails');
    assert.equal(tail[at + 1], '    Error: No compiler.');
    assert.equal(tail[at + 26], '    … 6 more lines');
  });

  it('fail when no test is found in one', async () => {
    const { tail } = await concluded('empty', true);
    assert.ok(tail.includes('    No test was found in it.'), tail.join('\n'));
    assert.equal(tail.at(-1), '0 passed, 1 failed, 0 skipped');
  });

  it('run beside each other, no more than allowed', async () => {
    const { tail } = await said('await runSuites([slow, slow, slow, slow, slow], 2); console.log(most);');
    assert.equal(tail.at(-1), '2');
  });
});

describe('All is well', () => {
  for (const [what, suites, maySkip, code] of /** @type {const} */ ([
    ['when every test passes', 'passes', false, 0],
    ['when a test is left out that may be', 'passes, skips', true, 0],
    ['not when one is left out that may not be', 'passes, skips', false, 1],
    ['not when one fails', 'passes, fails', true, 1],
  ])) {
    it(what, async () => {
      assert.equal((await concluded(suites, maySkip)).code, code);
    });
  }
});
