import * as vscode from 'vscode';
import { listenWhereItDid } from '../listen';
import type { OpenTunnelParams, Tunnel } from '../sidecar/contract';
import type { Services } from '../services';
import type { Route } from '../databaseTools/tool';
import { Consent } from './consent';
import { identityOf, leadsTo, problemOf, readEntry } from './entries';
import { KeptPorts } from './keptPorts';
import { teamFileWithTarget, wantsTarget, withTarget } from './targetOffer';
import { readTeamFile, teamFileName, type TeamFile } from './teamFile';

const section = 'rdsTunnel';
const setting = 'tunnels';

const placeOf = (request: OpenTunnelParams): string => `${identityOf(request)} ${request.localPort ?? ''}`;

/** The tunnels that settings and the team's file name: they listen as long as they stand there. The sidecar is started only if there are any. */
export class WorkspaceTunnels implements vscode.Disposable {
  /** The ports of those that listen, by {@link placeOf}. A crash of the sidecar does not change them. */
  private readonly open = new Map<string, number>();
  private readonly diagnostics = vscode.languages.createDiagnosticCollection('rds-tunnel');
  private readonly watcher = vscode.workspace.createFileSystemWatcher(`**/${teamFileName}`);
  private readonly subscriptions: { dispose: () => unknown }[];
  private syncing = Promise.resolve();
  private readonly ports: KeptPorts;
  readonly consent: Consent;

  constructor(private readonly services: Services) {
    this.consent = new Consent(services.memory);
    this.ports = new KeptPorts(services.memory);
    const sync = (): void => { this.sync(); };
    this.subscriptions = [
      this.diagnostics, this.watcher, this.watcher.onDidChange(sync), this.watcher.onDidCreate(sync), this.watcher.onDidDelete(sync),
      vscode.workspace.onDidGrantWorkspaceTrust(sync), vscode.workspace.onDidChangeWorkspaceFolders(sync),
      vscode.workspace.onDidChangeConfiguration(change => { if (change.affectsConfiguration(`${section}.${setting}`)) this.sync(); }),
    ];
  }

  /** Makes what listens what is wanted; one change after the other. */
  sync(): void {
    this.syncing = this.syncing.then(() => this.synchronize()).catch((error: unknown) => { this.services.log.error(String(error)); });
  }

  /** Writes a tunnel to the settings. Whoever does that by a command has agreed. */
  async add(request: OpenTunnelParams, target: vscode.ConfigurationTarget): Promise<void> {
    await this.consent.allow(request);
    if (request.localPort !== undefined && this.on(request.localPort) !== undefined) this.open.set(placeOf(request), request.localPort);
    await this.write(target, list => [...list, request]);
  }

  async remove({ host, localPort }: Route, target: vscode.ConfigurationTarget): Promise<void> {
    await this.write(target, list => list.filter(each => !leadsTo(readEntry(each), host, localPort)));
  }

  /** A jump host was chosen for a tunnel that is named in settings or the team's file: offers to write it there. */
  async offerTarget(request: OpenTunnelParams, target: string): Promise<void> {
    const values = vscode.workspace.getConfiguration(section).inspect<unknown>(setting);
    for (const [place, list] of [[vscode.ConfigurationTarget.Global, values?.globalValue], [vscode.ConfigurationTarget.Workspace, values?.workspaceValue]] as const) {
      if (!Array.isArray(list) || withTarget(list, request, target) === undefined) continue;
      if (!await wantsTarget(request, target, place === vscode.ConfigurationTarget.Global ? vscode.l10n.t('your settings') : vscode.l10n.t('the workspace\'s settings'))) return;
      await this.keepOpen(request, target);
      await this.write(place, now => withTarget(now, request, target) ?? now);
      return;
    }
    const [, uri] = await this.teamFile();
    const text = uri === undefined ? undefined : await this.contentOf(uri);
    if (uri === undefined || text === undefined || teamFileWithTarget(text, request, target) === undefined || !await wantsTarget(request, target, teamFileName)) return;
    await this.keepOpen(request, target);
    // It is the team's: whoever has it open looks at it before it is saved and shared.
    const document = await vscode.workspace.openTextDocument(uri);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(uri, new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length)), teamFileWithTarget(document.getText(), request, target) ?? document.getText());
    await vscode.workspace.applyEdit(edit);
    await document.save();
    await vscode.window.showTextDocument(document);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** The tunnel goes on as it is while its entry gets a jump host, on its port, with the same consent. */
  private async keepOpen(request: OpenTunnelParams, target: string): Promise<void> {
    const named = { ...request, target };
    await this.consent.allow(named);
    for (const [place, localPort] of [...this.open]) {
      // An entry may name no port of its own.
      const portless = { ...request };
      delete portless.localPort;
      const [before, after] = place === placeOf(request) ? [placeOf(request), placeOf(named)] : place === placeOf(portless) ? [placeOf(portless), placeOf({ ...portless, target })] : [];
      if (before === undefined || after === undefined || (request.localPort !== undefined && localPort !== request.localPort)) continue;
      this.open.delete(before);
      this.open.set(after, localPort);
      await this.ports.keep(named, localPort);
    }
  }

  private on(localPort: number): Tunnel | undefined {
    return this.services.tunnels.all.find(tunnel => tunnel.localPort === localPort);
  }

  private async write(target: vscode.ConfigurationTarget, change: (list: unknown[]) => unknown[]): Promise<void> {
    const configuration = vscode.workspace.getConfiguration(section);
    const values = configuration.inspect<unknown[]>(setting);
    const list = target === vscode.ConfigurationTarget.Global ? values?.globalValue : values?.workspaceValue;
    await configuration.update(setting, change(list ?? []), target);
  }

  private async synchronize(): Promise<void> {
    const wanted = new Map((await this.wanted()).map(request => [placeOf(request), request]));
    for (const [place, localPort] of this.open) {
      if (wanted.has(place)) continue;
      this.open.delete(place);
      const tunnel = this.on(localPort);
      if (tunnel !== undefined) await this.services.sidecar.request('tunnel/close', { id: tunnel.id });
    }
    await Promise.all([...wanted].filter(([place]) => !this.open.has(place)).map(async ([place, request]) => {
      const tunnel = await listenWhereItDid(this.services, this.ports, request);
      if (tunnel !== undefined) this.open.set(place, tunnel.localPort);
    }));
  }

  /** Nothing in a workspace that is not trusted; what stands in the workspace's own files only with consent. */
  private async wanted(): Promise<OpenTunnelParams[]> {
    if (!vscode.workspace.isTrusted) return [];
    const values = vscode.workspace.getConfiguration(section).inspect<unknown>(setting);
    const ours = this.read(values?.globalValue);
    const [file, uri] = await this.teamFile();
    const theirs = [...this.read(values?.workspaceValue), ...file.tunnels];
    void this.consent.ask(theirs, () => uri === undefined
      ? vscode.commands.executeCommand('workbench.action.openWorkspaceSettingsFile')
      : vscode.window.showTextDocument(uri)).then(allowed => { if (allowed) this.sync(); });
    return [...ours, ...theirs.filter(request => this.consent.isAllowed(request))];
  }

  private read(list: unknown): OpenTunnelParams[] {
    if (!Array.isArray(list)) return [];
    return list.flatMap((entry: unknown) => {
      const request = readEntry(entry);
      if (request === undefined) this.services.log.warn(`An entry of ${section}.${setting} is left out. ${problemOf(entry)?.message ?? ''}`);
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
      this.diagnostics.set(uri, file.problems.map(({ offset, length, message }) =>
        new vscode.Diagnostic(new vscode.Range(positionAt(text, offset), positionAt(text, offset + length)), message, vscode.DiagnosticSeverity.Error)));
      return [file, uri];
    }
    return [{ tunnels: [], problems: [] }, undefined];
  }

  private async contentOf(uri: vscode.Uri): Promise<string | undefined> {
    try {
      return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    } catch (error) {
      if (!(error instanceof vscode.FileSystemError) || error.code !== 'FileNotFound') this.services.log.warn(`${uri.fsPath} cannot be read: ${String(error)}`);
      return undefined;
    }
  }
}

function positionAt(text: string, offset: number): vscode.Position {
  const before = text.slice(0, offset).split('\n');
  return new vscode.Position(before.length - 1, before.at(-1)?.length ?? 0);
}
