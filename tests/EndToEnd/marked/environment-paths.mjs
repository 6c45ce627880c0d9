// Secrets in the environment: proxies with a password, a container's token, keys, and what stands
// in the wrong variable. Each is a process of its own.
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../peers.mjs';
import { failures } from './echoing-aws.mjs';

/** @typedef {{ name: string, env: NodeJS.ProcessEnv, says: RegExp }} EnvironmentPath */

/**
 * What a proxy answers to whoever has given the password.
 * @type {Record<string, (said: string, socket: import('node:net').Socket) => unknown>}
 */
const proxies = {
  forbids: (said, socket) => socket.end(`HTTP/1.1 403 ${said.slice(0, 300)}\r\nContent-Length: ${said.length}\r\n\r\n${said}`),
  fails: (said, socket) => socket.end(`HTTP/1.1 502 ${said.slice(0, 300)}\r\nX-Said: ${said.slice(0, 300)}\r\nContent-Length: 0\r\n\r\n`),
  asksAgain: (said, socket) =>
    socket.end(
      `HTTP/1.1 407 ${said.slice(0, 300)}\r\nProxy-Authenticate: Basic realm="${said.slice(0, 300)}"\r\nContent-Length: 0\r\n\r\n`,
    ),
  garbage: (said, socket) => socket.end(`${said}\r\n\r\n`),
  hangsUp: (_, socket) => socket.destroy(),
  answersItself: (said, socket) => socket.end(`HTTP/1.1 200 OK\r\n\r\n${said}`),
};

/** @param {import('./marks.mjs').Marks} marks @param {string} aws @param {string} home */
export async function environmentPaths(marks, aws, home) {
  /** @type {EnvironmentPath[]} */
  const paths = [];
  /** @type {import('node:net').Server[]} */
  const servers = [];
  const base = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'AKID' };
  const keys = (/** @type {string} */ of) => ({
    ...base,
    AWS_SECRET_ACCESS_KEY: marks.key(`${of} secret access key`),
    AWS_SESSION_TOKEN: marks.token(`${of} session token`),
  });
  const add = (/** @type {string} */ name, /** @type {NodeJS.ProcessEnv} */ env, /** @type {RegExp} */ says) => {
    paths.push({ name, env, says });
  };

  const password = (/** @type {string} */ of) => {
    const word = marks.word(of);
    marks.alias(of, Buffer.from(`jane:${word}`).toString('base64'));
    return word;
  };
  for (const [how, fail] of Object.entries(proxies)) {
    const server = createServer(socket => {
      socket.on('error', () => undefined);
      socket.on('data', (/** @type {Buffer} */ bytes) => {
        const said = bytes.toString().replace(/[^ -~]+/g, ' ');
        if (/proxy-authorization: basic/i.test(said)) fail(`${marks.see(said).join(' ')} ${said}`, socket);
        else socket.write('HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n');
      });
    });
    await new Promise(resolve => {
      server.listen(0, '127.0.0.1', () => {
        resolve(undefined);
      });
    });
    servers.push(server);
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    add(
      `proxy ${how}`,
      { ...keys(`proxy ${how}`), HTTPS_PROXY: `http://jane:${password(`proxy ${how} password`)}@127.0.0.1:${port}` },
      /proxy|connection/i,
    );
    add(
      `socks ${how}`,
      { ...keys(`socks ${how}`), ALL_PROXY: `socks5://jane:${password(`socks ${how} password`)}@127.0.0.1:${port}` },
      /proxy|connection|response/i,
    );
  }

  for (const [how, url] of Object.entries({
    gone: (/** @type {string} */ word) => `http://jane:${word}@127.0.0.1:0`,
    nowhere: (/** @type {string} */ word) => `http://jane:${word}@no-such-host.invalid:3128`,
    portless: (/** @type {string} */ word) => `http://jane:${word}@127.0.0.1:x/`,
    ftp: (/** @type {string} */ word) => `ftp://jane:${word}@127.0.0.1`,
    path: (/** @type {string} */ word) => `http://jane:${word}@127.0.0.1/a b`,
    scheme: (/** @type {string} */ word) => `${word}://127.0.0.1`,
    bare: (/** @type {string} */ word) => `jane:${word}@`,
  })) {
    add(
      `proxy ${how}`,
      { ...keys(`proxy ${how}`), https_proxy: url(marks.word(`proxy ${how} password`)).replace(':0', `:${await freePort()}`) },
      how === 'gone' ? /refused/ : how === 'nowhere' ? /Couldn't resolve|did not answer/ : /https_proxy isn't a proxy address/,
    );
  }

  for (const way of Object.keys(failures)) {
    const container = `container ${way}`;
    add(
      container,
      {
        ...base,
        AWS_ACCESS_KEY_ID: undefined,
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws}/${way}/container`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: marks.token(`${container} token`),
      },
      /The container provides no credentials/,
    );
  }

  await writeFile(join(home, 'container-token'), marks.token('container token of a file'));
  await writeFile(join(home, 'container-lines'), `${marks.key('container lines')}\n${marks.key('container lines too')}`);
  await writeFile(join(home, 'key.pem'), `-----BEGIN PRIVATE KEY-----\n${marks.key('key of a bundle')}\n-----END PRIVATE KEY-----\n`);
  const container = { ...base, AWS_ACCESS_KEY_ID: undefined, AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws}/denied/container` };
  add(
    'container file',
    { ...container, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(home, 'container-token') },
    /The container provides no credentials/,
  );
  add('container lines', { ...container, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(home, 'container-lines') }, /more than one line/);
  add(
    'container token in place of a file',
    { ...container, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: marks.key('container token in place of a file') },
    /token file .* can't be read/,
  );
  add(
    'container address',
    { ...container, AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://jane:${marks.word('container address')}@10.0.0.1/` },
    /isn't allowed as a source of credentials/,
  );
  add(
    'instance address',
    {
      ...base,
      AWS_ACCESS_KEY_ID: undefined,
      AWS_EC2_METADATA_DISABLED: undefined,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: `ftp://jane:${marks.word('instance address')}@127.0.0.1/`,
    },
    /isn't an http URL/,
  );
  add(
    'endpoint',
    { ...keys('endpoint'), AWS_ENDPOINT_URL: `https://jane:${marks.word('endpoint password')}@127.0.0.1/` },
    /AWS_ENDPOINT_URL isn't a valid endpoint URL/,
  );
  add(
    'endpoint query',
    { ...keys('endpoint query'), AWS_ENDPOINT_URL: `https://127.0.0.1/?token=${marks.word('endpoint query token')}` },
    /AWS_ENDPOINT_URL isn't a valid endpoint URL/,
  );
  add('region', { ...keys('region'), AWS_REGION: marks.key('region itself') }, /AWS_REGION isn't a valid AWS region/);
  add('profile', { ...base, AWS_ACCESS_KEY_ID: undefined, AWS_PROFILE: marks.key('profile itself') }, /There is no profile/);
  add('bundle', { ...keys('bundle'), AWS_CA_BUNDLE: join(home, 'key.pem') }, /contains no PEM certificate/);
  add(
    'bundle in place of a file',
    { ...keys('bundle in place'), AWS_CA_BUNDLE: marks.key('bundle in place of a file') },
    /certificate bundle .* can't be read/,
  );
  add(
    'token in place of a file',
    {
      ...base,
      AWS_ACCESS_KEY_ID: undefined,
      AWS_ROLE_ARN: 'arn:aws:iam::1:role/R',
      AWS_WEB_IDENTITY_TOKEN_FILE: marks.jwt('token in place of a file'),
    },
    /token file .* can't be read/,
  );
  add('half of the keys', { ...base, AWS_SESSION_TOKEN: marks.token('half of the keys') }, /no AWS_SECRET_ACCESS_KEY/);
  add('keys', { ...keys('keys'), AWS_ENDPOINT_URL: `${aws}/signature` }, /rejected the signature/);
  return {
    paths,
    stop: () => {
      for (const server of servers) server.close();
    },
  };
}
