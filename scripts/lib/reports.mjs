// Reports of test runners: JUnit's format, which node writes, and .NET's own (trx).
import sax from 'sax';

/** @typedef {{ name: string, reason: string }} Finding a test that did not pass */
/** @typedef {{ passed: number, failed: Finding[], skipped: Finding[] }} Counts */

/**
 * What stands in a report for how a test ended: elements in JUnit's, an attribute in .NET's.
 * @type {Record<string, 'passed' | 'failed' | 'skipped' | undefined>}
 */
const outcomes = { failure: 'failed', error: 'failed', skipped: 'skipped', Passed: 'passed', NotExecuted: 'skipped' };
const tests = ['testcase', 'UnitTestResult'];
const reasons = ['failure', 'error', 'skipped', 'Message', 'StackTrace'];

/** @param {string} xml @returns {Counts} of what stands in it: it may be cut off */
export function readReport(xml) {
  /** @type {Counts} */
  const counts = { passed: 0, failed: [], skipped: [] };
  let test = { name: '', outcome: /** @type {'passed' | 'failed' | 'skipped'} */ ('passed'), message: '', text: '' };
  let element = '';
  const parser = sax.parser(true);
  parser.onerror = error => {
    throw error;
  };
  parser.onopentag = ({ name, attributes }) => {
    element = name;
    const of = /** @type {Record<string, string | undefined>} */ (attributes);
    if (tests.includes(name))
      test = { name: of.name ?? of.testName ?? '', outcome: outcomes[of.outcome ?? 'Passed'] ?? 'failed', message: '', text: '' };
    else if (outcomes[name] !== undefined) test = { ...test, outcome: outcomes[name], message: of.message ?? '' };
    else if (name === 'StackTrace') test.text += '\n';
  };
  parser.ontext = parser.oncdata = text => {
    if (reasons.includes(element)) test.text += text;
  };
  parser.onclosetag = name => {
    element = '';
    if (!tests.includes(name)) return;
    if (test.outcome !== 'passed') counts[test.outcome].push({ name: test.name, reason: reasonOf(test) });
    // A file without tests counts as one for node.
    else if (!test.name.endsWith('.test.mjs')) counts.passed++;
  };
  parser.write(xml.replace(/^\uFEFF/, ''));
  return counts;
}

/**
 * The text has more than the message: where it happened. Node shows the cause inside of an error of its own.
 * @param {{ message: string, text: string }} test
 */
function reasonOf({ message, text }) {
  const reason = text.trim() === '' ? message : text.trim();
  const [, cause] = /^ {2}cause: (.*)/ms.exec(reason) ?? [];
  return cause ?? reason;
}
