import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testProjects } from './dotnet-tests.mjs';
import { closingLine, table, total } from './suites.mjs';

const finding = { name: 'a', reason: 'b' };

describe('suites', () => {
  it('are added up', () => {
    const results = [
      { name: 'one', ms: 1, passed: 3, failed: [finding], skipped: [] },
      { name: 'two', ms: 1, passed: 4, failed: [], skipped: [finding, finding] },
    ];
    assert.equal(closingLine(total(results)), '7 passed, 1 failed, 2 skipped');
  });

  it('are shown in columns, numbers to the right', () => {
    assert.deepEqual(table([['Suite', 'n'], ['Rpc', '1200']]), ['Suite     n', 'Rpc    1200']);
  });

  it('are found in the solution', () => {
    const solution = 'Project("{X}") = "Rpc", "sidecar\\Rpc\\Rpc.csproj", "{Y}"\nEndProject\nProject("{X}") = "Rpc.Tests", "tests\\Rpc.Tests\\Rpc.Tests.csproj", "{Z}"\n';
    assert.deepEqual(testProjects(solution), ['Rpc.Tests']);
  });
});
