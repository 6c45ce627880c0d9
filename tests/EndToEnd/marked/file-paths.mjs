// Secrets in files that cannot be used: lines that make no sense, caches that another program has
// left half written, values in the place of others.
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * @typedef {import('./service-paths.mjs').FailingPath & { says: RegExp, secrets: string }}
 * LocalPath `secrets`: what the sidecar has read when it says that
 */

const region = 'region = eu-central-1\n';
const role = 'role_arn = arn:aws:iam::111122223333:role/Deployer\n';

/**
 * Each profile is a whole one but for what is wrong with it.
 * @param {import('./marks.mjs').Marks} marks
 * @param {string} home
 * @returns {Promise<LocalPath[]>}
 */
export async function filePaths(marks, home) {
  /** @type {LocalPath[]} */
  const paths = [];
  const add = (/** @type {string} */ profile, /** @type {string} */ config, /** @type {RegExp} */ says, more = '') => {
    paths.push({ profile, config: `[profile ${profile}]\n${region}${config}`, says, secrets: config + more });
  };
  const key = (/** @type {string} */ of) => marks.key(`${of} key`);

  // Lines.
  add('no-equals', `aws_access_key_id = AKID\naws_secret_access_key ${key('no-equals')}\n`, /a line that isn't a section/);
  add(
    'no-equals-token',
    `aws_session_token ${marks.token('no-equals-token')}==\naws_session_token ${marks.token('no-equals-token')}==\n`,
    /has no credentials/,
  );
  add('wrapped', `aws_access_key_id = AKID\naws_secret_access_key =\n${key('wrapped')}\n`, /a line that isn't a section/);
  add('indented', `role_arn = arn:aws:iam::1:role/R\n  aws_secret_access_key = ${key('indented')}\n`, /continues on the next line/);
  add('nested', `s3 =\n  secret ${key('nested')}\naws_access_key_id = AKID\n`, /has no \W*=/);
  add('in-region', '', /region of the profile .* isn't a valid AWS region/);
  const inRegion = paths.at(-1);
  if (inRegion !== undefined)
    [inRegion.config, inRegion.secrets] = [
      `[profile in-region]\nregion = ${key('in-region')}\naws_access_key_id = AKID\naws_secret_access_key = s\n`,
      key('in-region'),
    ];

  // Values in the place of others.
  add('in-source', `${role}source_profile = ${key('in-source')}\n`, /has the source_profile/);
  add('in-credential-source', `${role}credential_source = ${key('in-credential-source')}\n`, /credential_source must be/);
  add('in-sso-session', `sso_session = ${key('in-sso-session')}\nsso_account_id = 1\nsso_role_name = R\n`, /sso-session/);
  add(
    'in-sso-region',
    `sso_start_url = https://acme.awsapps.com/start\nsso_region = ${key('in-sso-region')}\nsso_account_id = 1\nsso_role_name = R\n`,
    /sso_region of .* isn't a valid AWS region/,
  );
  add(
    'in-start-url',
    `sso_start_url = https://jane:${marks.word('in-start-url')}@acme.awsapps.com/start\nsso_region = eu-central-1\nsso_account_id = 1\nsso_role_name = R\n`,
    /start URL of .* must be/,
  );
  add('in-services', `services = ${key('in-services')}\naws_access_key_id = AKID\naws_secret_access_key = s\n`, /services section/);
  add(
    'in-endpoint',
    `endpoint_url = https://jane:${marks.word('in-endpoint')}@127.0.0.1/\naws_access_key_id = AKID\naws_secret_access_key = s\n`,
    /endpoint_url isn't a valid endpoint URL/,
  );
  add('in-token-file', `${role}web_identity_token_file = ${marks.jwt('in-token-file')}\n`, /token file .* can't be read/);
  add(
    'in-duration',
    `${role}source_profile = in-duration\nduration_seconds = 1\nexternal_id = ${key('in-duration')}\naws_access_key_id = AKID\naws_secret_access_key = s\n`,
    /duration_seconds must be/,
  );
  add(
    'in-bundle',
    `ca_bundle = ${key('in-bundle')}\naws_access_key_id = AKID\naws_secret_access_key = s\n`,
    /certificate bundle .* can't be read/,
  );
  add('half-keys', `aws_secret_access_key = ${key('half-keys')}\n`, /aws_access_key_id is missing/);

  // Files that the profile names.
  for (const [profile, text, says] of /** @type {const} */ ([
    ['bundle-of-key', pem('PRIVATE KEY', key('bundle-of-key')), /contains no PEM certificate/],
    [
      'bundle-broken',
      pem('PRIVATE KEY', key('bundle-broken')) + pem('CERTIFICATE', marks.key('bundle-broken certificate')),
      /contains an unreadable certificate/,
    ],
  ])) {
    await writeFile(join(home, profile), text);
    add(profile, `ca_bundle = ${home}/${profile}\naws_access_key_id = AKID\naws_secret_access_key = s\n`, says, text);
  }

  // Caches.
  const future = '2099-12-31T00:00:00Z';
  for (const [how, broken] of Object.entries({
    half: (/** @type {string} */ json) => json.slice(0, -20),
    other: (/** @type {string} */ json) => json.replace('"2099', '["2099').replace('00Z"', '00Z"]'),
    list: (/** @type {string} */ json) => `[${json}]`,
    not: (/** @type {string} */ json) => `x ${json}`,
  })) {
    const token = (/** @type {string} */ of) => marks.token(`cache ${how} ${of}`);
    const sso = `cache-sso-${how}`;
    const text = broken(
      JSON.stringify({
        startUrl: 'https://a.awsapps.com/start',
        region: 'eu-central-1',
        accessToken: token('sso access'),
        refreshToken: token('sso refresh'),
        clientId: 'c',
        clientSecret: token('sso client'),
        expiresAt: future,
      }),
    );
    await writeCache(home, 'sso', 'sha1', sso, text);
    add(
      sso,
      `sso_session = ${sso}\nsso_account_id = 1\nsso_role_name = R\n[sso-session ${sso}]\nsso_start_url = https://a.awsapps.com/start\nsso_region = eu-central-1\n`,
      /not signed in/,
      text,
    );

    const login = `cache-login-${how}`;
    const loginText = broken(
      JSON.stringify({
        refreshToken: token('login refresh'),
        dpopKey: token('login key'),
        clientId: 'c',
        accessToken: {
          accessKeyId: 'ASIA',
          secretAccessKey: token('login secret'),
          sessionToken: token('login session'),
          expiresAt: future,
        },
      }),
    );
    await writeCache(home, 'login', 'sha256', login, loginText);
    add(login, `login_session = ${login}\n`, /not signed in/, loginText);

    const arn = `arn:aws:iam::111122223333:role/${how}`;
    const roleText = broken(
      JSON.stringify({
        Credentials: {
          AccessKeyId: 'ASIA',
          SecretAccessKey: token('role secret'),
          SessionToken: token('role session'),
          Expiration: future,
        },
      }),
    );
    await writeCache(home, 'cli', 'sha1', `{"RoleArn": "${arn}"}`, roleText);
    add(
      `cache-role-${how}`,
      `role_arn = ${arn}\ncredential_source = Ec2InstanceMetadata\n`,
      /credential_source is Ec2InstanceMetadata/,
      roleText,
    );
  }

  await writeCache(
    home,
    'login',
    'sha256',
    'bad-key',
    JSON.stringify({
      accessToken: { accessKeyId: 'A', secretAccessKey: 's', sessionToken: 't', expiresAt: '2020-01-01T00:00:00Z' },
      clientId: 'c',
      refreshToken: marks.token('bad-key refresh'),
      dpopKey: pem('EC PRIVATE KEY', marks.key('bad-key')),
    }),
  );
  add(
    'bad-key',
    'login_session = bad-key\n',
    /sign-in of the profile .* has expired/,
    marks.token('bad-key refresh') + marks.key('bad-key'),
  );
  return paths;
}

/** What belongs to no profile: each line with what is said of it. @param {import('./marks.mjs').Marks} marks */
export function strayLines(marks) {
  const key = (/** @type {string} */ of) => marks.key(`stray ${of}`);
  return {
    config:
      `aws_secret_access_key = ${key('before all')}\n${key('before all, ends')}==\n[profile unclosed ${key('unclosed')}\n[profile${key('unclosed too')}\n${region}  [profile indented ${key('indented')}]\n[sso-session ${key('unclosed session')}\n[profile a b ${key('words')}]\n` +
      `[profile twice]\naws_secret_access_key = ${key('twice')}\naws_secret_access_key = ${key('twice')}\n[profile twice]\n\xff${key('undecodable')}\n`,
    credentials: `[${key('as a name')}\naws_access_key_id = A\n[dev aws_secret_access_key ${key('in a header')}\n[aws_secret_access_key = ${key('in brackets')}]\naws_session_token ${marks.token('stray token')}==\n= ${key('nameless')}\n`,
    says: [
      /a property before the first section/,
      /a section header without a closing bracket/,
      /name with an equals sign/,
      /with no name or several/,
      /an indented section header/,
      /a duplicate of the (section|property) on line \d+/,
      /isn't UTF-8/,
      /isn't a section, a property or a comment/,
    ],
  };
}

/** @param {string} home @param {string} folder @param {string} algorithm @param {string} name @param {string} text */
async function writeCache(home, folder, algorithm, name, text) {
  const file = join(home, '.aws', folder, 'cache', `${createHash(algorithm).update(name).digest('hex')}.json`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** @param {string} kind @param {string} text */
const pem = (kind, text) => `-----BEGIN ${kind}-----\n${text}\n-----END ${kind}-----\n`;
