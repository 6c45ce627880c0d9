// In the place of the message gateway and an agent: a websocket that fails in every way there is, and repeats the token that it was given.
import { createHash, randomUUID } from 'node:crypto';

/**
 * @typedef {object} Channel
 * @property {string} echo all that was sent
 * @property {(opcode: number, payload: Buffer) => void} send a frame
 * @property {(messageType: string, payloadType: number, payload: object | string, sequence?: number) => void} message
 * @property {import('node:stream').Duplex} socket
 */

const close = 8;
const text = 1;
const binary = 2;
const output = 'output_stream_data';
const handshakeRequest = 5;
const handshakeComplete = 7;

/** The ways in which an open channel can fail. @type {Record<string, (channel: Channel) => unknown>} */
export const channelFailures = {
  closes: ({ echo, send }) => {
    send(close, Buffer.concat([Buffer.from([0x0f, 0xa0]), Buffer.from(echo.slice(0, 120))]));
  },
  closesBadly: ({ echo, send }) => {
    send(close, Buffer.from(echo.slice(0, 300)));
  },
  garbage: ({ echo, send, socket }) => {
    send(text, Buffer.from(echo));
    send(binary, Buffer.from(echo));
    socket.end(echo);
  },
  ends: ({ echo, message }) => {
    message('channel_closed', 0, { MessageType: 'channel_closed', SchemaVersion: 1, Output: echo });
  },
  endsBadly: ({ echo, message }) => {
    message('channel_closed', 0, `{"Output":"${echo.slice(0, 100)}`);
  },
  agent: ({ echo, message }) => {
    message(output, handshakeRequest, { AgentVersion: echo, RequestedClientActions: [] });
    message('channel_closed', 0, { MessageType: 'channel_closed', SchemaVersion: 1, Output: '' });
  },
  action: ({ echo, message }) => {
    message(output, handshakeRequest, { AgentVersion: '3.3.0.0', RequestedClientActions: [{ ActionType: echo, ActionParameters: {} }] });
  },
  type: ({ echo, message }) => {
    message(output, handshakeRequest, {
      AgentVersion: '3.3.0.0',
      RequestedClientActions: [{ ActionType: 'SessionType', ActionParameters: { SessionType: echo } }],
    });
  },
  handshake: ({ echo, message }) => {
    message(output, handshakeRequest, `{"AgentVersion":"${echo.slice(0, 100)}`);
  },
  complete: ({ echo, message }) => {
    message(output, handshakeRequest, {
      AgentVersion: '3.3.0.0',
      RequestedClientActions: [{ ActionType: 'SessionType', ActionParameters: { SessionType: 'Port' } }],
    });
    message(output, handshakeComplete, { HandshakeTimeToComplete: 1, CustomerMessage: echo }, 1);
    message('channel_closed', 0, { MessageType: 'channel_closed', SchemaVersion: 1, Output: '' });
  },
};

/** The ways in which it can be refused. @type {Record<string, (socket: import('node:stream').Duplex, echo: string) => unknown>} */
export const upgradeFailures = {
  forbidden: (socket, echo) => {
    socket.end(`HTTP/1.1 403 ${echo.slice(0, 400)}\r\nContent-Length: ${echo.length}\r\n\r\n${echo}`);
  },
  failed: (socket, echo) => {
    socket.end(`HTTP/1.1 500 ${echo.slice(0, 400)}\r\nContent-Length: ${echo.length}\r\n\r\n${echo}`);
  },
  moved: (socket, echo) => {
    socket.end(`HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1/${encodeURIComponent(echo.slice(0, 400))}\r\nContent-Length: 0\r\n\r\n`);
  },
  unproven: (socket, echo) => {
    socket.end(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${echo.slice(0, 200)}\r\n\r\n`,
    );
  },
  subprotocol: (socket, echo) => {
    socket.end(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${echo.slice(0, 200)}\r\nConnection: ${echo.slice(0, 200)}\r\n\r\n`);
  },
  noHttp: (socket, echo) => {
    socket.end(`${echo}\r\n\r\n`);
  },
};

/**
 * @param {import('./marks.mjs').Marks} marks
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:stream').Duplex} socket
 */
export function serveChannel(marks, request, socket) {
  socket.on('error', () => undefined);
  const how = new URL(request.url ?? '', 'http://x').searchParams.get('how') ?? '';
  const line = (/** @type {string} */ sent) => `${marks.see(sent).join(' ')} ${sent}`.replace(/[^ -~]/g, ' ');
  const refusal = upgradeFailures[how];
  if (refusal !== undefined) {
    refusal(socket, line(`${request.url ?? ''} ${request.rawHeaders.join(' ')}`));
    return;
  }

  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  let received = Buffer.alloc(0);
  socket.on('data', (/** @type {Buffer} */ bytes) => {
    received = Buffer.concat([received, bytes]);
    const first = unmask(received);
    if (first === undefined) return;
    socket.removeAllListeners('data');
    socket.resume();
    const send = (/** @type {number} */ opcode, /** @type {Buffer} */ payload) => {
      socket.write(frame(opcode, payload));
    };
    const channel = {
      echo: line(first.toString()),
      send,
      socket,
      /** @type {Channel['message']} */
      message: (messageType, payloadType, payload, sequence = 0) => {
        send(
          binary,
          clientMessage(messageType, payloadType, Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)), sequence),
        );
      },
    };
    (
      channelFailures[how] ??
      (() => {
        socket.destroy();
      })
    )(channel);
  });
}

/** @param {number} opcode @param {Buffer} payload */
export function frame(opcode, payload) {
  const head =
    payload.length < 126
      ? Buffer.from([0x80 | opcode, payload.length])
      : Buffer.from([0x80 | opcode, 126, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([head, payload]);
}

/** The payload of a client's first frame; undefined until it is all there. @param {Buffer} bytes */
export function unmask(bytes) {
  if (bytes.length < 8) return undefined;
  const isLong = (bytes[1] ?? 0) - 128 === 126;
  const [length, start] = isLong ? [bytes.readUInt16BE(2), 8] : [(bytes[1] ?? 0) - 128, 6];
  if (bytes.length < start + length) return undefined;
  const mask = bytes.subarray(start - 4, start);
  return Buffer.from(bytes.subarray(start, start + length).map((byte, i) => byte ^ (mask[i % 4] ?? 0)));
}

/**
 * One message of the data channel.
 * @param {string} messageType
 * @param {number} payloadType
 * @param {Buffer} payload
 * @param {number} sequence
 */
export function clientMessage(messageType, payloadType, payload, sequence) {
  const header = Buffer.alloc(120);
  header.writeUInt32BE(116, 0);
  header.write(messageType.padEnd(32), 4, 'ascii');
  header.writeUInt32BE(1, 36);
  header.writeBigUInt64BE(BigInt(Date.now()), 40);
  header.writeBigUInt64BE(BigInt.asUintN(64, BigInt(sequence)), 48);
  Buffer.from(randomUUID().replaceAll('-', ''), 'hex').copy(header, 64);
  createHash('sha256').update(payload).digest().copy(header, 80);
  header.writeUInt32BE(payloadType, 112);
  header.writeUInt32BE(payload.length, 116);
  return Buffer.concat([header, payload]);
}
