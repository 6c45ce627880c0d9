import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { nodeSuite, programSuite, testProjects } from './tests.mjs';

const silent = () => undefined;

describe('A suite of node', () => {
  let folder = '';

  before(async () => {
    folder = await mkdtemp(`${tmpdir()}/rds-tunnel-suites-`);
  });
  after(() => rm(folder, { recursive: true }));

  /** @param {string} tests */
  async function resultOf(tests) {
    const file = `${folder}/a.test.mjs`;
    await writeFile(file, `import { describe, it, after } from 'node:test';\n${tests}`);
    // A runner inside of a runner would speak to the outer one.
    return nodeSuite('scripts of a test', [file], { NODE_TEST_CONTEXT: undefined }).run(silent);
  }

  it('tells what passed, failed and was skipped, and why', async () => {
    const { passed, failed, skipped } = await resultOf(`
      it('a', () => {});
      describe('b', () => { it('c', () => { throw new Error('wrong'); }); it('d', { skip: 'no database' }, () => {}); });`);
    assert.equal(passed, 1);
    assert.deepEqual(
      failed.map(({ name }) => name),
      ['c'],
    );
    assert.match(String(failed[0]?.reason), /^Error: wrong\n +at .*a\.test\.mjs:/);
    assert.deepEqual(skipped, [{ name: 'd', reason: 'no database' }]);
  });

  it('fails when a file dies', async () => {
    const { failed } = await resultOf('it("a", () => { process.exit(3); });');
    assert.equal(failed.length, 1);
  });

  it('fails when only what comes after its tests fails', async () => {
    const { passed, failed } = await resultOf(
      'describe("a", () => { after(() => { throw new Error("not closed"); }); it("b", () => {}); });',
    );
    assert.equal(passed, 1);
    assert.match(String(failed[0]?.reason), /not closed/);
  });

  it('has no test in a file without one', async () => {
    assert.deepEqual(await resultOf(''), { passed: 0, failed: [], skipped: [] });
  });
});

describe('A suite of any program', () => {
  it('fails when it dies without a report, with its last words', async () => {
    const { failed } = await programSuite(
      'a program that dies',
      process.execPath,
      () => ['-e', 'console.log("out of memory"); process.kill(process.pid, "SIGKILL")'],
      {},
    ).run(silent);
    assert.deepEqual(failed, [{ name: 'a program that dies', reason: 'The test run ended with code 137.\nout of memory' }]);
  });
});

describe('The projects of .NET', () => {
  it('are found in the solution', () => {
    const solution =
      'Project("{X}") = "Rpc", "sidecar\\Rpc\\Rpc.csproj", "{Y}"\nEndProject\nProject("{X}") = "Rpc.Tests", "tests\\Rpc.Tests\\Rpc.Tests.csproj", "{Z}"\n';
    assert.deepEqual(testProjects(solution), ['Rpc.Tests']);
  });
});
