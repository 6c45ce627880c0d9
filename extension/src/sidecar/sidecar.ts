import * as vscode from 'vscode';
import { ErrorCodes, ProgressType, ResponseError, type CancellationToken } from 'vscode-jsonrpc/node';
import { Backoff } from './backoff';
import { protocolVersion, type LogLevel, type Methods, type Notifications, type Progress, type Questions } from './contract';
import { isUnwanted, type Program } from './program';
import { SidecarProcess } from './sidecarProcess';

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

type Listener = (params: never) => void;

type Answerer = (params: never, token: CancellationToken) => unknown;

/** The one sidecar of this window: started when it is first needed, and again when it crashes. */
export class Sidecar {
  private readonly backoff = new Backoff();
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly answerers = new Map<string, Answerer>();
  private lastProgress = 0;
  private running: Promise<SidecarProcess> | undefined;
  /** The newest one, until it has ended; also one that has not answered yet. */
  private process: SidecarProcess | undefined;
  private nextStart: NodeJS.Timeout | undefined;
  /** One has crashed, and no other has taken its place yet. */
  private isRestarting = false;
  private isDisposed = false;

  constructor(private readonly around: Surroundings) {}

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Asks, and starts the sidecar if it does not run. */
  async request<M extends keyof Methods>(method: M, params: Methods[M][0], token?: CancellationToken): Promise<Methods[M][1]> {
    const sidecar = await this.start();
    // What is undefined would be sent as one more parameter.
    const args = [params, token].filter(argument => argument !== undefined);
    return await sidecar.settled(() => sidecar.connection.sendRequest(method, ...args));
  }

  /** Asks, and hears how it gets on; everything of that before the answer. */
  async requestWithProgress<M extends keyof Progress>(
    method: M,
    params: Omit<Methods[M][0], 'progressToken'>,
    onProgress: (value: Progress[M]) => void,
    token?: CancellationToken,
  ): Promise<Methods[M][1]> {
    const sidecar = await this.start();
    const progressToken = `${method} ${++this.lastProgress}`;
    const listening = sidecar.connection.onProgress(new ProgressType<Progress[M]>(), progressToken, onProgress);
    try {
      return await sidecar.settled(() =>
        sidecar.connection.sendRequest(method, ...[{ ...params, progressToken }, token].filter(argument => argument !== undefined)),
      );
    } finally {
      listening.dispose();
    }
  }

  /** Answers what the sidecar asks. The last one who wants to does. */
  answer<Q extends keyof Questions>(
    question: Q,
    answerer: (params: Questions[Q][0], token: CancellationToken) => Promise<Questions[Q][1]>,
  ): () => void {
    this.answerers.set(question, answerer);
    return () => {
      this.answerers.delete(question);
    };
  }

  /** @returns stops listening */
  on<N extends keyof Notifications>(notification: N, listener: (params: Notifications[N]) => void): () => void {
    const all = this.listeners.get(notification) ?? new Set();
    this.listeners.set(notification, all.add(listener));
    return () => {
      all.delete(listener);
    };
  }

  /** Ends it as the contract says, and starts none again. */
  async dispose(): Promise<void> {
    this.isDisposed = true;
    clearTimeout(this.nextStart);
    await this.process?.end();
  }

  private start(): Promise<SidecarProcess> {
    if (this.isDisposed) return Promise.reject(new Error(vscode.l10n.t('The window is closing.')));
    if (this.running === undefined) {
      const running = this.spawn();
      this.running = running;
      running.catch(() => {
        if (this.running === running) this.running = undefined;
      });
    }
    return this.running;
  }

  private async spawn(): Promise<SidecarProcess> {
    const env = Object.fromEntries(Object.entries({ ...process.env, ...this.around.environment() }).filter(([name]) => !isUnwanted(name)));
    const sidecar = new SidecarProcess(this.around.program(), env);
    this.process = sidecar;
    void sidecar.ended.then(reason => {
      this.onEnd(sidecar, reason.message);
    });
    const { connection } = sidecar;
    connection.onError(([error]) => {
      this.around.log(`The connection to the sidecar failed: ${error.message}`);
    });
    connection.onNotification((method, params) => {
      for (const listener of this.listeners.get(method) ?? []) listener(params as never);
    });
    connection.onRequest(
      (method, params, token) =>
        this.answerers.get(method)?.(params as never, token) ?? new ResponseError(ErrorCodes.MethodNotFound, `Nobody answers ${method}.`),
    );
    connection.listen();
    const { serverInfo } = await sidecar
      .greet({
        clientInfo: { name: 'vscode', version: this.around.version },
        protocolVersion,
        logLevel: this.around.logLevel(),
        parentProcessId: process.pid,
      })
      .catch(async (error: unknown) => {
        // One that refuses lives on, and nobody else would end it.
        await sidecar.end();
        throw error;
      });
    if (serverInfo.version !== this.around.version)
      this.around.log(`The sidecar has version ${serverInfo.version}, and the extension ${this.around.version}.`);
    return sidecar;
  }

  private onEnd(sidecar: SidecarProcess, explanation: string): void {
    if (this.process !== sidecar) return;
    this.process = undefined;
    this.running = undefined;
    // Whoever asked for one that did not come up has been told; the next request tries again.
    if (this.isDisposed || !(sidecar.hasServed || this.isRestarting)) return;
    this.isRestarting = true;
    const waitMs = this.backoff.nextMs(Date.now() - sidecar.started);
    this.around.log(`${explanation} Starting it again in ${waitMs} ms.`);
    this.around.onCrash(explanation, this.backoff.isRepeated);
    this.nextStart = setTimeout(() => {
      void this.restart();
    }, waitMs);
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
