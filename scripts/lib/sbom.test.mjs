import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bundledPackages, ofPackages } from './sbom.mjs';

const component = (/** @type {string} */ name) => ({ name, 'bom-ref': `${name}@1` });
const bom = {
  metadata: { component: component('rds-tunnel') },
  components: ['shipped', '@scope/shipped', 'tool'].map(component),
  dependencies: [
    { ref: 'rds-tunnel@1', dependsOn: ['shipped@1', 'tool@1'] },
    { ref: 'shipped@1' },
    { ref: 'tool@1', dependsOn: ['shipped@1'] },
  ],
};

describe('The bill of materials of the extension', () => {
  it('has what is in the bundles, and nothing that only builds or tests them', async () => {
    const bundled = await bundledPackages();
    assert.ok(bundled.has('vscode-jsonrpc'), [...bundled].join());
    assert.ok(!bundled.has('esbuild') && !bundled.has('typescript'));
    const own = ofPackages(bom, new Set(['shipped', '@scope/shipped']));
    assert.deepEqual(
      own.components.map(({ name }) => name),
      ['shipped', '@scope/shipped'],
    );
    assert.deepEqual(own.dependencies, [
      { ref: 'rds-tunnel@1', dependsOn: ['shipped@1'] },
      { ref: 'shipped@1', dependsOn: [] },
    ]);
  });

  it('is not written with a package missing', () => {
    assert.throws(() => ofPackages(bom, new Set(['shipped', 'unknown'])), /unknown/);
  });
});
