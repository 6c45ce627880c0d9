// Where calls go, whom they trust, and what is said when they fail: the whole sidecar by AWS's own
// names, with files and an environment that other programs would stumble over.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startEmulator } from './emulator.mjs';
import { databaseHost } from './peers.mjs';
import { allow } from './portal.mjs';
import { eventually } from './ports.mjs';
import { startSidecar } from './sidecar.mjs';

const base = '[profile base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n';
const role = 'role_arn = arn:aws:iam::111122223333:role/Deployer\nsource_profile = base\n';

/** What an SDK that reads the environment by itself refuses, or follows. */
const poison = {
  AWS_DEFAULTS_MODE: 'x',
  AWS_RETRY_MODE: 'x',
  AWS_MAX_ATTEMPTS: 'x',
  AWS_SDK_UA_APP_ID: 'x',
  AWS_CSM_ENABLED: 'true',
  AWS_REQUEST_CHECKSUM_CALCULATION: 'x',
};

describe('Settings of AWS', () => {
  /** @type {string} */
  let home;
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {string} */
  let authority;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'rds-tunnel-settings-'));
    await mkdir(join(home, '.aws'));
    authority = join(home, 'authority.pem');
    emulator = await startEmulator({ unpaced: true, world: true, certificateAuthority: authority });
  });

  after(async () => {
    await emulator.stop();
    await rm(home, { recursive: true });
  });

  /** @param {string} config @param {string} [credentials] */
  const write = async (config, credentials = '') => {
    await writeFile(join(home, '.aws', 'config'), config);
    await writeFile(join(home, '.aws', 'credentials'), credentials);
  };

  /** @param {NodeJS.ProcessEnv} [more] */
  const start = more =>
    startSidecar({ HOME: home, HTTPS_PROXY: emulator.proxy, NO_PROXY: undefined, AWS_EC2_METADATA_DISABLED: 'true', ...more });

  /**
   * What a search comes to, and the hosts that were asked of the proxy for the first time.
   * @param {string} profile @param {NodeJS.ProcessEnv} [more]
   */
  const search = async (profile, more) => {
    const before = new Set(await emulator.proxiedHosts());
    const sidecar = await start(more);
    const found = await sidecar.request('database/list', { scopes: [{ profile }] });
    const failure = sidecar.progress.find(({ value }) => value.failure !== undefined)?.value.failure;
    assert.equal(await sidecar.shutdown(), 0);
    return {
      found,
      failure,
      said: JSON.stringify([sidecar.logs, sidecar.notifications, sidecar.progress, sidecar.running.tail]),
      hosts: (await emulator.proxiedHosts()).filter(host => !before.has(host)),
    };
  };

  for (const [what, config, credentials] of [
    ['a comment after a section', `${base}[profile other] # my notes\nregion = eu-west-1\n`, ''],
    ['text after a bracket', `${base}[profile other] /* s3://bucket */\nregion = eu-west-1\n`, ''],
    ['another defaults_mode', `${base}[default]\ndefaults_mode = bogus\nuse_fips_endpoint = true\nretry_mode = bogus\n`, ''],
    [
      'a key without its equals sign',
      base,
      '[old]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\naws_secret_access_key je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY\n',
    ],
  ]) {
    it(`lets no other profile's file decide: ${what}`, async () => {
      await write(`${config}[profile dev]\nregion = eu-central-1\nca_bundle = ${authority}\n${role}`, credentials);
      const { found, said, hosts } = await search('dev', { ...poison, AWS_PROFILE: 'missing' });
      assert.equal(found.failures, 0, said);
      assert.equal(found.databases, 5);
      assert.ok(!said.includes('je7MtGbClwBF'), said);
      assert.ok(!hosts.some(host => host.includes('fips')), hosts.join());
    });
  }

  it('asks STS, too, at the FIPS endpoint of the profile that is used', async () => {
    await write(
      `${base}[profile dev]\nregion = us-east-1\nuse_fips_endpoint = true\nca_bundle = ${authority}\n${role}role_session_name = fips\n`,
    ); // which no cache knows
    const { hosts } = await search('dev');
    assert.ok(hosts.includes('sts-fips.us-east-1.amazonaws.com') && hosts.includes('rds-fips.us-east-1.amazonaws.com'), hosts.join());
  });

  it('trusts the authority of the profile from the sign-in to the data channel', async () => {
    await write(
      `[profile dev]\nsso_session = acme\nsso_account_id = 111122223333\nsso_role_name = Developer\nregion = eu-central-1\nca_bundle = ~/authority.pem\n` +
        '[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-central-1\nsso_registration_scopes = sso:account:access\n',
    );
    const sidecar = await start({ AWS_PROFILE: 'missing', AWS_USE_FIPS_ENDPOINT: 'false' });
    const signedIn = sidecar.request('sso/signIn', { session: { profile: 'dev' }, flow: 'DeviceCode' });
    const asked = () => sidecar.progress.find(({ method }) => method === 'sso/signIn')?.value;
    assert.ok(await eventually(() => asked() !== undefined));
    await allow(asked().url, emulator.endpoint);
    assert.equal((await signedIn).isSignedIn, true);
    const { id } = await sidecar.request('tunnel/open', {
      profile: 'dev',
      target: emulator.target,
      host: databaseHost,
      port: 5432,
      openNow: true,
    });
    await sidecar.close(id);
    assert.equal(await sidecar.shutdown(), 0);
    assert.ok((await emulator.proxiedHosts()).some(host => host.startsWith('ssmmessages')));
  });

  it('names the settings for an authority that is not trusted', async () => {
    await write(`${base}region = eu-central-1\n`);
    const { failure } = await search('base');
    assert.match(failure.message, /issuer isn't trusted.*AWS_CA_BUNDLE.*ca_bundle/);
  });

  it('reaches directly what NO_PROXY covers', async () => {
    await write(`${base}region = eu-west-3\nca_bundle = ${authority}\n`);
    for (const noProxy of ['amazonaws.com', '*', '*.amazonaws.com', 'eu-west-3.amazonaws.com:443']) {
      assert.deepEqual(
        (await search('base', { NO_PROXY: noProxy })).hosts.filter(host => host.endsWith('.amazonaws.com')),
        [],
        noProxy,
      );
    }

    assert.ok((await search('base', { NO_PROXY: 'example.com' })).hosts.includes('rds.eu-west-3.amazonaws.com'));
  });

  for (const [what, answer = ''] of [
    ['forbids', 'HTTP/1.1 403 Forbidden\r\n\r\n'],
    ['fails', 'HTTP/1.1 502 Bad Gateway\r\n\r\n'],
    ['wants another password', 'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n'],
    ['speaks something else', 'm4rked-garbage\r\n\r\n'],
    ['hangs up', ''],
  ]) {
    it(`tells no secret when the proxy ${what}`, async () => {
      await write(`${base}region = eu-central-1\n`);
      const proxy = createServer(socket => {
        socket.on('error', () => undefined);
        socket.once('data', () => {
          socket.end(answer);
        });
      });
      await new Promise(resolve => {
        proxy.listen(0, '127.0.0.1', () => {
          resolve(undefined);
        });
      });
      const { port } = /** @type {import('node:net').AddressInfo} */ (proxy.address());
      const sidecar = await start({ HTTPS_PROXY: `http://jane:m4rked-password@127.0.0.1:${port}` });
      await sidecar.request('log/setLevel', { level: 'Trace' });
      await sidecar.request('database/list', { scopes: [{ profile: 'base' }] });
      let refusal = '';
      await assert.rejects(
        sidecar.request('tunnel/open', { profile: 'base', target: emulator.target, host: databaseHost, port: 5432, openNow: true }),
        error => {
          refusal = JSON.stringify([/** @type {Error} */ (error).message, error]);
          return /proxy|HTTP|connection/i.test(refusal);
        },
      );
      assert.equal(await sidecar.shutdown(), 0);
      proxy.close();
      const said = JSON.stringify([sidecar.logs, sidecar.changes, sidecar.notifications, sidecar.progress, sidecar.running.tail, refusal]);
      for (const secret of ['m4rked', 'wJalrXUtnFEMI']) assert.ok(!said.includes(secret), said);
    });
  }
});
