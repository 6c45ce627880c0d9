// The action's second step: the user's script, with a tunnel. A program that tells how it was called stands for rds-tunnel.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { before, beforeEach, describe, it } from 'node:test';
import { root } from '../../scripts/lib/paths.mjs';
import { temporaryFolder } from '../EndToEnd/peers.mjs';

const skip = process.platform === 'win32' ? 'needs the tools of Unix' : false;
const none = { RUN: '', NAME: '', HOST: '', PORT: '', TARGET: '', REGION: '', OPTIONS: '' };

/** Writes its arguments and its environment, and runs what follows "--". */
const program = `#!/usr/bin/env bash
printf '%s\\0' "$@" >"$RECORD/arguments"
env -0 >"$RECORD/environment"
while [[ $1 != -- ]]; do shift; done
shift
DATABASE_URL=postgres://127.0.0.1:15432/orders exec "$@"
`;

describe('The action runs a script with a tunnel', { skip }, () => {
  let tools = '';
  let [record, temporary] = ['', ''];

  before(async () => {
    tools = await temporaryFolder('tools');
    await writeFile(`${tools}/rds-tunnel`, program);
    // Of Git's bash: the path that Windows knows the shell by.
    await writeFile(`${tools}/cygpath`, '#!/bin/sh\n[ "$1" = --windows ] && echo "$2" && echo called >"$RECORD/cygpath"\n');
    for (const name of await readdir(tools)) await chmod(`${tools}/${name}`, 0o755);
  });

  beforeEach(async () => {
    [record, temporary] = [await temporaryFolder('record'), await temporaryFolder('runner')];
  });

  /**
   * @param {Partial<typeof none>} inputs
   * @param {NodeJS.ProcessEnv} [env]
   * @returns {Promise<{ code: number, stdout: string, stderr: string, pid: number | undefined, called:
   * string[] | undefined }>} `called`: the arguments of rds-tunnel before "--"; undefined if it was not run
   */
  async function exec(inputs, env = {}) {
    const variables = Object.fromEntries(Object.entries({ ...none, ...inputs }).map(([name, value]) => [`INPUT_${name}`, value]));
    const ended = await new Promise(
      (/** @type {(ended: { code: number, stdout: string, stderr: string, pid: number | undefined }) => void} */ resolve) => {
        const { pid } = execFile(
          'bash',
          [`${root}scripts/action/exec.sh`],
          {
            cwd: temporary,
            env: {
              ...process.env,
              PATH: `${tools}:${process.env.PATH ?? ''}`,
              RUNNER_OS: 'Linux',
              RUNNER_TEMP: temporary,
              RECORD: record,
              ...variables,
              ...env,
            },
          },
          (error, stdout, stderr) => {
            resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr, pid });
          },
        );
      },
    );
    return { ...ended, called: (await recorded('arguments'))?.slice(0, -7) };
  }

  /** @param {string} what */
  const recorded = async what =>
    (await readdir(record)).includes(what) ? (await readFile(`${record}/${what}`, 'utf8')).split('\0').slice(0, -1) : undefined;

  it('which finds the variables of the database, and prints nothing else', async () => {
    const { code, stdout, stderr, called } = await exec({ NAME: 'orders', RUN: 'echo "$DATABASE_URL"' });
    assert.deepEqual(
      { code, stdout, stderr, called },
      { code: 0, stdout: 'postgres://127.0.0.1:15432/orders\n', stderr: '', called: ['exec', '--name=orders'] },
    );
  });

  it('with every input as one argument, even if it looks like shell code or an option', async () => {
    const marker = `${temporary}/ran`;
    const { code, called } = await exec({
      NAME: `the "big" one's $(touch ${marker}) \`touch ${marker}\`; touch ${marker}`,
      HOST: '-h',
      PORT: '5432',
      TARGET: 'ecs:cluster/service',
      REGION: 'eu-central-1\n--help',
      RUN: 'true',
    });
    assert.equal(code, 0);
    assert.deepEqual(called, [
      'exec',
      `--name=the "big" one's $(touch ${marker}) \`touch ${marker}\`; touch ${marker}`,
      '--host=-h',
      '--port=5432',
      '--target=ecs:cluster/service',
      '--region=eu-central-1\n--help',
    ]);
    assert.ok(!(await readdir(temporary)).includes('ran'));
  });

  it('with an option from each line, and its value as it is written', async () => {
    const { called } = await exec({
      NAME: 'orders',
      RUN: 'true',
      OPTIONS:
        '--login iam\n\n  --user   app user\n--env MY_URL=jdbc:{url}?a=b "c" \'d\' $HOME *\n--secret-id=/prod/orders db\n--compress\n--reason -x --y\n--env=A==b  \n',
    });
    assert.deepEqual(called, [
      'exec',
      '--name=orders',
      '--login=iam',
      '--user=app user',
      '--env=MY_URL=jdbc:{url}?a=b "c" \'d\' $HOME *',
      '--secret-id=/prod/orders db',
      '--compress',
      '--reason=-x --y',
      '--env=A==b',
    ]);
  });

  it("unless a line isn't an option", async () => {
    for (const wrong of ['--', 'login iam', '-x', '--login iam\n-- rm -rf /', '@file', '--Login iam', '--login\u{1}iam']) {
      const { code, stdout, called } = await exec({ NAME: 'orders', RUN: 'true', OPTIONS: wrong });
      assert.deepEqual([code, called], [1, undefined], wrong);
      assert.match(
        stdout,
        new RegExp(
          `^::error title=RDS Tunnel::Line ${wrong.split('\n').length} of the input "options" must be an option of rds-tunnel exec, such as: --login iam\n$`,
        ),
      );
    }
  });

  it('which stops at its first error, and hands on its exit code', async () => {
    const { code, stdout } = await exec({ NAME: 'orders', RUN: 'echo before\n(exit 7) | cat\necho after' });
    assert.deepEqual([code, stdout], [7, 'before\n']);
    assert.equal((await exec({ NAME: 'orders', RUN: 'exit 42' })).code, 42);
  });

  it("which may have many lines, quotes and other languages' letters", async () => {
    const { stdout } = await exec({
      NAME: 'orders',
      RUN: 'for word in "a b" \'c\'; do\n  echo "<$word>"\ndone\necho "Größe \\"$((1 + 1))\\"" # a comment',
    });
    assert.equal(stdout, '<a b>\n<c>\nGröße "2"\n');
  });

  it('which nobody else can read, neither in arguments nor in its file', async () => {
    const { stdout } = await exec({ NAME: 'orders', RUN: 'echo secret-marker >/dev/null; umask; echo "$0"' });
    const [mask, script = ''] = stdout.trim().split('\n');
    assert.equal((await stat(script)).mode & 0o777, 0o600);
    assert.equal(mask, execFileSync('bash', ['-c', 'umask'], { encoding: 'utf8' }).trim());
    assert.doesNotMatch(String(await recorded('arguments')), /secret-marker/);
    assert.doesNotMatch(String(await recorded('environment')), /secret-marker/);
  });

  it('which has the variables of its step, and not those of the action', async () => {
    const { stdout } = await exec({ NAME: 'orders', RUN: 'env' }, { PGPASSWORD: 'of the step', INPUT_OTHER: 'of the user' });
    assert.match(stdout, /^PGPASSWORD=of the step$/m);
    assert.deepEqual(stdout.match(/^INPUT_\w+=.*$/gm), ['INPUT_OTHER=of the user']);
  });

  it("on Windows with arguments that Git's bash doesn't rewrite, unlike those of the script's own programs", async () => {
    const { stdout, called } = await exec(
      { NAME: 'orders', OPTIONS: '--secret-id /prod/orders', RUN: '# a comment\necho "${MSYS2_ARG_CONV_EXCL-none}"' },
      { RUNNER_OS: 'Windows' },
    );
    assert.deepEqual([stdout, called], ['none\n', ['exec', '--name=orders', '--secret-id=/prod/orders']]);
    assert.ok((await recorded('environment'))?.includes('MSYS2_ARG_CONV_EXCL=*'));
    assert.ok((await readdir(record)).includes('cygpath'));
  });

  it('unless there is none, which is an error if a database is named', async () => {
    for (const inputs of [{ NAME: 'orders' }, { HOST: 'a.example.com', RUN: ' \n' }, { OPTIONS: '--login iam' }]) {
      const { code, stdout, called } = await exec(inputs);
      assert.deepEqual(
        [code, stdout, called],
        [1, '::error title=RDS Tunnel::The input "run" is missing: the script to run with the tunnel.\n', undefined],
      );
    }
    const { code, stdout, stderr, called } = await exec({});
    assert.deepEqual([code, stdout, stderr, called], [0, '', '', undefined]);
  });

  it('in the process that the runner started, so that it gets the signals of a job that is canceled', async () => {
    const { stdout, pid } = await exec({ NAME: 'orders', RUN: 'echo $$' });
    assert.equal(Number(stdout), pid);
  });
});
