import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readReport } from './reports.mjs';

describe('readReport', () => {
  it('counts tests at every depth', () => {
    const xml =
      '<testsuites><testcase name="a"/><testsuite name="b"><testsuite name="c"><testcase name="d"></testcase></testsuite><testcase name="e"/></testsuite></testsuites>';
    assert.deepEqual(readReport(xml), { passed: 3, failed: [], skipped: [] });
  });

  it('gives a failure of .NET its message and its stack', () => {
    const xml = `<TestRun><Results><UnitTestResult testName="Sums.OfTwo(a: &quot;x&lt;y&quot;)" outcome="Failed"><Output><StdOut>seed 1</StdOut><ErrorInfo>
      <Message>Expected: 1&#xD;
Actual: 2</Message>
      <StackTrace>   at Sums.OfTwo() in /src/Sum.cs:line 5</StackTrace></ErrorInfo></Output></UnitTestResult></Results></TestRun>`;
    assert.deepEqual(readReport(xml).failed, [
      { name: 'Sums.OfTwo(a: "x<y")', reason: 'Expected: 1\r\nActual: 2\n   at Sums.OfTwo() in /src/Sum.cs:line 5' },
    ]);
  });

  it('knows what passed, was skipped, and ended in another way in .NET', () => {
    const test = (/** @type {string} */ outcome) =>
      `<UnitTestResult testName="${outcome}" outcome="${outcome}"><Output><ErrorInfo><Message>why</Message></ErrorInfo></Output></UnitTestResult>`;
    const { passed, skipped, failed } = readReport(
      `\uFEFF<Results><UnitTestResult testName="A" outcome="Passed" />${['Passed', 'NotExecuted', 'Timeout'].map(test).join('')}</Results>`,
    );
    assert.deepEqual([passed, skipped, failed], [2, [{ name: 'NotExecuted', reason: 'why' }], [{ name: 'Timeout', reason: 'why' }]]);
  });

  it('gives a failure of node its cause, not the error around it', () => {
    const xml = `<testsuites><testcase name="a"><failure type="testCodeFailure" message="1 !== 2">[Error [ERR_TEST_FAILURE]: 1 !== 2] {
  code: 'ERR_TEST_FAILURE',
  cause: AssertionError [ERR_ASSERTION]: 1 !== 2
      at file:///a.mjs:1:1</failure></testcase></testsuites>`;
    assert.equal(readReport(xml).failed[0]?.reason, 'AssertionError [ERR_ASSERTION]: 1 !== 2\n      at file:///a.mjs:1:1');
  });

  it('gives a skipped test its reason', () => {
    const xml =
      '<testsuites><testcase name="a"><skipped type="skipped" message="no &amp;quot; here"/></testcase><testcase name="b"><skipped>not today</skipped></testcase></testsuites>';
    assert.deepEqual(readReport(xml), {
      passed: 0,
      failed: [],
      skipped: [
        { name: 'a', reason: 'no &quot; here' },
        { name: 'b', reason: 'not today' },
      ],
    });
  });

  it('counts an error as a failure', () => {
    assert.equal(
      readReport('<testsuites><testcase name="a"><error message="crashed"/></testcase></testsuites>').failed[0]?.reason,
      'crashed',
    );
  });

  it('does not take a file without tests for a test, as node does', () => {
    assert.equal(readReport('<testsuites><testcase name="tests/empty.test.mjs"/></testsuites>').passed, 0);
  });

  it('reads texts with very many entities', () => {
    const text = '&lt;&#9;&quot;'.repeat(100_000);
    assert.equal(
      readReport(`<testsuites><testcase name="a"><failure>${text}</failure></testcase></testsuites>`).failed[0]?.reason.length,
      300_000,
    );
  });

  it('finds nothing in a report that was cut off', () => {
    assert.deepEqual(readReport('<?xml version="1.0" encoding="utf-8"?>\n<testsuites>\n'), { passed: 0, failed: [], skipped: [] });
    assert.deepEqual(readReport(''), { passed: 0, failed: [], skipped: [] });
  });
});
