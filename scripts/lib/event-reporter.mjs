// A reporter for `node --test`: one line of JSON for each test that has ended, the leaves only.

/** @typedef {{ name: string, outcome: 'passed' | 'failed' | 'skipped', reason: string }} Ended */

/** @param {AsyncIterable<import('node:test/reporters').TestEvent>} source */
export default async function* report(source) {
  for await (const event of source) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const { name, details, skip, todo } = event.data;
    const error = event.type === 'test:fail' ? event.data.details.error : undefined;
    const isSuite = details.type === 'suite';
    // A suite that fails only because of its tests is no finding of its own; one whose hooks fail is.
    if (isSuite && (error === undefined || codeOf(error) === 'subtestsFailed')) continue;
    /** @type {Ended} */
    const ended = error !== undefined ? { name, outcome: 'failed', reason: describe(error) }
      : skip !== undefined || todo !== undefined ? { name, outcome: 'skipped', reason: reasonOf(skip) ?? reasonOf(todo) ?? '' }
      : { name, outcome: 'passed', reason: '' };
    yield `${JSON.stringify(ended)}\n`;
  }
}

/** @param {unknown} mark */
const reasonOf = mark => typeof mark === 'string' ? mark : mark === undefined ? undefined : 'no reason given';

/** @param {Error} error */
const codeOf = error => 'failureType' in error ? error.failureType : undefined;

/** @param {Error} error */
function describe(error) {
  const cause = error.cause instanceof Error ? error.cause : error;
  return cause.stack ?? cause.message;
}
