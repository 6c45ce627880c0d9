import * as vscode from 'vscode';
import { isCancelled, wordsOf } from '../errors';
import type { Services } from '../services';
import type { DatabaseKind, OpenTunnelParams, Tunnel, TunnelVariables } from '../sidecar/contract';
import { usersOf } from '../state/databaseUsers';
import { normalizeHost } from '../state/endpoints';
import { familyOf, type EngineFamily } from '../state/engines';
import { knownDatabase } from '../state/knownDatabases';
import { requestOf } from '../state/requests';
import { identityOf } from '../workspace/entries';
import type { Choice, Choices, Meant } from './choices';
import { separate, type Clash, type VariableSet } from './names';

const tlsKey = 'databasesWithTls';

/** The latest asked; older ones are asked again. */
const mostTls = 200;

/** What is known of an open tunnel's variables. `values` is undefined while they are asked for, and after that has failed. */
interface Known {
  /** What they were asked with. */
  asked: string;
  values?: ReadonlyMap<string, string>;
  failedIn?: Tunnel['state'];
}

const kinds: Partial<Record<EngineFamily, DatabaseKind>> = {
  postgres: 'Postgres',
  mysql: 'MySql',
  redis: 'Redis',
  docdb: 'MongoDb',
  sqlserver: 'SqlServer',
};

/**
 * The variables by which other programs find the databases of tunnels that are open. They come when a tunnel opens, and go when
 * it closes. The sidecar makes them; there is never a password in them.
 */
export class ProgramVariables implements vscode.Disposable {
  private readonly known = new Map<string, Known>();
  private readonly changed = new vscode.EventEmitter<undefined>();
  /** {@link kept} or {@link clashes} may be others. */
  readonly onDidChange = this.changed.event;
  private readonly stop: vscode.Disposable;

  constructor(
    private readonly services: Services,
    readonly choices: Choices,
  ) {
    const look = (): void => {
      this.look();
    };
    this.stop = vscode.Disposable.from(
      { dispose: services.tunnels.onChanged(look) },
      services.workspaceTunnels.onDidChange(look),
      choices.onDidChange(look),
      vscode.workspace.onDidGrantWorkspaceTrust(look),
    );
    look();
  }

  /** Those that stand beside each other. */
  get kept(): VariableSet[] {
    return separate(this.sets).kept;
  }

  get clashes(): Clash[] {
    return separate(this.sets).clashes;
  }

  /** The open tunnel that was asked for so. */
  tunnelOf(request: OpenTunnelParams): Tunnel | undefined {
    const identity = identityOf(request);
    return this.services.tunnels.all.find(tunnel => identityOf(requestOf(this.services, tunnel)) === identity);
  }

  meantBy(tunnel: Tunnel): Meant | undefined {
    return this.choices.of(requestOf(this.services, tunnel));
  }

  /** @param wait until the database answers @throws what the sidecar says */
  async ask(
    tunnel: Tunnel,
    choice: Choice,
    { wait, cancellation }: { wait: boolean; cancellation?: vscode.CancellationToken },
  ): Promise<ReadonlyMap<string, string>> {
    const { variables } = await this.request(tunnel, choice, wait, cancellation);
    return new Map(
      variables
        // What most programs read comes first where only some are named.
        .toSorted((a, b) => Number(isUrl(b.name)) - Number(isUrl(a.name)))
        .flatMap(({ name, value }) => (value === undefined ? [] : [[`${choice.prefix}${name}`, value] as const])),
    );
  }

  /** Waits until the database answers; what is learned is shown in terminals, too. @throws what the sidecar says */
  async wait(tunnel: Tunnel, choice: Choice, cancellation: vscode.CancellationToken): Promise<void> {
    const values = await this.ask(tunnel, choice, { wait: true, cancellation });
    this.known.set(tunnel.id, { asked: JSON.stringify(choice), values });
    this.changed.fire(undefined);
  }

  dispose(): void {
    this.stop.dispose();
    this.changed.dispose();
  }

  private get sets(): VariableSet[] {
    return this.services.tunnels.all.flatMap(({ id, name, localPort }): VariableSet[] => {
      const values = this.known.get(id)?.values;
      const tunnel = this.services.tunnels.find(id);
      const meant = tunnel === undefined ? undefined : this.meantBy(tunnel);
      return values === undefined || values.size === 0 || meant === undefined
        ? []
        : [{ id, name, localPort, values, folder: meant.folder?.uri.toString() }];
    });
  }

  /** Called with every change of a tunnel, its counters' too. */
  private look(): void {
    const { all } = this.services.tunnels;
    let isAnother = false;
    for (const id of this.known.keys()) {
      const tunnel = all.find(each => each.id === id);
      if (tunnel !== undefined && this.meantBy(tunnel) !== undefined) continue;
      this.known.delete(id);
      isAnother = true;
    }
    if (this.choices.all.length > 0)
      for (const tunnel of all) {
        const meant = this.meantBy(tunnel);
        if (meant !== undefined) this.lookAt(tunnel, meant.choice);
      }
    if (isAnother) this.changed.fire(undefined);
  }

  private lookAt(tunnel: Tunnel, choice: Choice): void {
    const asked = JSON.stringify(choice);
    const before = this.known.get(tunnel.id);
    // What has failed may work once a session is open.
    const isRetry = before?.failedIn !== undefined && before.failedIn !== 'Open' && tunnel.state === 'Open';
    if (before?.asked === asked && !isRetry) return;
    const known: Known = { asked };
    this.known.set(tunnel.id, known);
    this.ask(tunnel, choice, { wait: false }).then(
      values => {
        if (this.known.get(tunnel.id) !== known) return;
        known.values = values;
        this.changed.fire(undefined);
      },
      (error: unknown) => {
        known.failedIn = this.services.tunnels.find(tunnel.id)?.state ?? tunnel.state;
        // The tunnel's state says what keeps it from its database; without it there is nothing to set.
        if (!isCancelled(error)) this.services.log.warn(`${tunnel.name}: no environment variables. ${wordsOf(error)}`);
      },
    );
  }

  private async request(
    tunnel: Tunnel,
    choice: Choice,
    wait: boolean,
    cancellation: vscode.CancellationToken | undefined,
  ): Promise<TunnelVariables> {
    const { sidecar, globalMemory } = this.services;
    const { host = '' } = tunnel;
    const known = knownDatabase(globalMemory, host);
    const kind = known === undefined ? undefined : kinds[familyOf(known.engine)];
    const user = choice.user ?? (tunnel.login === undefined ? usersOf(globalMemory, host)[0] : undefined);
    const database = choice.database ?? known?.databaseName;
    const offersTls = this.offersTls(tunnel);
    const answer = await sidecar.request(
      'tunnel/variables',
      {
        id: tunnel.id,
        ...(kind === undefined ? {} : { kind }),
        ...(user === undefined ? {} : { user }),
        ...(database === undefined || database === '' ? {} : { database }),
        ...(offersTls === undefined ? {} : { offersTls }),
        ...(wait ? { wait } : {}),
      },
      cancellation,
    );
    if (answer.offersTls !== undefined && answer.offersTls !== offersTls) await this.rememberTls(tunnel, answer.offersTls);
    return answer;
  }

  private offersTls(tunnel: Tunnel): boolean | undefined {
    return this.services.memory.get<[string, boolean][]>(tlsKey, []).find(([place]) => place === placeOf(tunnel))?.[1];
  }

  private async rememberTls(tunnel: Tunnel, offersTls: boolean): Promise<void> {
    const others = this.services.memory.get<[string, boolean][]>(tlsKey, []).filter(([place]) => place !== placeOf(tunnel));
    await this.services.memory.update(tlsKey, [[placeOf(tunnel), offersTls], ...others].slice(0, mostTls));
  }
}

const isUrl = (name: string): boolean => /_UR[IL]$/.test(name);

const placeOf = ({ host = '', port, profile = '', region = '' }: Tunnel): string =>
  JSON.stringify([normalizeHost(host), port, profile, region]);
