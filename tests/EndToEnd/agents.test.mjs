import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { connectAndEcho, startEcho } from './ports.mjs';
import { startStack } from './stack.mjs';

const connections = 5;

describe('Agents of every age', () => {
  for (const { agentVersion, does } of [
    { agentVersion: '3.3.5068.0', does: 'multiplexes' },
    { agentVersion: '3.1.1500.0', does: 'multiplexes and keeps alive' },
    { agentVersion: '3.0.100.0', does: 'takes one connection at a time' },
  ]) {
    it(`carry one connection after another: ${agentVersion} ${does}`, async () => {
      const echo = await startEcho();
      const stack = await startStack({ agentVersion });
      const { localPort } = await stack.open(echo.port);
      for (let i = 0; i < connections; i++) {
        const socket = await connectAndEcho(localPort);
        const sent = randomBytes(300_000);
        socket.write(sent);
        assert.equal(await digestOf(socket, sent.length), createHash('sha256').update(sent).digest('hex'));
        await new Promise(resolve => {
          socket.once('close', resolve).destroy();
        });
      }
      await stack.stop();
      echo.stop();
    });
  }
});

/**
 * @param {import('node:net').Socket} socket
 * @param {number} bytes
 * @returns {Promise<string>}
 */
function digestOf(socket, bytes) {
  const hash = createHash('sha256');
  let left = bytes;
  return new Promise((resolve, reject) => {
    socket.once('close', () => {
      reject(new Error(`Closed with ${left} bytes to come.`));
    });
    socket.on('data', data => {
      hash.update(data);
      left -= data.length;
      if (left <= 0) resolve(hash.digest('hex'));
    });
  });
}
