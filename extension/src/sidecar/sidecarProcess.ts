import { spawn, type ChildProcess } from 'node:child_process';
import * as vscode from 'vscode';
import {
  createMessageConnection,
  ErrorCodes,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import type { InitializeParams, InitializeResult, ShutdownResult } from './contract';
import type { Program } from './program';
import { adviceFor } from './unfit';

/** What the process wrote may come after its end, or never when a child of its own holds the pipe. */
const lastWordsMs = 500;

/** How long it may take to end when asked to. */
const endMs = 3_000;

/** Lines of its standard error that explain its end. */
const keptLines = 5;

/** The process has ended: why. Another one is started in its place. */
export class SidecarEnded extends Error {}

/** One process of the sidecar and the connection to it. Whatever was asked of it settles, at the latest when it ends. */
export class SidecarProcess {
  readonly started = Date.now();
  /** Resolves when the process is gone, with the reason; never rejects. */
  readonly ended: Promise<SidecarEnded>;
  readonly connection: MessageConnection;
  /** It answered the first request. */
  hasServed = false;
  private readonly child: ChildProcess;
  private reason: SidecarEnded | undefined;

  constructor(program: Program, env: NodeJS.ProcessEnv) {
    const child = spawn(program.command, [...program.args, 'serve', '--stdio'], {
      // It may outlive this window, for others that use its tunnels. (On Windows the system ends all others with their parent.)
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      detached: true,
    });
    this.child = child;
    this.connection = createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
    const lastLines: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      lastLines.push(...text.split('\n').filter(line => line.length > 0));
      lastLines.splice(0, lastLines.length - keptLines);
    });
    this.ended = new Promise(resolve => {
      const end = (explanation: () => string, errorCode?: string): void => {
        if (this.reason !== undefined) return;
        const advice = this.hasServed ? undefined : adviceFor(program, { errorCode, lastLines });
        const text = explanation();
        this.reason = new SidecarEnded(advice === undefined ? text : `${text} ${advice}`);
        resolve(this.reason);
        // Rejects what is still waiting for an answer.
        this.connection.dispose();
      };
      child.once('error', (error: NodeJS.ErrnoException) => {
        end(() => vscode.l10n.t("RDS Tunnel's background process ({0}) couldn't start: {1}.", program.command, error.message), error.code);
      });
      child.once('exit', (code, signal) => {
        const tell = (): void => {
          end(() =>
            vscode.l10n.t("RDS Tunnel's background process ended ({0}). {1}", signal ?? `code ${String(code)}`, lastLines.join(' ')),
          );
        };
        const deadline = setTimeout(tell, lastWordsMs);
        child.once('close', () => {
          clearTimeout(deadline);
          // Its last messages are read by now, and handled one after the other.
          setImmediate(tell);
        });
      });
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** The first request. A sidecar of another protocol refuses it, and says which of the two is older. */
  async greet(hello: InitializeParams): Promise<InitializeResult> {
    const result = await this.settled(() => this.connection.sendRequest<InitializeResult>('initialize', hello));
    this.hasServed = true;
    return result;
  }

  /** Sends, and gives the reason of the process's end where there is no answer because of it. */
  async settled<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      if (
        error instanceof ResponseError &&
        error.code !== ErrorCodes.MessageWriteError &&
        error.code !== ErrorCodes.PendingResponseRejected
      )
        throw error;
      if (this.reason !== undefined) throw this.reason;
      // It could not even be written: the process has closed its input, and is about to end.
      throw await Promise.race([this.ended, new Promise<unknown>(resolve => setTimeout(resolve, 2 * lastWordsMs, error))]);
    }
  }

  /** Asks it to end, and makes sure, unless it goes on for other windows. */
  async end(): Promise<void> {
    const deadline = setTimeout(() => this.child.kill('SIGKILL'), endMs);
    try {
      const { tunnelsOfOthers } = await this.settled(() => this.connection.sendRequest<ShutdownResult>('shutdown'));
      await this.connection.sendNotification('exit');
      if (tunnelsOfOthers > 0) {
        clearTimeout(deadline);
        this.letGo();
        return;
      }
    } catch {
      // It is going already, or does not answer: the end of its input ends it too.
      this.child.stdin?.end();
    }
    await this.ended;
    clearTimeout(deadline);
  }

  /** This process may end, and that one lives on. */
  private letGo(): void {
    this.child.unref();
    this.child.stdin?.end();
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
  }
}
