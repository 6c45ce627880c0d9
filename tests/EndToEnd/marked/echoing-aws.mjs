// In AWS's place: a server that fails in every way there is, and repeats whatever it was told, beside a secret of its own.
// http://127.0.0.1:1/denied/… fails every call in that way,
// http://127.0.0.1:1/StartSession.denied/… that call alone; the others have good answers.
import { createServer } from 'node:http';
import { serveChannel } from './echoing-gateway.mjs';

/**
 * @typedef {object} Call
 * @property {string} operation
 * @property {boolean} isXml
 * @property {string} echo all that was sent, its secrets first
 * @property {string} secret the server's own
 */

/** The ways in which a call can fail. @type {Record<string, (call: Call, response: import('node:http').ServerResponse) => unknown>} */
export const failures = {
  denied: (call, response) => {
    refuse(call, response, 403, call.isXml ? 'AccessDenied' : 'AccessDeniedException', call.echo);
  },
  refused: (call, response) => {
    refuse(call, response, 400, 'ValidationException', call.echo);
  },
  unauthorized: (call, response) => {
    refuse(call, response, 401, 'UnauthorizedException', call.echo);
  },
  signature: (call, response) => {
    refuse(call, response, 403, 'SignatureDoesNotMatch', `The canonical string should have been '${call.echo}'`);
  },
  named: (call, response) => {
    refuse(call, response, 400, call.echo.slice(0, 700).replace(/\s/g, ''), '');
  },
  fault: (call, response) => {
    refuse(call, response, 500, 'InternalError', call.echo);
  },
  cut: (call, response) => {
    answer(
      call,
      response,
      call.isXml
        ? `<R><Credentials><SecretAccessKey>${call.secret}</Secret`
        : `{"accessToken":"${call.secret}","secret":"${escape(call.echo)}`,
    );
  },
  mistyped: (call, response) => {
    answer(call, response, mistyped(call));
  },
  list: (call, response) => {
    answer(call, response, call.isXml ? call.echo : `["${call.secret}"]`);
  },
  page: (call, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<h1>${call.secret}</h1>${call.echo}`);
  },
  typed: (call, response) => {
    response.setHeader('Content-Type', `${call.secret.replace(/[^A-Za-z0-9]/g, '').slice(0, 60)}/x`);
    response.end(call.echo);
  },
  reason: (call, response) => {
    response.writeHead(400, call.echo.replace(/[^ -~]/g, ' ').slice(0, 2000), { 'Content-Type': 'text/plain' });
    response.end();
  },
  elsewhere: (call, response) => {
    response.writeHead(302, { Location: `http://127.0.0.1:1/${encodeURIComponent(call.echo.slice(0, 700))}` });
    response.end();
  },
  garbage: ({ echo, secret }, response) => {
    response.socket?.end(`${secret} ${echo}\r\n\r\n`);
  },
  header: ({ secret }, response) => {
    response.socket?.end(`HTTP/1.1 200 OK\r\nContent-Length: ${secret}\r\n${secret}\r\n\r\n`);
  },
  hangup: ({ secret }, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '100000' });
    response.write(`{"accessToken":"${secret}`, () => {
      response.socket?.destroy();
    });
  },
};

/**
 * Good answers, with secrets that whoever asked may keep.
 * @param {string} origin
 * @param {(name: string) => string} give
 * @returns {Record<string, object | string>}
 */
const goodAnswers = (origin, give) => ({
  RegisterClient: { clientId: 'client', clientSecret: give('answer RegisterClient clientSecret'), clientSecretExpiresAt: 4_102_444_800 },
  StartDeviceAuthorization: {
    deviceCode: give('answer StartDeviceAuthorization deviceCode'),
    userCode: 'ABCD-EFGH',
    verificationUri: `${origin}/page`,
    interval: 1,
    expiresIn: 60,
  },
  CreateToken: {
    accessToken: give('answer CreateToken accessToken'),
    refreshToken: give('answer CreateToken refreshToken'),
    expiresIn: 3600,
  },
  GetRoleCredentials: {
    roleCredentials: {
      accessKeyId: 'ASIAGIVEN',
      secretAccessKey: give('answer GetRoleCredentials secret'),
      sessionToken: give('answer GetRoleCredentials token'),
      expiration: 4_102_444_800_000,
    },
  },
  AssumeRole:
    `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAGIVEN</AccessKeyId><SecretAccessKey>${give('answer AssumeRole secret')}</SecretAccessKey>` +
    `<SessionToken>${give('answer AssumeRole token')}</SessionToken><Expiration>2099-12-31T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  GetCallerIdentity:
    '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/jane</Arn><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
});

const pathsOfRest = {
  '/client/register': 'RegisterClient',
  '/device_authorization': 'StartDeviceAuthorization',
  '/v1/token': 'CreateOAuth2Token',
  '/token': 'CreateToken',
  '/federation/credentials': 'GetRoleCredentials',
};

/** @param {import('./marks.mjs').Marks} marks */
export async function startEchoingAws(marks) {
  let origin = '';
  const give = (/** @type {string} */ name) => {
    const secret = marks.token(name);
    marks.see(secret);
    return secret;
  };
  /** @type {Set<string>} what was resumed once; whoever comes again hears that the session is over */
  const resumed = new Set();
  const server = createServer((request, response) => {
    /** @type {Buffer[]} */
    const chunks = [];
    request.on('data', (/** @type {Buffer} */ chunk) => {
      chunks.push(chunk);
    });
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const sent = `${request.method ?? ''} ${request.url ?? ''}\n${request.rawHeaders.join('\n')}\n\n${body}`;
      const operation = operationOf(request, body);
      const [only, how = only] = wayOf(request, body).split('.');
      const isXml = /urlencoded/.test(request.headers['content-type'] ?? '');
      const call = { operation, isXml, echo: `${marks.see(sent).join(' ')} ${sent}`, secret: '' };
      const failure = only === how || only === operation ? failures[how ?? ''] : undefined;
      const way = wayOf(request, body);
      if (operation === 'ResumeSession' && resumed.size === resumed.add(way).size) answer(call, response, '{}');
      else if (failure !== undefined) failure({ ...call, secret: give(`answer ${operation} ${how ?? ''}`) }, response);
      else if (operation === 'StartSession' || operation === 'ResumeSession')
        answer(call, response, JSON.stringify(sessionFor(how ?? '', origin, give)));
      else {
        const good = goodAnswers(origin, give)[operation] ?? (isXml ? '<Answer/>' : {});
        answer(call, response, typeof good === 'string' ? good : JSON.stringify(good));
      }
    });
  });
  server.on('upgrade', (request, socket) => {
    serveChannel(marks, request, socket);
  });
  await new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => {
      resolve(undefined);
    });
  });
  origin = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  return {
    url: origin,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/**
 * An answer to StartSession. The way says what the channel does, or what is wrong with the answer.
 * @param {string} how
 * @param {string} origin
 * @param {(name: string) => string} give
 */
function sessionFor(how, origin, give) {
  const [token, cell] = [give(`TokenValue ${how}`), give(`cell of ${how}`)];
  const url = `${origin.replace('http', 'ws')}/v1/data-channel/jane@acme-0123?role=publish_subscribe&cell-number=${encodeURIComponent(cell)}&how=${how}`;
  return {
    ...(how === 'tokenless'
      ? { SessionId: 'jane@acme-0123', StreamUrl: url }
      : { SessionId: 'jane@acme-0123', TokenValue: how === 'mistypedSession' ? { inner: token } : token }),
    StreamUrl:
      {
        foreign: `wss://${cell.slice(0, 40).replace(/[+/]/g, '')}.example.com/${cell}`,
        credentialed: `wss://jane:${cell}@127.0.0.1/x`,
        schemed: `${cell.slice(0, 40).replace(/[+/]/g, '')}://127.0.0.1/`,
        spaced: `ws://127.0.0.1/ ${cell}`,
      }[how] ?? url,
  };
}

/** @param {import('node:http').IncomingMessage} request @param {string} body */
function operationOf({ headers, url = '' }, body) {
  const path = new URL(url, 'http://x').pathname;
  return (
    /\.(\w+)$/.exec(String(headers['x-amz-target'] ?? ''))?.[1] ??
    /(?:^|&)Action=(\w+)/.exec(body)?.[1] ??
    Object.entries(pathsOfRest).find(([end]) => path.endsWith(end))?.[1] ??
    'Other'
  );
}

/**
 * The first step of the path; where the client leaves that out, the client's id says it.
 * @param {import('node:http').IncomingMessage} request
 * @param {string} body
 */
function wayOf({ url = '' }, body) {
  return /"clientId":"way-([\w.]+)"/.exec(body)?.[1] ?? url.split(/[/?]/)[1] ?? '';
}

/**
 * @param {Call} call
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {string} code
 * @param {string} message
 */
function refuse(call, response, status, code, message) {
  response.statusCode = status;
  const visible = message.replace(/[^ -~]/g, ' ');
  const xml = (/** @type {string} */ text) => text.replace(/[<&]/g, ' ');
  if (!call.isXml && code.length < 200) response.setHeader('x-amzn-errortype', code);
  answer(
    call,
    response,
    call.isXml
      ? `<ErrorResponse><Error><Code>${xml(code)}</Code><Message>${xml(visible)}</Message></Error></ErrorResponse>`
      : JSON.stringify({ __type: code, error: code, error_description: message, message, Message: message }),
  );
}

/** @param {Call} call @param {import('node:http').ServerResponse} response @param {string} body */
function answer({ isXml }, response, body) {
  response.setHeader('Content-Type', isXml ? 'text/xml' : 'application/x-amz-json-1.1');
  response.end(body);
}

/** What is a text becomes an object, what is an object a text, and numbers both. @param {Call} call */
function mistyped({ isXml, secret, echo }) {
  return isXml
    ? `<R><AssumeRoleResult><Credentials><Expiration>${secret}</Expiration><SecretAccessKey>${secret}</SecretAccessKey></Credentials></AssumeRoleResult></R>`
    : JSON.stringify({
        accessToken: { inner: secret },
        refreshToken: [secret],
        expiresIn: secret,
        clientSecret: { inner: secret },
        clientSecretExpiresAt: secret,
        deviceCode: [secret],
        roleCredentials: secret,
        SecretString: { password: secret },
        SessionId: { inner: echo },
        TokenValue: [secret],
        StreamUrl: 1,
        AccessKeyId: [secret],
        InstanceInformationList: secret,
        accountList: secret,
        interval: secret,
      });
}

/** @param {string} text */
const escape = text => JSON.stringify(text).slice(1, -1);
