// What Visual Studio's test runner leaves behind: one <UnitTestResult> a test.

/**
 * @typedef {object} Finding a test that did not pass
 * @property {string} name
 * @property {string} reason
 */

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {Finding[]} failed
 * @property {Finding[]} skipped
 */

/**
 * @param {string} xml
 * @returns {Counts}
 */
export function readTrx(xml) {
  /** @type {Counts} */
  const counts = { passed: 0, failed: [], skipped: [] };
  for (const [, attributes = '', body = ''] of xml.matchAll(/<UnitTestResult\b([^>]*?)(?:\/>|>(.*?)<\/UnitTestResult>)/gs)) {
    const outcome = attribute(attributes, 'outcome');
    if (outcome === 'Passed') {
      counts.passed++;
      continue;
    }
    const message = /<Message>(.*?)<\/Message>/s.exec(body)?.[1] ?? '';
    const place = /<StackTrace>(.*?)<\/StackTrace>/s.exec(body)?.[1]?.split('\n').find(line => line.includes(':line '));
    const reason = unescape([message, place?.trim()].filter(Boolean).join('\n'));
    const finding = { name: attribute(attributes, 'testName'), reason };
    (outcome === 'NotExecuted' ? counts.skipped : counts.failed).push(finding);
  }
  return counts;
}

/** @param {string} attributes @param {string} name */
const attribute = (attributes, name) => unescape(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? '');

/** @type {Record<string, string>} */
const entities = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/** @param {string} text */
const unescape = text => text.replace(/&(#x?)?(\w+);/gi, (whole, /** @type {string | undefined} */ number, /** @type {string} */ name) =>
  number === undefined ? entities[name] ?? whole : String.fromCodePoint(Number.parseInt(name, number === '#' ? 10 : 16)));
