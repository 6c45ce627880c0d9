// Nothing that AWS's SDK can find by itself decides anything: every kind of profile works, by every
// command, beside lines and variables that the SDK refuses or would follow.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sidecarCommand } from '../../scripts/lib/paths.mjs';
import { run, start } from '../../scripts/lib/processes.mjs';
import { startEmulator } from './emulator.mjs';
import { databaseHost, temporaryFolder } from './peers.mjs';
import { allow } from './portal.mjs';
import { eventually, startEcho } from './ports.mjs';
import { startSidecar, withoutAws } from './sidecar.mjs';

/** What an SDK that reads the environment by itself refuses, or follows. */
const poison = Object.fromEntries(
  [
    'AWS_DEFAULTS_MODE',
    'AWS_RETRY_MODE',
    'AWS_MAX_ATTEMPTS',
    'AWS_SDK_UA_APP_ID',
    'AWS_REQUEST_CHECKSUM_CALCULATION',
    'AWS_RESPONSE_CHECKSUM_VALIDATION',
    'AWS_USE_FIPS_ENDPOINT',
    'AWS_USE_DUALSTACK_ENDPOINT',
    'AWS_STS_REGIONAL_ENDPOINTS',
    'AWS_ACCOUNT_ID_ENDPOINT_MODE',
    'AWS_AUTH_SCHEME_PREFERENCE',
    'AWS_SIGV4A_SIGNING_REGION_SET',
    'AWS_ENABLE_ENDPOINT_DISCOVERY',
    'AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES',
    'AWS_DISABLE_REQUEST_COMPRESSION',
    'AWS_EC2_METADATA_V1_DISABLED',
    'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
    'AWS_METADATA_SERVICE_TIMEOUT',
  ]
    .map(name => [name, 'x'])
    .concat([
      ['AWS_PROFILE', 'missing'],
      ['AWS_CSM_ENABLED', 'true'],
      ['AWS_ROLE_SESSION_NAME', 'not a name!'],
    ]),
);

const poisonedConfig = `aws_secret_access_key = before any section
[default]
region = us-gov-west-1
defaults_mode = bogus
retry_mode = bogus
max_attempts = many
use_fips_endpoint = true
use_dualstack_endpoint = true
endpoint_url = https://127.0.0.1:1/
ca_bundle = /nowhere.pem
sigv4a_signing_region_set = x
request_min_compression_size_bytes = x
[profile notes] # my notes
region = eu-west-1
[profile broken
region eu-west-1
[profile twice]
region = a
region = b
[profile twice]
`;
const poisonedCredentials = `[old]
aws_access_key_id = AKIAI44QH8DHBEXAMPLE
aws_secret_access_key je7MtGbClwBF
[default]
aws_access_key_id = AKIAI44QH8DHBEXAMPLE
aws_secret_access_key = another one
`;

const kinds = ['keys', 'process', 'role', 'chain', 'environment', 'web', 'sso', 'login', 'container'];

describe('Poisoned files and environment', { skip: process.platform === 'win32' ? 'the helper is a shell script' : false }, () => {
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {Awaited<ReturnType<typeof startEcho>>} */
  let echo;
  /** @type {import('node:http').Server} */
  let container;
  /** @type {NodeJS.ProcessEnv} */
  let env;
  /** @type {string} */
  let home;

  before(async () => {
    home = await temporaryFolder('poison');
    const authority = join(home, 'authority.pem');
    [emulator, echo] = await Promise.all([startEmulator({ unpaced: true, world: true, certificateAuthority: authority }), startEcho()]);
    const { AWS_ACCESS_KEY_ID: id = '', AWS_SECRET_ACCESS_KEY: secret = '' } = emulator.env;
    container = createServer((_, response) => {
      response.end(
        JSON.stringify({ AccessKeyId: id, SecretAccessKey: secret, Expiration: new Date(Date.now() + 3_600_000).toISOString() }),
      );
    });
    await new Promise(resolve => {
      container.listen(0, '127.0.0.1', () => {
        resolve(undefined);
      });
    });

    await mkdir(join(home, '.aws', 'login', 'cache'), { recursive: true });
    await writeFile(join(home, 'token'), 'token-of-the-cluster');
    await writeFile(
      join(home, 'helper'),
      `#!/bin/sh\necho '${JSON.stringify({ Version: 1, AccessKeyId: id, SecretAccessKey: secret })}'\n`,
      { mode: 0o755 },
    );
    const profile = (/** @type {string} */ name, /** @type {string} */ text) =>
      `[profile ${name}]\nregion = ${emulator.region}\nca_bundle = ${authority}\n${text}\n`;
    const role = 'role_arn = arn:aws:iam::111122223333:role/Deployer';
    const keys = `aws_access_key_id = ${id}\naws_secret_access_key = ${secret}`;
    await writeFile(
      join(home, '.aws', 'config'),
      poisonedConfig +
        profile('keys', '') +
        profile('process', `credential_process = ${home}/helper`) +
        profile('role', `${role}\nsource_profile = keys`) +
        profile('chain', `${role}\nsource_profile = role\nrole_session_name = chain`) +
        profile('environment', `${role}\ncredential_source = Environment\nrole_session_name = environment`) +
        profile('web', `role_arn = arn:aws:iam::111122223333:role/Web\nweb_identity_token_file = ${home}/token`) +
        profile('login', 'login_session = arn:aws:iam::111122223333:user/jane') +
        profile('container', `${role}\ncredential_source = EcsContainer\nrole_session_name = container`) +
        profile('sso', 'sso_session = acme\nsso_account_id = 111122223333\nsso_role_name = Developer') +
        '[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-central-1\nsso_registration_scopes = sso:account:access\n',
    );
    await writeFile(join(home, '.aws', 'credentials'), `${poisonedCredentials}[keys]\n${keys}\n`);
    env = {
      HOME: home,
      XDG_STATE_HOME: join(home, 'state'),
      HTTPS_PROXY: emulator.proxy,
      NO_PROXY: undefined,
      AWS_EC2_METADATA_DISABLED: 'true',
      ...poison,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (container.address()).port}/`,
    };
  });

  after(async () => {
    echo.stop();
    container.close();
    await emulator.stop();
  });

  /** Keys in the environment count for the profile that names them, and for no other. @param {string} kind */
  const environmentOf = kind => ({ ...withoutAws, ...env, ...(kind === 'environment' ? emulator.env : {}) });
  const where = () => ['--target', emulator.target, '--host', databaseHost, '--port', String(echo.port)];

  it('keep no kind of profile from working in the editor', async () => {
    const sidecar = await startSidecar({ ...env, ...emulator.env });
    const signedIn = sidecar.request('sso/signIn', { session: { profile: 'sso' }, flow: 'DeviceCode' });
    const asked = () => sidecar.progress.find(({ method }) => method === 'sso/signIn')?.value;
    assert.ok(await eventually(() => asked() !== undefined));
    await allow(asked().url, emulator.endpoint);
    await signedIn;
    for (const kind of kinds) {
      if (kind === 'login') await leaveLogin(home);
      const { id } = await sidecar.request('tunnel/open', {
        profile: kind,
        target: emulator.target,
        host: databaseHost,
        port: echo.port,
        openNow: true,
      });
      await sidecar.close(id);
    }
    assert.equal(await sidecar.shutdown(), 0);
  });

  for (const kind of kinds) {
    it(`keep the commands from no profile of the kind ${kind}`, async () => {
      const checked = await run(sidecarCommand.file, [...sidecarCommand.args, 'check', '--profile', kind, ...where()], {
        env: environmentOf(kind),
      });
      for (const step of ['Credentials', 'Identity', 'Target', 'Permission', 'Channel', 'Session'])
        assert.match(checked.tail.join('\n'), new RegExp(`^Passed {2}${step} `, 'm'));

      const opened = await start(sidecarCommand.file, [...sidecarCommand.args, 'open', '--open-now', '--profile', kind, ...where()], {
        env: environmentOf(kind),
        onLine: line => {
          if (line.startsWith('Listening on')) opened.child.kill('SIGINT');
        },
      });
      assert.equal((await opened.exited).code, 0, opened.tail.join('\n'));
      assert.match(opened.tail.join('\n'), /^\d\d:\d\d:\d\d Open$/m);
    });
  }

  it('lead no call to another host', async () => {
    const hosts = await emulator.proxiedHosts();
    for (const host of ['sts', 'ssm', 'ssmmessages']) assert.ok(hosts.includes(`${host}.eu-central-1.amazonaws.com`), hosts.join());
    assert.deepEqual(
      hosts.filter(host => !/^(?!.*fips)[a-z0-9.-]+\.eu-central-1\.amazonaws\.com$/.test(host)),
      [],
    );
  });
});

/** As after `aws login`, with keys that were given out to the profile `role`. @param {string} home */
async function leaveLogin(home) {
  const cache = join(home, '.aws', 'cli', 'cache');
  const [file = ''] = await readdir(cache);
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = JSON.parse(await readFile(join(cache, file), 'utf8')).Credentials;
  const name = createHash('sha256').update('arn:aws:iam::111122223333:user/jane').digest('hex');
  await writeFile(
    join(home, '.aws', 'login', 'cache', `${name}.json`),
    JSON.stringify({
      accessToken: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken, expiresAt: Expiration },
    }),
  );
}
