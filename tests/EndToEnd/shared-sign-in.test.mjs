// Several programs with one sign-in: sidecars of several windows and the AWS CLI renew it at the
// same moment. A refresh token is good for one use.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startEmulator } from './emulator.mjs';
import { findProgram, skipWithout, temporaryFolder } from './peers.mjs';
import { allow } from './portal.mjs';
import { eventually } from './ports.mjs';
import { ssoProfile } from './profiles.mjs';
import { startSidecar } from './sidecar.mjs';

const aws = findProgram('aws', ['/usr/bin', '/usr/local/bin']);
const run = promisify(execFile);
const session = { profile: 'dev' };

describe('One sign-in for several programs', () => {
  /** @type {string} */
  let home;
  /** @type {string} */
  let cache;
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {NodeJS.ProcessEnv} */
  let env;
  /** @type {Awaited<ReturnType<typeof startSidecar>>[]} */
  let sidecars;

  before(async () => {
    home = await temporaryFolder('shared');
    cache = join(home, '.aws', 'sso', 'cache');
    await mkdir(join(home, '.aws'));
    await writeFile(join(home, '.aws', 'config'), ssoProfile('dev'));
    const certificateAuthority = join(home, 'authority.pem');
    // Shorter than the time ahead of which it is renewed: each call renews it.
    emulator = await startEmulator({ world: true, certificateAuthority, accessTokenLifetimeSeconds: 600 });
    env = {
      HOME: home,
      PATH: process.env.PATH,
      AWS_PROFILE: 'dev',
      AWS_CA_BUNDLE: certificateAuthority,
      AWS_EC2_METADATA_DISABLED: 'true',
      HTTPS_PROXY: emulator.proxy,
      NO_PROXY: '127.0.0.1,localhost',
    };
    sidecars = await Promise.all([1, 2, 3, 4].map(() => startSidecar(env)));
    const [first] = sidecars;
    if (first === undefined) throw new Error('There is no sidecar.');
    const signedIn = first.request('sso/signIn', { session, flow: 'AuthorizationCode' });
    const asked = () => first.progress.find(({ method }) => method === 'sso/signIn')?.value.url;
    assert.ok(await eventually(() => asked() !== undefined));
    await allow(asked(), emulator.endpoint);
    assert.deepEqual((({ isSignedIn, isShared }) => [isSignedIn, isShared])(await signedIn), [true, undefined]);
  });

  after(async () => {
    for (const sidecar of sidecars) assert.equal(await sidecar.shutdown(), 0);
    await emulator.stop();
  });

  /** The file of the token, which then ends in this many minutes. @param {number} minutes */
  async function letTokenEndIn(minutes) {
    for (const name of await readdir(cache)) {
      const token = JSON.parse(await readFile(join(cache, name), 'utf8'));
      if (token.refreshToken === undefined) continue;
      token.expiresAt = new Date(Date.now() + minutes * 60_000).toISOString().replace(/\.\d+Z/, 'Z');
      await writeFile(join(cache, name), JSON.stringify(token));
      return token.refreshToken;
    }
    throw new Error('There is no token.');
  }

  const accounts = () =>
    Promise.all(sidecars.map(async sidecar => (await sidecar.request('sso/listAccounts', { session })).accounts.length));

  async function onlyTokensAreLeft() {
    for (const name of await readdir(cache)) {
      assert.match(name, /^[0-9a-f]{40}\.json$/);
      assert.equal((await stat(join(cache, name))).mode & 0o77, 0);
    }
  }

  it('is renewed by all sidecars at once, and all go on', async () => {
    for (let round = 0; round < 3; round++) {
      const before = await letTokenEndIn(-1);
      assert.deepEqual(await accounts(), [2, 2, 2, 2]);
      assert.notEqual(await letTokenEndIn(60), before);
    }
    await onlyTokensAreLeft();
  });

  it(
    'is renewed by the AWS CLI among them, and all go on',
    { skip: skipWithout(aws, 'the AWS CLI (aws; on Debian: apt-get install awscli)') },
    async () => {
      const call = () => run(String(aws), ['sts', 'get-caller-identity'], { env });
      for (let round = 0; round < 2; round++) {
        await rm(join(home, '.aws', 'cli', 'cache'), { recursive: true, force: true });
        const calls = [call(), call()];
        // The AWS CLI takes a while to start; they are asked until it is done.
        const done = new AbortController();
        const theirs = Promise.all(calls).finally(() => {
          done.abort();
        });
        theirs.catch(() => undefined);
        while (!done.signal.aborted) {
          assert.deepEqual(await accounts(), [2, 2, 2, 2]);
        }
        for (const { stdout } of await theirs) assert.match(stdout, /AWSReservedSSO_Developer_/);
      }
      await letTokenEndIn(-1);
      assert.deepEqual(await accounts(), [2, 2, 2, 2]);
      await rm(join(home, '.aws', 'cli', 'cache'), { recursive: true, force: true });
      assert.match((await call()).stdout, /AWSReservedSSO_Developer_/);
      await onlyTokensAreLeft();
    },
  );
});
