// Somebody else's transfer, over one connection for as long as the attacks last.
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { converse } from '../day/conversation.mjs';

/** @param {number} port @param {() => number} next random */
export async function startBystander(port, next) {
  const connection = await converse(port);
  let [isStopping, bytes] = [false, 0];
  const transfer = async () => {
    while (!isStopping) {
      const sent = randomBytes(1 + Math.floor(next() ** 4 * 300_000));
      if (!(await connection.echo(sent))) throw new Error('The bytes of a transfer that nobody had attacked were wrong.');
      bytes += sent.length;
      await delay(5);
    }
    await connection.close();
  };
  const working = transfer();
  working.catch(() => undefined); // told by stop
  return {
    /** @returns what came back right; rejects when it was disturbed */
    stop: async () => {
      isStopping = true;
      await working;
      return bytes;
    },
  };
}
