import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readTrx } from './trx.mjs';

describe('readTrx', () => {
  it('counts what passed', () => {
    const xml = '<Results><UnitTestResult testName="A" outcome="Passed" /><UnitTestResult testName="B" outcome="Passed"><Output><StdOut>x</StdOut></Output></UnitTestResult></Results>';
    assert.deepEqual(readTrx(xml), { passed: 2, failed: [], skipped: [] });
  });

  it('gives a failure its message and its place', () => {
    const xml = `<UnitTestResult testName="Sum_OfTwo_IsRight(a: &quot;x&lt;y&quot;)" outcome="Failed"><Output><ErrorInfo>
      <Message>Expected: 1&#xD;
Actual: 2</Message>
      <StackTrace>   at Xunit.Assert.Equal()
   at Sum.Test() in /src/Sum.cs:line 5</StackTrace></ErrorInfo></Output></UnitTestResult>`;
    assert.deepEqual(readTrx(xml).failed, [{
      name: 'Sum_OfTwo_IsRight(a: "x<y")',
      reason: 'Expected: 1\r\nActual: 2\nat Sum.Test() in /src/Sum.cs:line 5',
    }]);
  });

  it('gives a skipped test its reason', () => {
    const xml = '<UnitTestResult testName="A" outcome="NotExecuted"><Output><ErrorInfo><Message>no &amp;quot; here</Message></ErrorInfo></Output></UnitTestResult>';
    assert.deepEqual(readTrx(xml), { passed: 0, failed: [], skipped: [{ name: 'A', reason: 'no &quot; here' }] });
  });

  it('counts an outcome that it does not know as a failure', () => {
    assert.equal(readTrx('<UnitTestResult testName="A" outcome="Timeout" />').failed.length, 1);
  });
});
