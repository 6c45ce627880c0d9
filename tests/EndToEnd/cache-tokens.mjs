// IAM tokens of ElastiCache as somebody else signs them: what a server would compute to check one, and what one will be at another time.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html tells the way.
import { createHash, createHmac } from 'node:crypto';

/**
 * The same token, signed again for another time.
 * @param {string} token
 * @param {string} secretKey
 * @param {Date} [time] the token's own when it is left out
 */
export function signedAgain(token, secretKey, time) {
  const [host = '', query = ''] = token.split('/?');
  const pairs = query.split('&').map(pair => /** @type {[string, string]} */ (pair.split('=')));
  const at = time?.toISOString().replace(/[-:]|\.\d+/g, '') ?? valueOf(pairs, 'X-Amz-Date');
  const [, , region = '', service = '', end = ''] = decodeURIComponent(valueOf(pairs, 'X-Amz-Credential')).split('/');
  const scope = [at.slice(0, 8), region, service, end];
  const renewed = pairs.map(
    ([name, value]) =>
      /** @type {[string, string]} */ ([
        name,
        name === 'X-Amz-Date'
          ? at
          : name === 'X-Amz-Credential'
            ? encodeURIComponent([decodeURIComponent(value).split('/')[0], ...scope].join('/'))
            : value,
      ]),
  );
  const canonical = [
    'GET',
    '/',
    renewed
      .filter(([name]) => name !== 'X-Amz-Signature')
      .map(pair => pair.join('='))
      .sort()
      .join('&'),
    `host:${host}\n`,
    'host',
    hash(''),
  ].join('\n');
  const key = scope.reduce((/** @type {string | Buffer} */ secret, part) => hmac(secret, part).digest(), `AWS4${secretKey}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', at, scope.join('/'), hash(canonical)].join('\n')).digest('hex');
  return `${host}/?${renewed.map(([name, value]) => `${name}=${name === 'X-Amz-Signature' ? signature : value}`).join('&')}`;
}

/** @param {[string, string][]} pairs @param {string} name */
const valueOf = (pairs, name) => pairs.find(([each]) => each === name)?.[1] ?? '';
/** @param {string} text */
const hash = text => createHash('sha256').update(text).digest('hex');
/** @param {string | Buffer} key @param {string} text */
const hmac = (key, text) => createHmac('sha256', key).update(text);
