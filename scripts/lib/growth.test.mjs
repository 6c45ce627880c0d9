import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { growthPlot, growthTables } from '../../tests/Benchmarks/growth-report.mjs';

const growth = {
  measured: 'native: 2 cores',
  connections: [
    { connections: 0, residentMegabytes: 20 },
    { connections: 1_000, residentMegabytes: 52 },
  ],
  tunnels: [{ tunnels: 10, openMs: 1_234.5, residentMegabytes: undefined }],
  sizes: [
    { bytes: 1e3, ms: 1, cpuMs: 0.5 },
    { bytes: 1e9, ms: 9_000, cpuMs: 8_000 },
  ],
  distances: [
    { roundTripMs: 0, firstMs: 90, anotherMs: 20, connectionMs: 3 },
    { roundTripMs: 100, firstMs: 600, anotherMs: 320, connectionMs: 103 },
    { roundTripMs: 400, firstMs: 2_100, anotherMs: 1_220, connectionMs: 403 },
  ],
};

describe('The report of what grows', () => {
  const text = growthTables(growth).join('\n');

  it('says what a connection holds', () => {
    assert.match(text, /Each of the 1,000 holds 32 kB\./);
  });

  it('counts round trips by the difference of two distances', () => {
    assert.match(text, /\| Round trips \| 5 \| 3 \| 1 \|/);
  });

  it('has no number for what was not measured', () => {
    assert.match(text, /\| 10 \| 1,230 \| – \|/);
  });

  it('shows processor time by bytes too', () => {
    assert.match(text, /\| 1 GB \| 9,000 \| 8,000 \| 8 \|/);
  });

  it('plots each size between the marks that are next to it', () => {
    const points = [...growthPlot(growth).matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)]);
    // From 1 kB to 1 GB, and from 0.1 ms to 10,000 ms.
    assert.deepEqual(points, [
      [80, 280 - 200 * (0.69897 / 5)].map(value => Number(value.toFixed(1))),
      [560, 280 - 200 * (4.90309 / 5)].map(value => Number(value.toFixed(1))),
    ]);
  });
});
