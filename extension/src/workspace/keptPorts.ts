import type * as vscode from 'vscode';
import type { OpenTunnelParams } from '../sidecar/contract';
import { identityOf, identityOfRemembered } from './entries';

const key = 'keptPorts';

/** More than a workspace has; the oldest go first. */
const most = 100;

/**
 * The ports of tunnels whose entries name none: each keeps the one that it was given first, so that
 * what connects there finds it in the next window, too.
 */
export class KeptPorts {
  constructor(private readonly memory: vscode.Memento) {}

  of(request: OpenTunnelParams): number | undefined {
    return this.all.find(([identity]) => identity === identityOf(request))?.[1];
  }

  async keep(request: OpenTunnelParams, port: number): Promise<void> {
    const others = this.all.filter(([identity]) => identity !== identityOf(request));
    await this.memory.update(key, [[identityOf(request), port], ...others].slice(0, most));
  }

  private get all(): [string, number][] {
    return this.memory.get<[string, number][]>(key, []).map(([identity, port]) => [identityOfRemembered(identity), port]);
  }
}
