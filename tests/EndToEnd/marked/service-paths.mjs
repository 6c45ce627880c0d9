// Every kind of secret that a call to AWS bears, and every way in which the call can fail.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { eventually } from '../ports.mjs';
import { failures } from './echoing-aws.mjs';
import { channelFailures, upgradeFailures } from './echoing-gateway.mjs';

/**
 * @typedef {object} FailingPath
 * @property {string} profile its name is the path's
 * @property {string} config what ~/.aws/config has of it
 * @property {string} [credentials] and ~/.aws/credentials
 * @property {(sidecar: import('./outputs.mjs').Serving, profile: string) => Promise<unknown>} [ask] in place of a check and a tunnel
 * @property {RegExp} [says] what shows that it was this path that failed
 * @property {boolean} [typed] by the commands, too
 */

const role = 'role_arn = arn:aws:iam::111122223333:role/Deployer\n';
const region = 'region = eu-central-1\n';

/** @param {import('./marks.mjs').Marks} marks @param {string} aws @param {string} home @returns {Promise<FailingPath[]>} */
export async function servicePaths(marks, aws, home) {
  /** @type {FailingPath[]} */
  const paths = [];
  const ways = Object.keys(failures);
  const keys = (/** @type {string} */ of) => {
    marks.link(`${of} session token`, `${of} secret access key`);
    return `aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = ${marks.key(`${of} secret access key`)}\naws_session_token = ${marks.token(`${of} session token`)}\n`;
  };
  const at = (/** @type {string} */ way) => `${region}endpoint_url = ${aws}/${way}\n`;
  const cached = async (
    /** @type {string} */ folder,
    /** @type {string} */ algorithm,
    /** @type {string} */ key,
    /** @type {object} */ value,
  ) => {
    const file = join(home, '.aws', folder, 'cache', `${createHash(algorithm).update(key).digest('hex')}.json`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(value));
  };
  const sso = (/** @type {string} */ profile) =>
    `[sso-session ${profile}]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-central-1\nsso_registration_scopes = sso:account:access\n` +
    `[profile ${profile}]\nsso_session = ${profile}\nsso_account_id = 111122223333\nsso_role_name = Developer\n`;
  const past = '2020-01-01T00:00:00Z';
  const future = '2099-12-31T00:00:00Z';
  const token = { startUrl: 'https://acme.awsapps.com/start', region: 'eu-central-1', registrationExpiresAt: future, clientId: 'client' };
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const dpopKey = privateKey.export({ type: 'sec1', format: 'pem' });
  marks.alias('DPoP key', String(dpopKey).split('\n')[1] ?? '');

  for (const [i, way] of ways.entries()) {
    // A command is a process of its own: each kind meets two of the ways.
    const typed = (/** @type {number} */ kind) => (i + kind) % 8 === 0;
    paths.push({ profile: `keys-${way}`, config: `[profile keys-${way}]\n${at(way)}${keys(`keys-${way}`)}`, typed: typed(0) });

    await cached('sso', 'sha1', `sso-${way}`, { ...token, accessToken: marks.token(`sso-${way} access token`), expiresAt: future });
    paths.push({
      profile: `sso-${way}`,
      config: `${sso(`sso-${way}`)}${at(way)}`,
      typed: typed(1),
      ask: async (sidecar, profile) => {
        await check(sidecar, profile);
        await tried(sidecar.request('sso/listAccounts', { session: { profile } }));
        await tried(sidecar.request('sso/signOut', { session: { profile } }));
      },
    });

    const renewal = `renewal-${way}`;
    await cached('sso', 'sha1', renewal, {
      ...token,
      accessToken: 'over',
      expiresAt: past,
      refreshToken: marks.token(`${renewal} refresh token`),
      clientSecret: marks.token(`${renewal} client secret`),
    });
    paths.push({ profile: renewal, config: `${sso(renewal)}${at(way)}`, typed: typed(2) });

    const assumed = `role-${way}`;
    paths.push({
      profile: assumed,
      config: `[profile ${assumed}]\n${at(way)}${role}source_profile = ${assumed}-base\nexternal_id = ${marks.key(`${assumed} external id`).replace(/\+/g, '.')}\n[profile ${assumed}-base]\n${keys(assumed)}`,
      typed: typed(3),
    });

    const web = `web-${way}`;
    await writeFile(join(home, web), marks.jwt(`${web} token`));
    paths.push({ profile: web, config: `[profile ${web}]\n${at(way)}${role}web_identity_token_file = ${home}/${web}\n`, typed: typed(4) });

    const login = `login-${way}`;
    await cached('login', 'sha256', login, {
      accessToken: { accessKeyId: 'ASIA', secretAccessKey: 'over', sessionToken: 'over', expiresAt: past },
      clientId: `way-${way}`,
      refreshToken: marks.token(`${login} refresh token`),
      dpopKey,
    });
    paths.push({ profile: login, config: `[profile ${login}]\n${at(way)}login_session = ${login}\n`, typed: typed(5) });

    for (const operation of ['GetSecretValue', 'StartSession', 'ResumeSession']) {
      const profile = `${operation}-${way}`;
      paths.push({
        profile,
        config: `[profile ${profile}]\n${at(`${operation}.${way}`)}${keys(profile)}`,
        ask: async sidecar => {
          if (operation === 'GetSecretValue')
            await tried(sidecar.request('password/readSecret', { scope: { profile }, secretId: 'rds!orders' }));
          else await open(sidecar, profile);
        },
      });
    }
  }

  for (const [how, flow] of [
    ...ways.flatMap(way => [`StartDeviceAuthorization.${way}`, `CreateToken.${way}`]).map(how => [how, 'DeviceCode']),
    ...ways.map(way => [`CreateToken.${way}`, 'AuthorizationCode']),
  ]) {
    const profile = `sign-in-${String(flow)}-${String(how)}`;
    paths.push({ profile, config: `${sso(profile)}${at(String(how))}`, ask: sidecar => signIn(sidecar, profile, String(flow), marks) });
  }

  for (const how of [
    ...Object.keys(channelFailures),
    ...Object.keys(upgradeFailures),
    'tokenless',
    'mistypedSession',
    'foreign',
    'credentialed',
    'schemed',
    'spaced',
  ]) {
    const profile = `channel-${how}`;
    paths.push({
      profile,
      config: `[profile ${profile}]\n${at(`Channel.${how}`)}${keys(profile)}`,
      ask: open,
      typed: ['closes', 'ends', 'forbidden', 'foreign'].includes(how),
    });
  }

  for (const way of ['denied', 'refused', 'named', 'cut', 'page']) {
    const profile = `mfa-${way}`;
    paths.push({
      profile,
      config: `[profile ${profile}]\n${at(`AssumeRole.${way}`)}${role}source_profile = ${profile}-base\nmfa_serial = arn:aws:iam::111122223333:mfa/jane\n[profile ${profile}-base]\n${keys(profile)}`,
      ask: check,
    });
  }

  return paths;
}

/** The code of a profile's multi-factor device. @param {import('./marks.mjs').Marks} marks */
export const codeOf = marks => (/** @type {string} */ profile) => marks.word(`${profile} code`);

const tunnel = { target: 'i-0123456789abcdef0', host: 'orders.cluster-abc123.eu-central-1.rds.amazonaws.com', port: 5432 };

/** What fails says so in its outputs, which are looked at. @param {Promise<unknown>} request */
export const tried = request => request.catch((/** @type {unknown} */ error) => ({ refused: String(error) }));

/** @param {import('./outputs.mjs').Serving} sidecar @param {string} [profile] the environment's when left out */
export const check = (sidecar, profile) =>
  tried(sidecar.request('tunnel/check', { tunnel: { ...tunnel, ...(profile === undefined ? {} : { profile }) } }));

/** @param {import('./outputs.mjs').Serving} sidecar @param {string} [profile] */
export async function open(sidecar, profile) {
  await tried(
    sidecar
      .request('tunnel/open', { ...tunnel, ...(profile === undefined ? {} : { profile }), openNow: true })
      .then(({ id }) => sidecar.close(id)),
  );
}

/**
 * @param {import('./outputs.mjs').Serving} sidecar
 * @param {string} profile
 * @param {string} flow
 * @param {import('./marks.mjs').Marks} marks
 */
async function signIn(sidecar, profile, flow, marks) {
  const signedIn = tried(sidecar.request('sso/signIn', { session: { profile }, flow, progressToken: profile }));
  const asked = () => sidecar.progress.find(({ token }) => token === profile)?.value.url;
  let isOver = /** @type {boolean} */ (false);
  void signedIn.then(() => {
    isOver = true;
  });
  await eventually(() => isOver || asked() !== undefined);
  if (flow === 'AuthorizationCode' && asked() !== undefined) {
    const { searchParams } = new URL(asked());
    await fetch(
      `${searchParams.get('redirect_uri') ?? ''}?code=${marks.word(`${profile} authorization code`)}&state=${searchParams.get('state') ?? ''}`,
    );
  }
  await signedIn;
}
