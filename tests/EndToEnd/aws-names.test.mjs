// The local AWS in AWS's place: programs that know of no endpoint override, behind a proxy with a password and an authority of its own.
// The AWS CLI and the sidecar use it side by side, and share one sign-in.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startEmulator } from './emulator.mjs';
import { databaseHost, findProgram, skipWithout } from './peers.mjs';
import { allow } from './portal.mjs';
import { connectAndEcho, eventually, hangMs, startEcho } from './ports.mjs';
import { ssoProfile } from './profiles.mjs';
import { startSidecar } from './sidecar.mjs';

const aws = findProgram('aws', ['/usr/bin', '/usr/local/bin']);
const skip = skipWithout(aws, 'the AWS CLI (aws; on Debian: apt-get install awscli)');
const run = promisify(execFile);

/** Of all files below a folder but the caches of the AWS CLI. @param {string} folder @returns {Promise<string[]>} */
async function contents(folder) {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    files
      .filter(file => file.isFile() && !file.parentPath.endsWith('/cache') && file.name !== 'plugin-arguments')
      .map(file => readFile(join(file.parentPath, file.name), 'utf8')),
  );
}

describe('AWS by its own names, through a proxy', { skip }, () => {
  /** @type {string} */
  let home;
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {NodeJS.ProcessEnv} */
  let env;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'rds-tunnel-names-'));
    // Two AWS CLIs that make this folder at the same moment fail.
    await mkdir(join(home, '.aws', 'cli', 'cache'), { recursive: true });
    await writeFile(join(home, '.aws', 'config'), ssoProfile('dev'));
    const certificateAuthority = join(home, 'authority.pem');
    emulator = await startEmulator({ unpaced: true, world: true, certificateAuthority, proxyCredentials: 'jane:s3cret' });
    env = {
      HOME: home,
      PATH: `${home}:${process.env.PATH ?? ''}`,
      AWS_PROFILE: 'dev',
      AWS_CA_BUNDLE: certificateAuthority,
      AWS_EC2_METADATA_DISABLED: 'true',
      HTTPS_PROXY: emulator.proxy.replace('://', '://jane:s3cret@'),
      NO_PROXY: '127.0.0.1,localhost',
    };
  });

  after(async () => {
    await emulator.stop();
    await rm(home, { recursive: true });
  });

  /** @param {string[]} args */
  const cli = async (...args) => (await run(String(aws), ['--output', 'json', ...args], { env, timeout: hangMs })).stdout;
  /** @param {string[]} args */
  const call = async (...args) => JSON.parse(await cli(...args));

  it('lets the AWS CLI sign in, and answers it', async () => {
    const login = execFile(String(aws), ['sso', 'login', '--no-browser'], { env });
    let said = '';
    login.stdout?.on('data', (/** @type {string} */ text) => {
      said += text;
    });
    assert.ok(await eventually(() => /user_code=\S+/.test(said)), said);
    await allow(String(/https:\S+user_code=\S+/.exec(said)), emulator.endpoint);
    await new Promise(resolve => {
      login.once('exit', resolve);
    });
    assert.equal(login.exitCode, 0, said);

    const [identity, instances, hosts, managed] = await Promise.all([
      call('sts', 'get-caller-identity'),
      call('rds', 'describe-db-instances'),
      call('ec2', 'describe-instances'),
      call('ssm', 'describe-instance-information'),
    ]);
    assert.match(identity.Arn, /assumed-role\/AWSReservedSSO_Developer_/);
    assert.equal(instances.DBInstances[0].DBInstanceIdentifier, 'legacy');
    assert.equal(hosts.Reservations[0].Instances[0].InstanceId, emulator.target);
    assert.equal(managed.InstanceInformationList[0].InstanceId, emulator.target);
  });

  it('starts a session for the AWS CLI, up to the start of its plugin', async () => {
    const plugin = join(home, 'session-manager-plugin');
    await writeFile(plugin, '#!/bin/sh\nprintf \'%s\\n\' "$@" > "$HOME/plugin-arguments"\n');
    await chmod(plugin, 0o755);
    await cli(
      'ssm',
      'start-session',
      '--target',
      emulator.target,
      '--document-name',
      'AWS-StartPortForwardingSessionToRemoteHost',
      '--parameters',
      JSON.stringify({ host: [databaseHost], portNumber: ['5432'], localPortNumber: ['15432'] }),
    );
    const [session = '', region] = (await readFile(join(home, 'plugin-arguments'), 'utf8')).split('\n');
    assert.equal(region, emulator.region);
    assert.match(JSON.parse(session).StreamUrl, /^wss:\/\/ssmmessages\.eu-central-1\.amazonaws\.com\/v1\/data-channel\//);
  });

  it('lets the sidecar work with the sign-in of the AWS CLI', async () => {
    const sidecar = await startSidecar(env);
    assert.deepEqual(await sidecar.request('database/list', { scopes: [{ profile: 'dev' }] }), { databases: 5, failures: 0 });
    await sidecar.request('log/setLevel', { level: 'Trace' });
    await sidecar.request('password/readSecret', { scope: { profile: 'dev' }, secretId: 'rds!cluster-orders' });
    const { token } = await sidecar.request('password/createIamToken', {
      scope: { profile: 'dev' },
      host: databaseHost,
      port: 5432,
      user: 'jane',
    });
    const echo = await startEcho();
    const { id, localPort } = await sidecar.open({ host: databaseHost, port: echo.port, openNow: true });
    (await connectAndEcho(localPort)).destroy();
    await sidecar.close(id);
    echo.stop();
    const commandLine = await readFile(`/proc/${sidecar.running.pid}/cmdline`, 'utf8').catch(() => '');
    assert.equal(await sidecar.shutdown(), 0);

    // What it printed, told and logged at the lowest level, and every file but the cache that it shares with the AWS CLI.
    const secrets = [...(await emulator.secrets()), token, 's3cret', 'correct horse battery'];
    assert.ok(secrets.length > 8, 'there were secrets to find');
    const written = [
      commandLine,
      JSON.stringify([sidecar.logs, sidecar.changes, sidecar.notifications, sidecar.progress]),
      ...sidecar.running.tail,
      ...(await contents(home)),
    ].join('\n');
    assert.deepEqual(
      secrets.filter(secret => written.includes(secret)),
      [],
    );
    for (const file of await readdir(join(home, '.aws', 'sso', 'cache'))) {
      assert.equal((await stat(join(home, '.aws', 'sso', 'cache', file))).mode & 0o77, 0, `${file} is its owner's alone`);
    }

    assert.ok(
      (await emulator.proxiedHosts()).includes('ssmmessages.eu-central-1.amazonaws.com'),
      'the data channel went through the proxy, too',
    );
  });

  it('lets the AWS CLI work with the sign-in of the sidecar', async () => {
    const sidecar = await startSidecar(env);
    // The CLI keeps a role's credentials apart from the sign-in.
    const forget = () => rm(join(home, '.aws', 'cli', 'cache'), { recursive: true, force: true });
    await sidecar.request('sso/signOut', { session: { profile: 'dev' } });
    await forget();
    await assert.rejects(cli('sts', 'get-caller-identity'), /Token for acme does not exist/);
    for (const flow of ['AuthorizationCode', 'DeviceCode']) {
      const seen = sidecar.progress.length;
      const signedIn = sidecar.request('sso/signIn', { session: { profile: 'dev' }, flow });
      const asked = () => sidecar.progress.slice(seen).find(({ method }) => method === 'sso/signIn')?.value;
      assert.ok(await eventually(() => asked() !== undefined));
      assert.match(
        asked().url,
        flow === 'DeviceCode'
          ? /^https:\/\/device\.sso\.eu-central-1\.amazonaws\.com\//
          : /^https:\/\/oidc\.eu-central-1\.amazonaws\.com\/authorize\?/,
      );
      await allow(asked().url, emulator.endpoint);
      assert.equal((await signedIn).isSignedIn, true);
      assert.match((await call('sts', 'get-caller-identity')).Arn, /Developer/);
      await sidecar.request('sso/signOut', { session: { profile: 'dev' } });
      await forget();
    }
    assert.equal(await sidecar.shutdown(), 0);
  });

  it('says what a wrong password for the proxy, and an unknown authority, look like', async () => {
    const keys = { ...env, AWS_PROFILE: undefined, ...emulator.env, AWS_REGION: emulator.region };
    for (const [wrong, words] of /** @type {[NodeJS.ProcessEnv, RegExp][]} */ ([
      [{ HTTPS_PROXY: emulator.proxy.replace('://', '://jane:wrong@') }, /proxy requires a user name and password/],
      [{ AWS_CA_BUNDLE: undefined }, /certificate/i],
      [{ AWS_CA_BUNDLE: join(home, 'nothing.pem') }, /AWS_CA_BUNDLE/],
    ])) {
      const sidecar = await startSidecar({ ...keys, ...wrong });
      await assert.rejects(sidecar.open({ target: emulator.target, host: databaseHost, port: 5432, openNow: true }), words);
      assert.ok(!JSON.stringify([sidecar.logs, sidecar.running.tail]).includes(':wrong@'), 'the password is in no log');
      assert.equal(await sidecar.shutdown(), 0);
    }
  });

  it("trusts whoever answers where the editor's user has said so, and warns of it", async () => {
    const sidecar = await startSidecar({
      ...env,
      AWS_PROFILE: undefined,
      ...emulator.env,
      AWS_REGION: emulator.region,
      AWS_CA_BUNDLE: undefined,
      RDS_TUNNEL_PROXY_STRICT_SSL: 'false',
    });
    await sidecar.open({ target: emulator.target, host: databaseHost, port: 5432, openNow: true });
    assert.deepEqual(await sidecar.request('database/list', { scopes: [{}] }), { databases: 5, failures: 0 });
    assert.ok(sidecar.logs.some(({ level, message }) => level === 'Warning' && message.startsWith('Certificate verification is off')));
    assert.equal(await sidecar.shutdown(), 0);
  });
});
