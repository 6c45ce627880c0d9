import { spawn, type ChildProcess } from 'node:child_process';
import * as vscode from 'vscode';
import { createMessageConnection, ErrorCodes, ProgressType, ResponseError, StreamMessageReader, StreamMessageWriter, type CancellationToken, type MessageConnection } from 'vscode-jsonrpc/node';
import { Backoff } from './backoff';
import { protocolVersion, type InitializeParams, type InitializeResult, type LogLevel, type Methods, type Notifications, type Progress, type Questions } from './contract';
import type { Program } from './program';
import { adviceFor } from './unfit';

/** What the keeper says and asks; the editor's side of it is in extension.ts, a test's in the tests. */
export interface Surroundings {
  program: () => Program;
  version: string;
  logLevel: () => LogLevel;
  /** What its environment has beside this process's. */
  environment: () => NodeJS.ProcessEnv;
  log: (line: string) => void;
  /** It has ended by itself, and will be started again; it may have done so before, not long ago. */
  onCrash: (explanation: string, isRepeated: boolean) => void;
  /** A new one runs in the place of one that has crashed. */
  onRestarted: () => Promise<void>;
}

/** What must not reach it: it would change what .NET does in it. */
const unwanted = /^(DOTNET_|COMPlus_|CORECLR_)/;

type Listener = (params: never) => void;

type Answerer = (params: never, token: CancellationToken) => unknown;

/** The one sidecar of this window: started when it is first needed, and again when it crashes. */
export class Sidecar {
  private readonly backoff = new Backoff();
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly answerers = new Map<string, Answerer>();
  private lastProgress = 0;
  private running: Promise<MessageConnection> | undefined;
  private child: ChildProcess | undefined;
  /** One has crashed, and no other has taken its place yet. */
  private isRestarting = false;
  private isDisposed = false;

  constructor(private readonly around: Surroundings) {}

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  /** Asks, and starts the sidecar if it does not run. */
  async request<M extends keyof Methods>(method: M, params: Methods[M][0], token?: CancellationToken): Promise<Methods[M][1]> {
    const connection = await this.start();
    // What is undefined would be sent as one more parameter.
    const args = [params, token].filter(argument => argument !== undefined);
    return await connection.sendRequest(method, ...args);
  }

  /** Asks, and hears how it gets on; everything of that before the answer. */
  async requestWithProgress<M extends keyof Progress>(
    method: M, params: Omit<Methods[M][0], 'progressToken'>, onProgress: (value: Progress[M]) => void, token?: CancellationToken,
  ): Promise<Methods[M][1]> {
    const connection = await this.start();
    const progressToken = `${method} ${++this.lastProgress}`;
    const listening = connection.onProgress(new ProgressType<Progress[M]>(), progressToken, onProgress);
    try {
      return await connection.sendRequest(method, ...[{ ...params, progressToken }, token].filter(argument => argument !== undefined));
    } finally {
      listening.dispose();
    }
  }

  /** Answers what the sidecar asks. The last one who wants to does. */
  answer<Q extends keyof Questions>(question: Q, answerer: (params: Questions[Q][0], token: CancellationToken) => Promise<Questions[Q][1]>): () => void {
    this.answerers.set(question, answerer);
    return () => { this.answerers.delete(question); };
  }

  /** @returns stops listening */
  on<N extends keyof Notifications>(notification: N, listener: (params: Notifications[N]) => void): () => void {
    const all = this.listeners.get(notification) ?? new Set();
    this.listeners.set(notification, all.add(listener));
    return () => { all.delete(listener); };
  }

  /** Ends it as the contract says: asks, and makes sure. */
  async dispose(): Promise<void> {
    this.isDisposed = true;
    const { running, child } = this;
    if (running === undefined || child === undefined) return;
    const exited = new Promise(resolve => child.once('exit', resolve));
    const deadline = setTimeout(() => child.kill('SIGKILL'), 3_000);
    try {
      const connection = await running;
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
    } catch {
      // It is going already, or does not answer: the end of its input ends it too.
      child.stdin?.end();
    }
    await exited;
    clearTimeout(deadline);
  }

  private start(): Promise<MessageConnection> {
    if (this.isDisposed) return Promise.reject(new Error(vscode.l10n.t('The window is being closed.')));
    if (this.running === undefined) {
      const running = this.spawn();
      this.running = running;
      running.catch(() => {
        if (this.running === running) this.running = undefined;
      });
    }
    return this.running;
  }

  private async spawn(): Promise<MessageConnection> {
    const program = this.around.program();
    const { command, args } = program;
    const env = Object.fromEntries(Object.entries({ ...process.env, ...this.around.environment() }).filter(([name]) => !unwanted.test(name)));
    const child = spawn(command, [...args, 'serve', '--stdio'], { env, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    this.child = child;
    const started = Date.now();
    const lastLines: string[] = [];
    let hasServed = false;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      lastLines.push(...text.split('\n').filter(line => line.length > 0));
      lastLines.splice(0, lastLines.length - 5);
    });
    const failed = new Promise<never>((_, reject) => {
      const refuse = (explanation: string, errorCode?: string) => {
        const advice = adviceFor(program, { errorCode, lastLines });
        reject(new Error(advice === undefined ? explanation : `${explanation} ${advice}`));
      };
      child.once('error', (error: NodeJS.ErrnoException) => { refuse(vscode.l10n.t('The sidecar cannot be started ({0}): {1}.', command, error.message), error.code); });
      const ended = (code: number | null, signal: NodeJS.Signals | null) => { refuse(vscode.l10n.t('The sidecar ended ({0}). {1}', signal ?? `code ${String(code)}`, lastLines.join(' '))); };
      // One that never served says why in its last lines, which may come after its end.
      child.once('exit', (code, signal) => { if (hasServed) ended(code, signal); else child.once('close', ended); });
    });
    failed.catch((error: unknown) => { this.onEnd(child, hasServed, Date.now() - started, error instanceof Error ? error.message : String(error)); });

    const connection = createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
    connection.onError(([error]) => { this.around.log(`The connection to the sidecar failed: ${error.message}`); });
    connection.onNotification((method, params) => {
      for (const listener of this.listeners.get(method) ?? []) listener(params as never);
    });
    connection.onRequest((method, params, token) =>
      this.answerers.get(method)?.(params as never, token) ?? new ResponseError(ErrorCodes.MethodNotFound, `Nobody answers ${method}.`));
    connection.listen();
    // A sidecar of another protocol refuses this, and says which of the two is older.
    const hello: InitializeParams = {
      clientInfo: { name: 'vscode', version: this.around.version }, protocolVersion, logLevel: this.around.logLevel(), parentProcessId: process.pid,
    };
    const greeting = connection.sendRequest<InitializeResult>('initialize', hello).catch((error: unknown) => {
      if (error instanceof ResponseError && error.code !== ErrorCodes.MessageWriteError) throw error;
      // It could not even be written: why, its end tells.
      return failed;
    });
    const { serverInfo } = await Promise.race([failed, greeting]);
    hasServed = true;
    if (serverInfo.version !== this.around.version) this.around.log(`The sidecar has version ${serverInfo.version}, and the extension ${this.around.version}.`);
    return connection;
  }

  private onEnd(child: ChildProcess, hasServed: boolean, livedMs: number, explanation: string): void {
    if (this.child !== child) return;
    this.child = undefined;
    this.running = undefined;
    // Whoever asked for one that did not come up has been told; the next request tries again.
    if (this.isDisposed || !(hasServed || this.isRestarting)) return;
    this.isRestarting = true;
    const waitMs = this.backoff.nextMs(livedMs);
    this.around.log(`${explanation} Starting it again in ${waitMs} ms.`);
    this.around.onCrash(explanation, this.backoff.isRepeated);
    setTimeout(() => { void this.restart(); }, waitMs);
  }

  private async restart(): Promise<void> {
    if (this.isDisposed) return;
    try {
      await this.start();
      this.isRestarting = false;
      await this.around.onRestarted();
    } catch (error) {
      this.around.log(`The sidecar could not be started again: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
