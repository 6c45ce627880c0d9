// Which of AWS's hosts a call goes to, STS's included: the AWS CLI's own library says it, and the
// local AWS, standing in AWS's place behind a proxy, sees where the sidecar goes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startEmulator } from './emulator.mjs';
import { skipWithout } from './peers.mjs';
import { startSidecar } from './sidecar.mjs';

const python = '/usr/bin/python3';
const library = '/usr/lib/python3/dist-packages/awscli/botocore';
const skip = skipWithout(existsSync(python) && existsSync(library) ? library : undefined, "Debian's AWS CLI (apt-get install awscli)");

const keys = 'aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n';
const base = `[profile base]\n${keys}`;
const arn = 'arn:aws:iam::111122223333:role/Deployer';
const role = `${base}[profile dev]\nrole_arn = ${arn}\nsource_profile = base\n`;

/**
 * A profile "dev", the region that is asked for, and the environment.
 * @type {Record<string, { config: string, region?: string, env?: NodeJS.ProcessEnv }>}
 */
const rows = {
  'the region of the profile': { config: `${role}region = eu-west-1\n` },
  'the region that is asked for': { config: `${role}region = eu-west-1\n`, region: 'eu-west-2' },
  'the region of the environment': { config: `${role}region = eu-west-1\n`, env: { AWS_REGION: 'eu-west-3' } },
  "a region of the United States' government": { config: role, region: 'us-gov-west-1' },
  'a region of China': { config: role, region: 'cn-north-1' },
  'a region that an account has to enable': { config: role, region: 'ap-east-1' },
  "the source's region does not count": {
    config: `[profile base]\nregion = us-west-2\n${keys}[profile dev]\nrole_arn = ${arn}\nsource_profile = base\n`,
    region: 'eu-west-1',
  },
  "FIPS in the role's profile": { config: `${role}region = us-east-1\nuse_fips_endpoint = true\n` },
  'FIPS in [default] while another profile is used': { config: `${role}region = eu-west-1\n[default]\nuse_fips_endpoint = true\n` },
  "FIPS in the source's profile": {
    config: `[profile base]\nuse_fips_endpoint = true\n${keys}[profile dev]\nrole_arn = ${arn}\nsource_profile = base\nregion = us-east-1\n`,
  },
  'FIPS in the environment': { config: `${role}region = us-east-1\n`, env: { AWS_USE_FIPS_ENDPOINT: 'true' } },
  'FIPS in upper case': { config: `${role}region = us-east-1\nuse_fips_endpoint = TRUE\n` },
  'FIPS with a word that is neither true nor false': { config: `${role}region = us-east-1\nuse_fips_endpoint = yes\n` },
  "the environment's FIPS goes before the profile's": {
    config: `${role}region = us-east-1\nuse_fips_endpoint = true\n`,
    env: { AWS_USE_FIPS_ENDPOINT: 'false' },
  },
  'STS of old': { config: `${role}region = eu-west-1\nsts_regional_endpoints = legacy\n` },
  'STS of old in the environment': { config: `${role}region = us-west-2\n`, env: { AWS_STS_REGIONAL_ENDPOINTS: 'legacy' } },
  'a chain of roles, FIPS at its end': {
    config: `${base}[profile first]\nrole_arn = ${arn}\nsource_profile = base\n[profile dev]\nrole_arn = ${arn}\nrole_session_name = second\nsource_profile = first\nregion = us-east-1\nuse_fips_endpoint = true\n`,
  },
  'a chain of roles, FIPS at its beginning': {
    config: `${base}[profile first]\nrole_arn = ${arn}\nsource_profile = base\nuse_fips_endpoint = true\nregion = us-west-2\n[profile dev]\nrole_arn = ${arn}\nrole_session_name = second\nsource_profile = first\nregion = us-east-1\n`,
  },
  'keys alone': { config: `[profile dev]\n${keys}`, region: 'eu-central-1' },
};

/**
 * A proxy before another one: it writes down which names it is asked for.
 * @param {string} address the other one's
 */
async function recordingProxy(address) {
  /** @type {string[]} */
  const asked = [];
  const { hostname, port } = new URL(address);
  const server = createServer(client => {
    const behind = connect(Number(port), hostname);
    client.once('data', first => {
      asked.push(/^CONNECT ([^:]+):/.exec(first.toString('latin1'))?.[1] ?? 'no CONNECT');
      behind.write(first);
      client.pipe(behind).pipe(client);
    });
    client.on('error', () => behind.destroy());
    behind.on('error', () => client.destroy());
  });
  await new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => {
      resolve(undefined);
    });
  });
  return {
    asked,
    address: `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`,
    stop: () => server.close(),
  };
}

describe('The hosts of AWS', { skip }, () => {
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {string} */
  let folder;
  /** @type {string} */
  let certificateAuthority;
  /** What the AWS CLI answers to each row. @type {Map<string, string[]>} */
  let theirs;

  /** @param {string} name */
  const homeOf = name => join(folder, name.replaceAll(/[^a-z]+/gi, '-'));

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rds-tunnel-hosts-'));
    certificateAuthority = join(folder, 'authority.pem');
    emulator = await startEmulator({ world: true, certificateAuthority });
    for (const [name, { config }] of Object.entries(rows)) {
      await mkdir(join(homeOf(name), '.aws'), { recursive: true });
      await writeFile(join(homeOf(name), '.aws', 'config'), config);
    }
    const questions = Object.entries(rows).map(([name, { region, env }]) =>
      JSON.stringify({ hosts: region ?? null, profile: 'dev', env: { HOME: homeOf(name), AWS_EC2_METADATA_DISABLED: 'true', ...env } }),
    );
    const answers = spawnSync(python, [fileURLToPath(new URL('../Aws.Tests/AwsCli/answers.py', import.meta.url))], {
      input: questions.join('\n'),
      encoding: 'utf8',
    });
    const lines = answers.stdout.trim().split('\n');
    assert.equal(lines.length, questions.length, answers.stderr);
    theirs = new Map(Object.keys(rows).map((name, i) => [name, JSON.parse(lines[i] ?? '')]));
  });

  after(async () => {
    await emulator.stop();
    await rm(folder, { recursive: true });
  });

  for (const [name, { region, env }] of Object.entries(rows)) {
    it(`are those of the AWS CLI: ${name}`, async () => {
      const proxy = await recordingProxy(emulator.proxy);
      const sidecar = await startSidecar({
        HOME: homeOf(name),
        HTTPS_PROXY: proxy.address,
        AWS_CA_BUNDLE: certificateAuthority,
        AWS_EC2_METADATA_DISABLED: 'true',
        NO_PROXY: '127.0.0.1,localhost',
        ...env,
      });
      await sidecar.request('database/list', { scopes: [{ profile: 'dev', ...(region === undefined ? {} : { region }) }] });
      assert.equal(await sidecar.shutdown(), 0);
      proxy.stop();
      assert.deepEqual([...new Set(proxy.asked)].filter(host => /^(sts|rds)\b/.test(host)).sort(), theirs.get(name));
    });
  }
});
