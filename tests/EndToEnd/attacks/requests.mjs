// Requests with right names and anything in them.
const methods = [
  'tunnel/open',
  'tunnel/open',
  'tunnel/close',
  'tunnel/warmUp',
  'tunnel/list',
  'tunnel/check',
  'database/list',
  'profile/list',
  'profile/create',
  'password/createIamToken',
  'password/listSecrets',
  'password/readSecret',
  'sso/listAccounts',
  'sso/listRoles',
  'sso/signOut',
  'log/setLevel',
  'initialize',
  'no/such',
  '',
  '$/x',
];
const names = [
  'target',
  'host',
  'port',
  'localPort',
  'name',
  'region',
  'profile',
  'endpointUrl',
  'maxSessions',
  'openNow',
  'document',
  'reason',
  'login',
  'user',
  'secretId',
  'id',
  'scopes',
  'scope',
  'level',
  'progressToken',
  'session',
  'clientInfo',
  'protocolVersion',
  'engine',
  '__proto__',
  '\ud800',
  '',
];
const texts = [
  '',
  ' ',
  'x',
  'eu-central-1',
  'i-0123456789abcdef0',
  '127.0.0.1',
  '::1',
  'localhost',
  '../../etc/passwd',
  '\0',
  '\ud800',
  '\u202e',
  '[x](command:y)',
  '\u001b[31m',
  'a\nb=c',
  'x'.repeat(5_000),
  '-1',
  'null',
  '{}',
];
const numbers = [0, -1, 1, 22, 5432, 65_535, 65_536, 1e9, 2 ** 53, -(2 ** 53), 1.5, 1e308];

/** @param {() => number} next random @param {number} [depth] @returns {unknown} */
export function anything(next, depth = 0) {
  const of = (/** @type {unknown[]} */ all) => all[Math.floor(next() * all.length)];
  const kind = next();
  if (kind < 0.35) return of(texts);
  if (kind < 0.6) return of(numbers);
  if (kind < 0.8 || depth > 3) return of([null, true, false]);
  if (kind < 0.9) return Array.from({ length: Math.floor(next() * 4) }, () => anything(next, depth + 1));
  return Object.fromEntries(Array.from({ length: Math.floor(next() * 4) }, () => [of(names), anything(next, depth + 1)]));
}

/**
 * Mostly with fields that are known, so that some of it is taken.
 * @param {() => number} next
 * @param {string} endpointUrl the only AWS that a request may lead to
 * @returns {{ method: string, params: object }}
 */
export function request(next, endpointUrl) {
  const of = (/** @type {string[]} */ all) => all[Math.floor(next() * all.length)] ?? '';
  const fields = Object.fromEntries(Array.from({ length: Math.floor(next() * 8) }, () => [of(names), anything(next)]));
  const scope = { region: 'eu-central-1', endpointUrl };
  return {
    method: of(methods),
    params: {
      target: 'i-0123456789abcdef0',
      host: 'nowhere.internal',
      port: 5432,
      ...(next() < 0.5 ? { scopes: [scope] } : {}),
      ...fields,
      ...scope,
    },
  };
}
