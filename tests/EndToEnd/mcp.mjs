// `rds-tunnel mcp` as the client of an AI agent runs it: the official SDK of the Model Context
// Protocol, over a process that a test can watch.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ReadBuffer, serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { atEnd } from '../../scripts/lib/endings.mjs';
import { sidecarCommand } from '../../scripts/lib/paths.mjs';
import { hangMs } from './ports.mjs';

/** @typedef {{ action: 'accept' | 'decline' | 'cancel', content?: Record<string, boolean> }} Answer */
/** @typedef {{ isError: boolean, text: string, json: any }} Result */

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {{ args?: string[], name?: string, answer?: (question: string, schema: any) => Answer |
 * Promise<Answer> }} [options] `answer`: a person; without one, the client can't ask
 */
export async function startMcp(env, { args = [], name = 'test-client', answer } = {}) {
  const child = spawn(sidecarCommand.file, [...sidecarCommand.args, 'mcp', ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const kill = atEnd(() => {
    child.kill('SIGKILL');
    return Promise.resolve();
  });
  const exited = once(child, 'close').then(async ([code]) => {
    await kill();
    return /** @type {number | null} */ (code);
  });
  let stderr = '';
  let stdout = '';
  child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    stderr += text;
  });
  child.stdin.on('error', () => undefined);
  const buffer = new ReadBuffer();
  /** @type {import('@modelcontextprotocol/sdk/shared/transport.js').Transport} */
  const transport = {
    start: () => {
      child.stdout.on('data', (/** @type {Buffer} */ chunk) => {
        stdout += chunk.toString('utf8');
        buffer.append(chunk);
        for (let message = buffer.readMessage(); message !== null; message = buffer.readMessage()) transport.onmessage?.(message);
      });
      child.on('close', () => transport.onclose?.());
      return Promise.resolve();
    },
    send: message =>
      new Promise(resolve => {
        child.stdin.write(serializeMessage(message), () => {
          resolve();
        });
      }),
    close: () => {
      child.stdin.end();
      return Promise.resolve();
    },
  };
  const client = new Client({ name, version: '1.0' }, { capabilities: answer === undefined ? {} : { elicitation: {} } });
  /** @type {string[]} */
  const questions = [];
  if (answer !== undefined) {
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
      questions.push(params.message);
      return answer(params.message, 'requestedSchema' in params ? params.requestedSchema : undefined);
    });
  }
  await client.connect(transport);
  return {
    child,
    client,
    exited,
    /** What the person was asked so far. */
    questions,
    /** Everything that was written so far. */
    written: () => stdout + stderr,
    stderr: () => stderr,
    /**
     * @param {string} tool
     * @param {Record<string, unknown>} [given]
     * @param {{ signal?: AbortSignal, onprogress?: (progress: { progress: number, message?: string | undefined }) => void }} [options]
     * @returns {Promise<Result>}
     */
    call: async (tool, given = {}, options = {}) => {
      const result = /** @type {any} */ (
        await client.callTool({ name: tool, arguments: given }, undefined, { timeout: hangMs, ...options })
      );
      return { isError: result.isError === true, text: result.content[0].text, json: result.structuredContent };
    },
    /** Closes standard input, as a client does. */
    end: async () => {
      child.stdin.end();
      return exited;
    },
  };
}
