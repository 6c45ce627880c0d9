import * as vscode from 'vscode';
import type { OpenTunnelParams } from '../sidecar/contract';
import { identityOf, requestOfNamed } from '../workspace/entries';
import type { WorkspaceTunnels } from '../workspace/workspaceTunnels';

const key = 'environmentChoices';

/** The latest chosen; older ones are forgotten. */
const most = 100;

/** How a tunnel's variables are named, and what they say of the database. */
export interface Choice {
  /** What their names begin with. */
  prefix: string;
  user?: string;
  database?: string;
}

/** By a command: null when somebody has taken it back, whatever an entry says. */
type Remembered = [identity: string, chosen: { choice: Choice; request: OpenTunnelParams } | null];

/** A tunnel whose database other programs are to find. */
export interface Meant {
  /** How to open it. */
  request: OpenTunnelParams;
  choice: Choice;
  /** The only folder whose programs are meant; undefined for all. */
  folder?: vscode.WorkspaceFolder | undefined;
}

/** Which tunnels other programs are to find: by a command, for this workspace, or by an entry of settings or the team's file. */
export class Choices implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly memory: vscode.Memento,
    private readonly workspaceTunnels: Pick<WorkspaceTunnels, 'forPrograms'>,
  ) {}

  /** Nothing in a workspace that is not trusted: its tasks and programs are others'. */
  get all(): Meant[] {
    if (!vscode.workspace.isTrusted) return [];
    const remembered = new Map(this.remembered);
    const named = this.workspaceTunnels.forPrograms.flatMap(({ named, localPort, folder }): Meant[] => {
      const chosen = remembered.get(identityOf(named));
      if (chosen === null) return [];
      const { environment, database } = named;
      return [
        {
          request: { ...requestOfNamed(named), ...(localPort === undefined ? {} : { localPort }) },
          choice: chosen?.choice ?? {
            prefix: typeof environment === 'string' ? environment : '',
            ...(database === undefined ? {} : { database }),
          },
          folder,
        },
      ];
    });
    const byEntry = new Set(named.map(({ request }) => identityOf(request)));
    return [
      ...named,
      ...this.remembered.flatMap(([identity, chosen]): Meant[] => (chosen === null || byEntry.has(identity) ? [] : [chosen])),
    ];
  }

  of(request: OpenTunnelParams): Meant | undefined {
    const identity = identityOf(request);
    return this.all.find(each => identityOf(each.request) === identity);
  }

  async choose(request: OpenTunnelParams, choice: Choice): Promise<void> {
    await this.remember(request, { choice, request });
  }

  async takeBack(request: OpenTunnelParams): Promise<void> {
    await this.remember(request, null);
  }

  dispose(): void {
    this.changed.dispose();
  }

  private get remembered(): Remembered[] {
    return this.memory.get<Remembered[]>(key, []);
  }

  private async remember(request: OpenTunnelParams, chosen: Remembered[1]): Promise<void> {
    const identity = identityOf(request);
    await this.memory.update(
      key,
      [[identity, chosen] satisfies Remembered, ...this.remembered.filter(([each]) => each !== identity)].slice(0, most),
    );
    this.changed.fire(undefined);
  }
}
