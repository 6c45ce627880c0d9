import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

interface Claim {
  pid: number;
  identity: string;
}

/**
 * Which window serves a port: each says so in a file, since the ports themselves are its sidecar's.
 * A claim of a process that is gone counts for nothing.
 */
export class ServedPorts {
  private readonly claimed = new Set<number>();

  /** @param folder of this user, on this machine; it need not be there */
  constructor(
    private readonly folder: string,
    private readonly pid = process.pid,
  ) {}

  async claim(port: number, identity: string): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await writeFile(this.fileOf(port), JSON.stringify({ pid: this.pid, identity } satisfies Claim));
    this.claimed.add(port);
  }

  async release(port: number): Promise<void> {
    if (this.claimed.delete(port) && (await this.read(port))?.pid === this.pid) await rm(this.fileOf(port), { force: true });
  }

  /** What another window of this user serves there; undefined when none does. */
  async ofAnotherWindow(port: number): Promise<string | undefined> {
    const claim = await this.read(port);
    return claim !== undefined && claim.pid !== this.pid && isAlive(claim.pid) ? claim.identity : undefined;
  }

  /** At the end of the window. */
  dispose(): void {
    for (const port of this.claimed) rmSync(this.fileOf(port), { force: true });
  }

  private async read(port: number): Promise<Claim | undefined> {
    try {
      const claim: unknown = JSON.parse(await readFile(this.fileOf(port), 'utf8'));
      return typeof claim === 'object' &&
        claim !== null &&
        'pid' in claim &&
        typeof claim.pid === 'number' &&
        'identity' in claim &&
        typeof claim.identity === 'string'
        ? { pid: claim.pid, identity: claim.identity }
        : undefined;
    } catch {
      // None, or one that is being written: it only adds a word to what is shown.
      return undefined;
    }
  }

  private fileOf(port: number): string {
    return join(this.folder, `${port}.json`);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether a port of this machine could be bound now. A connection to it would open a session. */
export const isFree = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
