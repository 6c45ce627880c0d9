import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { compare, regressions, valuesOf, withTable } from '../../tests/Benchmarks/comparison.mjs';
import { Results } from '../../tests/Benchmarks/results.mjs';
import { root } from './paths.mjs';

const speed = { unit: 'MB/s', digits: 2 };
const download = "download, unpaced, 1 : a relay's";
const idle = 'MB resident, idle';
const before = { [download]: 0.5, [idle]: 20 };

/** @param {number[]} ours @param {number[]} relay */
function results(ours, relay) {
  const all = new Results();
  for (const value of ours) all.add('download, unpaced, 1', speed, 'ours', value);
  for (const value of relay) all.add('download, unpaced, 1', speed, 'relay', value);
  return all;
}

describe('The comparison with a baseline', () => {
  it('is of medians, relative to what the same run measured for the reference', () => {
    assert.deepEqual(valuesOf(results([40, 50, 1_000], [100, 90, 200])), { [download]: 0.5 });
  });

  it('leaves out what was not measured, instead of taking it for nothing', () => {
    assert.deepEqual(valuesOf(results([50], [])), {});
    assert.deepEqual(valuesOf(results([50], [0])), {});
  });

  it('is the same on a machine that is three times as fast', () => {
    const [slow, fast] = [valuesOf(results([30, 31, 32], [60, 61, 62])), valuesOf(results([90, 93, 96], [180, 183, 186]))];
    assert.deepEqual(regressions(compare(fast, slow), 5), []);
  });

  it('finds what is more than 30 % worse, whichever way is better', () => {
    assert.deepEqual(
      regressions(compare({ [download]: 0.38, [idle]: 26.1 }, before), 5).map(({ name }) => name),
      [download, idle],
    );
    assert.deepEqual(regressions(compare({ [download]: 0.39, [idle]: 25.9 }, before), 5), []);
  });

  it('does not judge by fewer than five runs', () => {
    assert.deepEqual(regressions(compare({ [download]: 0.1 }, before), 4), []);
  });

  it('says what is better, new, or missing', () => {
    assert.deepEqual(
      compare({ [download]: 0.9, 'MB resident, 10 tunnels open': 39 }, before).map(({ verdict }) => verdict),
      ['better', 'not measured', 'new'],
    );
  });
});

describe('The table of ratios', () => {
  const document = 'before\n<!-- generated: ratios -->\nold\n<!-- end -->\nafter\n';

  it('stands between its markers, with all programs', () => {
    assert.equal(
      withTable(document, {
        native: { measured: '2 cores', values: before },
        readytorun: { measured: '2 cores', values: { [idle]: 35.25 } },
      }),
      'before\n<!-- generated: ratios -->\n- native: 2 cores\n- readytorun: 2 cores\n\n' +
        `| Ratio | native | readytorun | Better |\n| --- | ---: | ---: | --- |\n| ${download} | 0.500 | – | more |\n| ${idle} | 20.0 | 35.3 | less |\n` +
        '<!-- end -->\nafter\n',
    );
  });

  it('is not put into a document without markers', () => {
    assert.throws(() => withTable('before', {}), /no <!-- generated: ratios -->/);
  });

  it("is the stored baseline's", async () => {
    const text = await readFile(`${root}docs/benchmarks.md`, 'utf8');
    const baselines = /** @type {unknown} */ (JSON.parse(await readFile(`${root}tests/Benchmarks/baseline.json`, 'utf8')));
    assert.equal(
      withTable(text, /** @type {Record<string, import('../../tests/Benchmarks/comparison.mjs').Baseline>} */ (baselines)),
      text,
    );
  });
});
