// Several windows with one `aws login`: its sidecars renew it at the same moment, each refresh
// token is good for one use, and what the AWS CLI keeps in the file stays there.
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startEmulator } from './emulator.mjs';
import { temporaryFolder } from './peers.mjs';
import { startSidecar } from './sidecar.mjs';

const session = 'arn:aws:iam::111122223333:user/jane';

describe('One "aws login" for several programs', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  /** @type {string} */
  let cache;
  /** @type {string} */
  let file;
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {NodeJS.ProcessEnv} */
  let env;

  before(async () => {
    const home = await temporaryFolder('login');
    cache = join(home, '.aws', 'login', 'cache');
    file = join(cache, `${createHash('sha256').update(session).digest('hex')}.json`);
    await mkdir(cache, { recursive: true });
    await writeFile(join(home, '.aws', 'config'), `[profile dev]\nlogin_session = ${session}\nregion = eu-central-1\n`);
    emulator = await startEmulator({ world: true });
    env = {
      HOME: home,
      PATH: process.env.PATH,
      AWS_PROFILE: 'dev',
      AWS_ENDPOINT_URL: emulator.endpoint,
      AWS_EC2_METADATA_DISABLED: 'true',
    };
  });

  after(async () => {
    await emulator.stop();
  });

  /** @param {number} minutes */
  const inMinutes = minutes => new Date(Date.now() + minutes * 60_000).toISOString().replace(/\.\d+Z/, 'Z');

  const read = async () => JSON.parse(await readFile(file, 'utf8'));

  /** What the AWS CLI writes. @param {number} minutes after which its keys end */
  async function awsLogin(minutes) {
    const {
      keys: { accessKeyId, secretAccessKey, sessionToken },
      clientId,
      refreshToken,
    } = await emulator.logIn(publicKey.export({ format: 'jwk' }));
    await writeFile(
      file,
      JSON.stringify({
        accessToken: { accessKeyId, secretAccessKey, sessionToken, accountId: '111122223333', expiresAt: inMinutes(minutes) },
        tokenType: 'aws_sigv4',
        clientId,
        refreshToken,
        idToken: 'a.b.c',
        dpopKey: privateKey.export({ type: 'sec1', format: 'pem' }),
      }),
    );
  }

  /** Four windows begin at once; each needs keys. @returns how many of their questions failed */
  async function windows() {
    const sidecars = await Promise.all([1, 2, 3, 4].map(() => startSidecar(env)));
    const failures = await Promise.all(sidecars.map(async sidecar => (await sidecar.request('database/list', { scopes: [{}] })).failures));
    for (const sidecar of sidecars) assert.equal(await sidecar.shutdown(), 0);
    return failures;
  }

  it('is renewed by all sidecars at once, and all go on', async () => {
    await awsLogin(-1);
    for (let round = 0; round < 3; round++) {
      const before = await read();
      assert.deepEqual(await windows(), [0, 0, 0, 0]);
      const now = await read();
      assert.notEqual(now.refreshToken, before.refreshToken);
      assert.deepEqual([now.accessToken.accountId, now.idToken, now.dpopKey], ['111122223333', 'a.b.c', before.dpopKey]);
      now.accessToken.expiresAt = inMinutes(round === 0 ? 2 : -1);
      await writeFile(file, JSON.stringify(now));
    }
    for (const name of await readdir(cache)) {
      assert.match(name, /^[0-9a-f]{64}\.json$/);
      if (process.platform !== 'win32') assert.equal((await stat(join(cache, name))).mode & 0o77, 0);
    }
  });

  it('is taken up by all when somebody signs in again', async () => {
    await emulator.control('expire-sign-ins');
    await awsLogin(-1);
    assert.deepEqual(await windows(), [0, 0, 0, 0]);
  });
});
