import * as vscode from 'vscode';
import type { OpenTunnelParams, Tunnel } from '../sidecar/contract';
import { isSameHost } from '../state/endpoints';
import { Consent } from './consent';
import { identityOf, leadsTo, problemOf, readEntry, readNamed, requestOfNamed, type ForPrograms, type NamedTunnel } from './entries';
import { KeptPorts } from './keptPorts';
import { listenWhereItDid, showListenError, type InUse, type Listening } from './listen';
import { isFree, type ServedPorts } from './servedPorts';
import { showEntry } from './showEntry';
import { teamFileWithTarget, wantsTarget, withTarget } from './targetOffer';
import { readSmallFile } from './smallFile';
import { diagnosticsOf, readTeamFile, teamFileName, type TeamFile } from './teamFile';

const section = 'rdsTunnel';
const setting = 'tunnels';

/** A tunnel on a port that somebody has chosen. */
export type FixedTunnel = OpenTunnelParams & { localPort: number };

/** A tunnel that stands in settings; `written`, what was written for it, if it did not stand there before. */
export interface Fixing {
  tunnel: FixedTunnel;
  written?: { target: vscode.ConfigurationTarget; isNewList: boolean };
}

/**
 * A tunnel that is wanted and does not listen here: it was closed by hand, or its port is in use,
 * by another window that has the same one or by another program.
 */
export interface Dormant {
  request: OpenTunnelParams;
  localPort: number;
  reason: 'Closed' | 'OtherWindow' | 'PortInUse';
}

/** How soon a window takes a port that another has left. */
const retryMs = 1_000;

const placeOf = (request: OpenTunnelParams): string => `${identityOf(request)} ${request.localPort ?? ''}`;

/**
 * The tunnels that settings and the team's file name: they listen as long as they stand there. The
 * sidecar is started only if there are any.
 */
export class WorkspaceTunnels implements vscode.Disposable {
  /** The ports of those that listen, by {@link placeOf}. A crash of the sidecar does not change them. */
  private readonly open = new Map<string, number>();
  /** Those that wait for their port, likewise. */
  private readonly waiting = new Map<string, { localPort: number; reason: 'OtherWindow' | 'PortInUse' }>();
  private retrying: NodeJS.Timeout | undefined;
  private current = new Map<string, NamedTunnel>();
  /** All that settings and the team's file name, also what nobody has agreed to yet. */
  private named: NamedTunnel[] = [];
  /** Those of the team's file, and its folder. */
  private team: { tunnels: readonly NamedTunnel[]; folder: vscode.WorkspaceFolder | undefined } = { tunnels: [], folder: undefined };
  private readonly changed = new vscode.EventEmitter<undefined>();
  /** {@link dormant} may be another. */
  readonly onDidChange = this.changed.event;
  private readonly diagnostics = vscode.languages.createDiagnosticCollection('rds-tunnel');
  private readonly watcher = vscode.workspace.createFileSystemWatcher(`**/${teamFileName}`);
  private readonly subscriptions: { dispose: () => unknown }[];
  private syncing = Promise.resolve();
  private readonly ports: KeptPorts;
  readonly consent: Consent;

  constructor(
    private readonly services: Listening & { memory: vscode.Memento },
    private readonly served: ServedPorts,
  ) {
    this.consent = new Consent(services.memory);
    this.ports = new KeptPorts(services.memory);
    const sync = (): void => {
      this.sync();
    };
    this.subscriptions = [
      this.changed,
      this.served,
      {
        dispose: () => {
          clearInterval(this.retrying);
        },
      },
      this.diagnostics,
      this.watcher,
      this.watcher.onDidChange(sync),
      this.watcher.onDidCreate(sync),
      this.watcher.onDidDelete(sync),
      vscode.workspace.onDidGrantWorkspaceTrust(sync),
      vscode.workspace.onDidChangeWorkspaceFolders(sync),
      vscode.workspace.onDidChangeConfiguration(change => {
        if (change.affectsConfiguration(`${section}.${setting}`)) this.sync();
      }),
    ];
  }

  get dormant(): Dormant[] {
    return [...this.current].flatMap(([place, request]): Dormant[] => {
      const waiting = this.waiting.get(place);
      if (waiting !== undefined) return [{ request, ...waiting }];
      const localPort = this.open.get(place);
      return localPort !== undefined && this.services.tunnels.wasClosed(localPort) ? [{ request, localPort, reason: 'Closed' }] : [];
    });
  }

  /** Those that are wanted here and say that other programs are to find their databases. */
  get forPrograms(): ForPrograms[] {
    return [...this.current].flatMap(([place, named]) =>
      named.environment === undefined
        ? []
        : [
            {
              named,
              localPort: this.open.get(place) ?? this.waiting.get(place)?.localPort,
              folder: this.team.tunnels.includes(named) ? this.team.folder : undefined,
            },
          ],
    );
  }

  /** Whether only files of the workspace want it, and nobody has agreed to that. */
  isWithheld(request: OpenTunnelParams): boolean {
    const isIt = (each: OpenTunnelParams): boolean => identityOf(each) === identityOf(request);
    return this.named.some(isIt) && ![...this.current.values()].some(isIt);
  }

  /** Once everything that is wanted now listens, or has failed to. */
  async settled(): Promise<void> {
    await this.syncing;
  }

  /** Listens there again, or looks once more whether it can. */
  reopen({ request }: Dormant): void {
    this.open.delete(placeOf(request));
    this.sync();
  }

  /** Makes what listens what is wanted; one change after the other. */
  sync(): void {
    this.syncing = this.syncing
      .then(() => this.synchronize())
      .catch((error: unknown) => {
        this.services.log.error(String(error));
      });
  }

  /** Whether any tunnel is named that leads to a database. */
  async leadTo(host: string, port: number): Promise<boolean> {
    await this.syncing;
    return this.named.some(each => each.port === port && each.host !== undefined && isSameHost(each.host, host));
  }

  /**
   * The tunnel that leads to the same place with the same identity on a port of its own, and stands
   * in settings that hold wherever the target's do.
   */
  fixed(request: OpenTunnelParams, target: vscode.ConfigurationTarget): FixedTunnel | undefined {
    const { Global } = vscode.ConfigurationTarget;
    return [Global, ...(target === Global ? [] : [target])]
      .flatMap(each => this.listAt(each))
      .map(readEntry)
      .find((each): each is FixedTunnel => each?.localPort !== undefined && identityOf(each) === identityOf(request));
  }

  /**
   * Gives a tunnel a port for good: it stands in settings that hold wherever the target's do, from
   * now on or already. Whoever does that by a command has agreed.
   */
  async fix(request: FixedTunnel, target: vscode.ConfigurationTarget): Promise<Fixing> {
    const known = this.fixed(request, target);
    if (known !== undefined) return { tunnel: known };
    // Nothing else than what an entry may say: no endpoint of AWS, say.
    const entry = readEntry(request);
    if (entry?.localPort === undefined) throw new Error(problemOf(request)?.message ?? 'No local port.');
    await this.consent.allow(entry);
    if (this.on(entry.localPort) !== undefined) await this.opened(entry, entry.localPort);
    const isNewList = this.valueAt(target) === undefined;
    await this.write(target, list => [...list, entry]);
    return { tunnel: { ...entry, localPort: entry.localPort }, written: { target, isNewList } };
  }

  /** Tunnels that are open already are about to be written to the team's file: they go on, and nobody is asked about them. */
  async adopt(requests: readonly OpenTunnelParams[]): Promise<void> {
    for (const request of requests) {
      const entry = readEntry(request);
      if (entry?.localPort === undefined) continue;
      await this.consent.allow(entry);
      if (this.on(entry.localPort) !== undefined) await this.opened(entry, entry.localPort);
    }
  }

  /** Takes an entry away again, and with the last one a list that was not there before. */
  async remove(
    { host, localPort }: { host: string; localPort: number },
    { target, isNewList }: { target: vscode.ConfigurationTarget; isNewList: boolean },
  ): Promise<void> {
    await this.write(target, list => {
      const others = list.filter(each => !leadsTo(readEntry(each), host, localPort));
      return isNewList && others.length === 0 && list.length > 0 ? undefined : others;
    });
  }

  /** A jump host was chosen for a tunnel that is named in settings or the team's file: offers to write it there. */
  async offerTarget(request: OpenTunnelParams, target: string): Promise<void> {
    const values = vscode.workspace.getConfiguration(section).inspect<unknown>(setting);
    for (const [place, list] of [
      [vscode.ConfigurationTarget.Global, values?.globalValue],
      [vscode.ConfigurationTarget.Workspace, values?.workspaceValue],
    ] as const) {
      if (!Array.isArray(list) || withTarget(list, request, target) === undefined) continue;
      if (
        !(await wantsTarget(
          request,
          target,
          place === vscode.ConfigurationTarget.Global ? vscode.l10n.t('your settings') : vscode.l10n.t("the workspace's settings"),
        ))
      )
        return;
      await this.keepOpen(request, target);
      await this.write(place, now => withTarget(now, request, target) ?? now);
      return;
    }
    const [, uri] = await this.teamFile();
    const text = uri === undefined ? undefined : await this.contentOf(uri);
    if (
      uri === undefined ||
      text === undefined ||
      teamFileWithTarget(text, request, target) === undefined ||
      !(await wantsTarget(request, target, teamFileName))
    )
      return;
    await this.keepOpen(request, target);
    // It is the team's: whoever has it open looks at it before it is saved and shared.
    const document = await vscode.workspace.openTextDocument(uri);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(
      uri,
      new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length)),
      teamFileWithTarget(document.getText(), request, target) ?? document.getText(),
    );
    await vscode.workspace.applyEdit(edit);
    await document.save();
    await vscode.window.showTextDocument(document);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** The tunnel goes on as it is while its entry gets a jump host, on its port, with the same consent. */
  private async keepOpen(request: OpenTunnelParams, target: string): Promise<void> {
    // An entry may name no port of its own.
    const portless = { ...request };
    delete portless.localPort;
    for (const entry of [request, portless]) {
      const named = { ...(this.current.get(placeOf(entry)) ?? entry), target };
      await this.consent.allow(named);
      const localPort = this.open.get(placeOf(entry));
      if (localPort === undefined || (request.localPort !== undefined && localPort !== request.localPort)) continue;
      this.open.delete(placeOf(entry));
      this.open.set(placeOf(named), localPort);
      await this.ports.keep(named, localPort);
    }
  }

  private on(localPort: number): Tunnel | undefined {
    return this.services.tunnels.all.find(tunnel => tunnel.localPort === localPort);
  }

  private async write(target: vscode.ConfigurationTarget, change: (list: unknown[]) => unknown[] | undefined): Promise<void> {
    const before = this.listAt(target);
    const after = change(before);
    if (JSON.stringify(after) !== JSON.stringify(before)) await vscode.workspace.getConfiguration(section).update(setting, after, target);
  }

  private listAt(target: vscode.ConfigurationTarget): unknown[] {
    const list = this.valueAt(target);
    return Array.isArray(list) ? list : [];
  }

  private valueAt(target: vscode.ConfigurationTarget): unknown {
    const values = vscode.workspace.getConfiguration(section).inspect<unknown>(setting);
    return target === vscode.ConfigurationTarget.Global ? values?.globalValue : values?.workspaceValue;
  }

  private async synchronize(): Promise<void> {
    const wanted = new Map((await this.wanted()).map(request => [placeOf(request), request]));
    for (const [place, localPort] of this.open) {
      if (wanted.has(place)) continue;
      this.open.delete(place);
      await this.served.release(localPort);
      const tunnel = this.on(localPort);
      if (tunnel !== undefined) await this.services.sidecar.request('tunnel/close', { id: tunnel.id });
    }
    for (const place of this.waiting.keys()) if (!wanted.has(place)) this.waiting.delete(place);
    this.current = wanted;
    await Promise.all([...wanted.values()].filter(request => !this.open.has(placeOf(request))).map(request => this.start(request)));
    if (this.waiting.size === 0) {
      clearInterval(this.retrying);
      this.retrying = undefined;
    }
    this.changed.fire(undefined);
  }

  private async start(named: NamedTunnel): Promise<void> {
    const request = requestOfNamed(named);
    const isServed = async (port: number): Promise<boolean> => (await this.served.ofAnotherWindow(port)) === identityOf(request);
    const result = await listenWhereItDid(this.services, this.ports, request, isServed, async () => {
      const [, teamFile] = await this.teamFile();
      await showEntry(request, teamFile);
    });
    if (result === undefined) return;
    if ('portInUse' in result) this.wait(request, result, await isServed(result.portInUse));
    else await this.opened(request, result.localPort);
  }

  private async opened(request: OpenTunnelParams, localPort: number): Promise<void> {
    this.waiting.delete(placeOf(request));
    this.open.set(placeOf(request), localPort);
    await this.served.claim(localPort, identityOf(request));
  }

  /** Another program is told of, once; another window is no fault. Whoever leaves the port first, it is taken soon. */
  private wait(request: OpenTunnelParams, { portInUse, error }: InUse, isOtherWindow: boolean): void {
    if (!isOtherWindow && this.waiting.get(placeOf(request))?.reason !== 'PortInUse') showListenError(this.services, request, error);
    this.waiting.set(placeOf(request), { localPort: portInUse, reason: isOtherWindow ? 'OtherWindow' : 'PortInUse' });
    this.retrying ??= setInterval(() => {
      void this.retry();
    }, retryMs);
  }

  private async retry(): Promise<void> {
    for (const { localPort } of this.waiting.values()) {
      if (!(await isFree(localPort))) continue;
      this.sync();
      return;
    }
  }

  /** Nothing in a workspace that is not trusted; what stands in the workspace's own files only with consent. */
  private async wanted(): Promise<NamedTunnel[]> {
    if (!vscode.workspace.isTrusted) return [];
    const values = vscode.workspace.getConfiguration(section).inspect<unknown>(setting);
    const ours = this.read(values?.globalValue);
    const [file, uri] = await this.teamFile();
    this.team = { tunnels: file.tunnels, folder: uri === undefined ? undefined : vscode.workspace.getWorkspaceFolder(uri) };
    const theirs = [...this.read(values?.workspaceValue), ...file.tunnels];
    this.named = [...ours, ...theirs];
    void this.consent
      .ask(theirs, () =>
        uri === undefined
          ? vscode.commands.executeCommand('workbench.action.openWorkspaceSettingsFile')
          : vscode.window.showTextDocument(uri),
      )
      .then(allowed => {
        if (allowed) this.sync();
      });
    const all = [...ours, ...theirs.filter(request => this.consent.isAllowed(request))];
    // What stands twice, once with its port, is one tunnel.
    return all.filter(
      request =>
        request.localPort !== undefined || !all.some(each => each.localPort !== undefined && identityOf(each) === identityOf(request)),
    );
  }

  private read(list: unknown): NamedTunnel[] {
    if (!Array.isArray(list)) return [];
    return list.flatMap((entry: unknown) => {
      const request = readNamed(entry);
      if (request === undefined)
        this.services.log.warn(`An entry of ${section}.${setting} is left out. ${problemOf(entry)?.message ?? ''}`);
      return request ?? [];
    });
  }

  /** Of the first folder that has one. */
  private async teamFile(): Promise<[TeamFile, vscode.Uri | undefined]> {
    this.diagnostics.clear();
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      const uri = vscode.Uri.joinPath(folder.uri, teamFileName);
      const text = await this.contentOf(uri);
      if (text === undefined) continue;
      const file = readTeamFile(text);
      this.diagnostics.set(uri, diagnosticsOf(text, file));
      return [file, uri];
    }
    return [{ tunnels: [], problems: [] }, undefined];
  }

  private async contentOf(uri: vscode.Uri): Promise<string | undefined> {
    try {
      return await readSmallFile(uri);
    } catch (error) {
      if (!(error instanceof vscode.FileSystemError) || error.code !== 'FileNotFound')
        this.services.log.warn(`${uri.fsPath} cannot be read: ${String(error)}`);
      return undefined;
    }
  }
}
