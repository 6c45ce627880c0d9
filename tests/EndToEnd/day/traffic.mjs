// What database tools do all day: short queries one after another, a connection that stays open, and transfers.
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ConversationEnd, converse } from './conversation.mjs';
import { eventually } from '../ports.mjs';

/** A pause between two conversations of a tool. */
const pauseMs = 100;
const longPauseMs = 250;
const transferPauseMs = 1_000;
/** A tool that was refused waits a moment before it tries again. */
const refusedPauseMs = 300;
const [queryBytes, transferBytes] = [200_000, 2_000_000];

/** @typedef {import('./conversation.mjs').End} End */
/** @typedef {Awaited<ReturnType<typeof converse>>} Conversation */

/**
 * The traffic of one tunnel.
 * @param {number} port
 * @param {object} options
 * @param {() => number} options.next random
 * @param {boolean} options.transfers whether it moves much, too
 * @param {(end: End) => void} options.onEnd
 * @param {(ms: number) => void} options.onWait how long an answer, or the end in place of it, has taken
 */
export function startTraffic(port, { next, transfers, onEnd, onWait }) {
  let isStopping = false;
  const size = (/** @type {number} */ most) => 1 + Math.floor(next() ** 4 * most);
  /** @param {(tool: (talk: (echo: Conversation['echo']) => Promise<boolean>) => Promise<void>) => Promise<void>} work */
  const startTool = work => {
    const tool = { steps: 0, working: Promise.resolve() };
    /** @template T @param {() => Promise<T>} step @returns {Promise<T>} */
    const timed = async step => {
      const started = performance.now();
      try {
        return await step();
      } finally {
        onWait(performance.now() - started);
        tool.steps++;
      }
    };
    tool.working = work(async talk => {
      /** @type {Conversation | undefined} */
      let connection;
      try {
        const { echo } = (connection = await timed(() => converse(port)));
        onEnd((await talk(bytes => timed(() => echo(bytes)))) ? 'finished' : 'wrong');
      } catch (error) {
        if (!(error instanceof ConversationEnd)) throw error;
        onEnd(error.end);
        await delay(refusedPauseMs);
      }
      await connection?.close();
    });
    return tool;
  };
  /** @param {number} most @param {number} pause */
  const queries = (most, pause) =>
    startTool(async converseOnce => {
      while (!isStopping) {
        await converseOnce(echo => echo(randomBytes(size(most))));
        await delay(pause);
      }
    });
  const tools = [
    queries(queryBytes, pauseMs),
    startTool(async converseOnce => {
      while (!isStopping) {
        await converseOnce(async echo => {
          while (!isStopping) {
            if (!(await echo(randomBytes(64)))) return false;
            await delay(longPauseMs);
          }
          return true;
        });
      }
    }),
    ...(transfers ? [queries(transferBytes, transferPauseMs)] : []),
  ];
  return {
    /** Whether each tool comes to an answer, or to an end, that it had not before. */
    goesOn: async () => {
      const before = tools.map(({ steps }) => steps);
      return await eventually(() => tools.every(({ steps }, i) => steps > (before[i] ?? 0)));
    },
    stop: async () => {
      isStopping = true;
      await Promise.all(tools.map(({ working }) => working));
    },
  };
}
