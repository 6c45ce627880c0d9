// In the place of AWS, its gateway and an agent: all goes well up to the handshake, and then anything comes.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { clientMessage, frame } from '../marked/echoing-gateway.mjs';

const binary = 2;
const output = 'output_stream_data';
const [data, handshakeRequest, handshakeComplete, flag] = [1, 5, 7, 10];
const types = [output, 'acknowledge', 'channel_closed', 'start_publication', 'pause_publication', 'agent_job', ''];
/** Messages that one channel gets before it is over. */
const mostMessages = 200;

/** @param {() => number} next random */
export async function startBabblingAgent(next) {
  let address = '';
  const below = (/** @type {number} */ bound) => Math.floor(next() * bound);
  const sessions = { started: 0 };
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('Content-Type', 'application/x-amz-json-1.1');
      const isStart = String(request.headers['x-amz-target']).endsWith('StartSession');
      const isResume = String(request.headers['x-amz-target']).endsWith('ResumeSession') && next() < 0.7;
      response.end(
        isStart || isResume
          ? JSON.stringify({
              SessionId: `jane-${++sessions.started}`,
              TokenValue: 'token',
              StreamUrl: `ws://${address}/v1/data-channel/jane?role=publish_subscribe`,
            })
          : '{}',
      );
    });
  });
  server.on('upgrade', (request, socket) => {
    socket.on('error', () => {
      socket.destroy();
    });
    socket.resume();
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    let sequence = 0;
    const send = (
      /** @type {string} */ type,
      /** @type {number} */ payloadType,
      /** @type {Buffer} */ payload,
      /** @type {number} */ number,
    ) => {
      socket.write(frame(binary, clientMessage(type, payloadType, payload, number)));
    };
    const inOrder = (/** @type {number} */ payloadType, /** @type {object | Buffer} */ payload) => {
      send(output, payloadType, Buffer.isBuffer(payload) ? payload : Buffer.from(JSON.stringify(payload)), sequence++);
    };
    inOrder(handshakeRequest, {
      AgentVersion: next() < 0.2 ? '2.3.1.0' : '3.3.5068.0',
      RequestedClientActions: [
        { ActionType: 'SessionType', ActionParameters: { SessionType: 'Port', Properties: { type: 'LocalPortForwarding' } } },
      ],
    });
    inOrder(handshakeComplete, { HandshakeTimeToComplete: 1, CustomerMessage: '' });
    /** @type {(() => void)[]} */
    const babble = [
      () => {
        inOrder(data, smuxFrame(next));
      },
      () => {
        inOrder(data, smuxFrame(next));
      },
      () => {
        inOrder(data, randomBytes(1 + below(2_000)));
      },
      () => {
        inOrder(flag, randomBytes(below(6)));
      },
      () => {
        send(types[below(types.length)] ?? '', below(20), randomBytes(below(500)), sequence + below(50) - 25);
      },
      () => {
        send(output, data, randomBytes(below(1_025)), [2 ** 31, 2 ** 53 - 1, 0][below(3)] ?? 0);
      },
      () => {
        send(
          'acknowledge',
          0,
          Buffer.from(
            JSON.stringify({
              AcknowledgedMessageType: 'input_stream_data',
              AcknowledgedMessageSequenceNumber: below(10) - 2,
              AcknowledgedMessageId: 'x',
              IsSequentialMessage: true,
            }),
          ),
          0,
        );
      },
      () => {
        socket.write(frame(binary, mutated(clientMessage(output, data, randomBytes(below(200)), sequence), next)));
      },
      () => {
        socket.write(frame(below(16), randomBytes(below(126))));
      },
      () => {
        socket.write(randomBytes(below(64)));
      },
    ];
    void (async () => {
      for (let i = below(mostMessages); i > 0 && !socket.destroyed; i--) {
        babble[below(babble.length - (i > 3 ? 2 : 0))]?.(); // what no websocket survives comes last
        if (next() < 0.3) await delay(below(20));
      }
      if (next() < 0.5) socket.destroy();
      else socket.end();
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  return {
    url: `http://${address}`,
    sessions,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Mostly what smux knows, with lengths that may be wrong. @param {() => number} next */
function smuxFrame(next) {
  const below = (/** @type {number} */ bound) => Math.floor(next() * bound);
  const payload = randomBytes(below(900));
  const head = Buffer.alloc(8);
  head.writeUInt8(next() < 0.95 ? 1 : below(256), 0);
  head.writeUInt8(next() < 0.9 ? below(4) : below(256), 1);
  head.writeUInt16LE(next() < 0.9 ? payload.length : below(65_536), 2);
  head.writeUInt32LE(next() < 0.8 ? 1 + 2 * below(4) : below(2 ** 32), 4);
  return Buffer.concat([head, payload]);
}

/** Some bytes of it are others, or it ends early. @param {Buffer} bytes @param {() => number} next */
export function mutated(bytes, next) {
  const copy = Buffer.from(bytes);
  for (let i = 1 + Math.floor(next() * 4); i > 0; i--) copy[Math.floor(next() * copy.length)] = Math.floor(next() * 256);
  return next() < 0.3 ? copy.subarray(0, Math.floor(next() * copy.length)) : copy;
}
