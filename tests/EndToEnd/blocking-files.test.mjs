// Files that block or never end in the places where a profile's files are: their profile fails with words, and nobody else waits for them.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { sidecarCommand } from '../../scripts/lib/paths.mjs';
import { startEmulator } from './emulator.mjs';
import { databaseHost, temporaryFolder } from './peers.mjs';
import { startSidecar } from './sidecar.mjs';

const run = promisify(execFile);
const skip = process.platform === 'win32' ? 'Windows has no such files' : false;

describe('Files that block', { skip }, () => {
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {string} */
  let home;
  /** @type {NodeJS.ProcessEnv} */
  let env;

  before(async () => {
    emulator = await startEmulator({ world: true });
    home = await temporaryFolder('blocking');
    await mkdir(join(home, '.aws', 'sso', 'cache'), { recursive: true });
    for (const pipe of [
      'token',
      'bundle.pem',
      'config-pipe',
      'credentials-pipe',
      join('.aws', 'sso', 'cache', `${createHash('sha1').update('acme').digest('hex')}.json`),
    ])
      execFileSync('mkfifo', [join(home, pipe)]);
    await writeFile(
      join(home, '.aws', 'config'),
      `
[profile good]
aws_access_key_id = ${emulator.env.AWS_ACCESS_KEY_ID ?? ''}
aws_secret_access_key = ${emulator.env.AWS_SECRET_ACCESS_KEY ?? ''}
[sso-session acme]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-central-1
[profile sso]
sso_session = acme
sso_account_id = 111122223333
sso_role_name = Developer
[profile token]
role_arn = arn:aws:iam::111122223333:role/Web
web_identity_token_file = ${home}/token
[profile endless]
role_arn = arn:aws:iam::111122223333:role/Web
web_identity_token_file = /dev/zero
[profile bundle]
aws_access_key_id = ${emulator.env.AWS_ACCESS_KEY_ID ?? ''}
aws_secret_access_key = ${emulator.env.AWS_SECRET_ACCESS_KEY ?? ''}
ca_bundle = ${home}/bundle.pem
`,
    );
    env = { HOME: home, AWS_REGION: emulator.region, AWS_ENDPOINT_URL: emulator.endpoint };
  });

  after(() => emulator.stop());

  /** @param {Awaited<ReturnType<typeof startSidecar>>} sidecar @param {string} profile @param {string} [token] */
  const find = (sidecar, profile, token = profile) => sidecar.request('database/list', { progressToken: token, scopes: [{ profile }] });
  /** @param {Awaited<ReturnType<typeof startSidecar>>} sidecar @param {string} token */
  const failureOf = (sidecar, token) =>
    sidecar.progress.find(({ token: of, value }) => of === token && value.failure !== undefined)?.value.failure.message;

  it('hold up no other profile, and are named', async () => {
    const sidecar = await startSidecar(env);
    assert.deepEqual(await find(sidecar, 'good'), { databases: 5, failures: 0 });
    /** @type {string[]} */
    const ended = [];
    const blocked = ['token', 'endless', 'bundle', 'sso'].flatMap(profile =>
      [1, 2, 3, 4].map(async i => {
        const { databases } = await find(sidecar, profile, `${profile} ${i}`);
        assert.equal(databases, 0);
        ended.push(`${profile} ${i}`);
      }),
    );
    await sidecar.list();
    assert.deepEqual(await find(sidecar, 'good', 'meanwhile'), { databases: 5, failures: 0 });
    assert.ok(!ended.some(name => name.startsWith('token')), 'the other profile did not wait for the pipe');
    await Promise.all(blocked);
    assert.match(
      failureOf(sidecar, 'token 1'),
      /token file .*\/token of the profile "token" can't be read: reading it timed out after 2 s; it may be a pipe/,
    );
    assert.match(failureOf(sidecar, 'endless 1'), /\/dev\/zero .* can't be read: it is larger than 65536 bytes/);
    assert.match(failureOf(sidecar, 'sso 1'), /acme\.awsapps\.com/);
    assert.match(failureOf(sidecar, 'bundle 1'), /bundle\.pem .*can't be read: reading it timed out/);
    assert.equal(await sidecar.shutdown(), 0);
  });

  it('give a problem where they are the configuration itself, and work once something is written to them', async () => {
    const pipe = join(home, 'config-pipe');
    const sidecar = await startSidecar({ ...env, AWS_CONFIG_FILE: pipe, AWS_SHARED_CREDENTIALS_FILE: '/dev/null' });
    /** @type {string[]} */
    const ended = [];
    const profiles = sidecar.request('profile/list').then(list => {
      ended.push('profile/list');
      return list;
    });
    const open = sidecar.open({ target: emulator.target, host: databaseHost, port: 5432, openNow: true }).then(
      () => 'open',
      (/** @type {unknown} */ error) => {
        ended.push('tunnel/open');
        return String(error);
      },
    );
    await sidecar.list();
    assert.deepEqual(ended, []);
    assert.match((await profiles).problems[0].message, /config-pipe can't be read: reading it timed out/);
    assert.match(await open, /config-pipe can't be read|No AWS credentials/);

    await writeFile(pipe, '[profile late]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n');
    let late = await sidecar.request('profile/list');
    while (late.profiles.length === 0) late = await sidecar.request('profile/list');
    assert.deepEqual(
      late.profiles.map((/** @type {{ name: string }} */ { name }) => name),
      ['late'],
    );
    assert.equal(await sidecar.shutdown(), 0);
  });

  it('give a problem where they have no end', async () => {
    const sidecar = await startSidecar({ ...env, AWS_SHARED_CREDENTIALS_FILE: '/dev/zero' });
    const { problems, profiles } = await sidecar.request('profile/list');
    assert.match(problems[0].message, /\/dev\/zero can't be read: it is larger than/);
    assert.ok(
      profiles.some((/** @type {{ name: string }} */ { name }) => name === 'good'),
      'what the other file says is there',
    );
    assert.equal(await sidecar.shutdown(), 0);
  });

  it('are read as the AWS CLI reads them where a shell makes them', async () => {
    const configuration = `[profile inline]\naws_access_key_id = ${emulator.env.AWS_ACCESS_KEY_ID ?? ''}\naws_secret_access_key = ${emulator.env.AWS_SECRET_ACCESS_KEY ?? ''}`;
    const { stdout } = await run(
      'bash',
      [
        '-c',
        'AWS_CONFIG_FILE=<(printf "%s\\n" "$0") exec "$@" check --profile inline --target i-0123456789abcdef0 --port 1',
        configuration,
        sidecarCommand.file,
        ...sidecarCommand.args,
      ],
      { env: { ...process.env, ...env, AWS_SHARED_CREDENTIALS_FILE: '/dev/null' } },
    ).catch((/** @type {unknown} */ error) => /** @type {{ stdout: string }} */ (error));
    assert.match(stdout, /^Passed {2}Credentials/m);
  });
});
