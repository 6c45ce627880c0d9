// StartSession at the local AWS, signed with SigV4: session-manager-plugin takes its answer as an argument.
import { createHash, createHmac } from 'node:crypto';

/**
 * @param {import('../EndToEnd/emulator.mjs').Emulator} emulator
 * @param {object} request
 * @returns {Promise<object>}
 */
export async function startSession(emulator, request) {
  const body = JSON.stringify(request);
  const url = new URL(emulator.endpoint);
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    host: url.host,
    'x-amz-date': time,
    'x-amz-target': 'AmazonSSM.StartSession',
  };
  const answer = await fetch(emulator.endpoint, {
    method: 'POST',
    body,
    headers: { ...headers, authorization: authorization(emulator, headers, body, time) },
  });
  if (!answer.ok) throw new Error(`StartSession was answered with ${answer.status}: ${await answer.text()}`);
  return /** @type {object} */ (await answer.json());
}

/**
 * @param {import('../EndToEnd/emulator.mjs').Emulator} emulator
 * @param {Record<string, string>} headers in the order of their names
 * @param {string} body
 * @param {string} time as in 20260102T030405Z
 */
function authorization({ region, env }, headers, body, time) {
  const signed = Object.keys(headers).join(';');
  const canonical = ['POST', '/', '', ...Object.entries(headers).map(([name, value]) => `${name}:${value}`), '', signed, sha256(body)].join(
    '\n',
  );
  const scope = [time.slice(0, 8), region, 'ssm', 'aws4_request'];
  const key = scope.reduce((secret, part) => hmac(secret, part).digest(), Buffer.from(`AWS4${env.AWS_SECRET_ACCESS_KEY ?? ''}`));
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n')).digest('hex');
  return `AWS4-HMAC-SHA256 Credential=${env.AWS_ACCESS_KEY_ID ?? ''}/${scope.join('/')}, SignedHeaders=${signed}, Signature=${signature}`;
}

/** @param {string} text */
const sha256 = text => createHash('sha256').update(text).digest('hex');

/** @param {Buffer} key @param {string} text */
const hmac = (key, text) => createHmac('sha256', key).update(text);
