import * as vscode from 'vscode';
import { awsConfigFile } from '../dialogs/help';
import { codeOf, traceOf, wordsOf } from '../errors';
import type { Database, DiscoveryFailure, JumpHost, Profile } from '../sidecar/contract';
import type { Services } from '../services';
import { onDidSignIn } from '../dialogs/signIn';
import { rememberDatabases } from '../state/knownDatabases';
import { canSignIn } from '../state/engines';
import { addedRegions } from '../state/regions';
import { byName, iconOf, matches, nameOf, reasonText } from '../state/summary';
import { listProfiles } from '../dialogs/profiles';
import { plain } from '../ui/plain';
import { tooltipLines } from '../ui/tooltip';
import { setContext } from '../ui/contexts';
import { failureLines, nextStepOf } from '../ui/failures';

export interface ProfileNode {
  kind: 'profile';
  profile: Profile;
}
export interface RegionNode {
  kind: 'region';
  profile: Profile;
  region: string;
}
export interface DatabaseNode {
  kind: 'database';
  profile: Profile;
  database: Database;
}
export interface JumpHostNode {
  kind: 'jumpHost';
  parent: DatabaseNode;
  jumpHost: JumpHost;
  note: string | undefined;
}
/** Shown instead of a list, or after it. */
interface MessageNode {
  kind: 'message';
  text: string;
  detail?: string;
  icon: string;
  command?: vscode.Command;
}

export type Node = ProfileNode | RegionNode | DatabaseNode | JumpHostNode | MessageNode;

/**
 * Profiles, their regions, the databases there, and the jump hosts for each. Nothing is requested,
 * and no sidecar started, until the user asks for it.
 */
export class DatabaseTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Node | undefined>();
  private readonly stop: () => void;
  private readonly afterSignIn = onDidSignIn(() => {
    if (this.isWanted) this.show();
  });
  private isWanted = false;
  private filter = '';
  /** How often fresh answers were asked for. */
  private generation = 0;
  /** By profile and region, the generation of what is shown. */
  private readonly shown = new Map<string, number>();

  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly services: Services) {
    // Where a tunnel is open, the sidecar runs, and can be asked.
    this.stop = services.tunnels.onChanged(() => {
      this.stop();
      this.show();
    });
  }

  /** Shows only databases whose name, engine, host or tags contain all these words; all of them for an empty text. */
  filterBy(text: string): void {
    this.filter = text;
    setContext('isFiltered', text !== '');
    this.changed.fire(undefined);
  }

  get filterText(): string {
    return this.filter;
  }

  /** Lists everything anew from AWS. */
  refresh(): void {
    this.generation++;
    this.show();
  }

  /** Redraws what is known. */
  show(): void {
    this.isWanted = true;
    this.changed.fire(undefined);
  }

  async getChildren(parent?: Node): Promise<Node[]> {
    try {
      return await this.childrenOf(parent);
    } catch (error) {
      const message = wordsOf(error);
      this.services.log.error(traceOf(error));
      return [
        {
          kind: 'message',
          text: vscode.l10n.t("Couldn't load the list"),
          detail: message,
          icon: 'error',
          command: stepAfter(codeOf(error), profileOf(parent)),
        },
      ];
    }
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case 'profile':
        return profileItem(node);
      case 'region':
        return regionItem(node, this.services);
      case 'database':
        return databaseItem(node);
      case 'jumpHost':
        return jumpHostItem(node);
      case 'message':
        return messageItem(node);
    }
  }

  dispose(): void {
    this.stop();
    this.afterSignIn.dispose();
    this.changed.dispose();
  }

  private childrenOf(parent: Node | undefined): Promise<Node[]> {
    switch (parent?.kind) {
      case undefined:
        return this.profiles();
      case 'profile':
        return Promise.resolve(this.regionsOf(parent));
      case 'region':
        return this.databasesIn(parent);
      case 'database':
        return this.jumpHostsOf(parent);
      default:
        return Promise.resolve([]);
    }
  }

  private async profiles(): Promise<Node[]> {
    if (!this.isWanted) return [];
    const { profiles } = await listProfiles(this.services);
    return profiles.map(profile => ({ kind: 'profile', profile }));
  }

  private regionsOf({ profile }: ProfileNode): Node[] {
    if (profile.problem !== undefined)
      return [
        {
          kind: 'message',
          text: profile.problem,
          icon: 'warning',
          command: { command: 'vscode.open', title: vscode.l10n.t('Open AWS config'), arguments: [vscode.Uri.file(awsConfigFile())] },
        },
      ];
    if (profile.needsSignIn)
      return [{ kind: 'message', text: vscode.l10n.t('Sign in to see databases'), icon: 'key', command: signInWith(profile) }];
    const regions = new Set([
      ...(profile.region === undefined ? [] : [profile.region]),
      ...addedRegions(this.services.globalMemory, profile.name),
    ]);
    if (regions.size === 0)
      return [
        {
          kind: 'message',
          text: vscode.l10n.t('This profile has no region. Add one'),
          icon: 'info',
          command: {
            command: 'rdsTunnel.showAnotherRegion',
            title: vscode.l10n.t('Add region…'),
            arguments: [{ kind: 'profile', profile } satisfies ProfileNode],
          },
        },
      ];
    return [...regions].map(region => ({ kind: 'region', profile, region }));
  }

  private async databasesIn({ profile, region }: RegionNode): Promise<Node[]> {
    const { sidecar, globalMemory } = this.services;
    const databases: Database[] = [];
    const failures: DiscoveryFailure[] = [];
    const key = `${profile.name} ${region}`;
    const refresh = (this.shown.get(key) ?? this.generation) !== this.generation;
    this.shown.set(key, this.generation);
    await sidecar.requestWithProgress('database/list', { scopes: [{ profile: profile.name, region }], refresh }, found => {
      databases.push(...found.databases);
      if (found.failure !== undefined) failures.push(found.failure);
    });
    await rememberDatabases(globalMemory, databases);
    const found = databases
      .filter(database => matches(database, this.filter))
      .sort(byName)
      .map((database): Node => ({ kind: 'database', profile, database }));
    const nothing: Node = {
      kind: 'message',
      text: databases.length === 0 ? vscode.l10n.t('No databases in this region') : vscode.l10n.t('No database matches the filter'),
      icon: 'info',
    };
    return found.length + failures.length === 0 ? [nothing] : [...found, ...this.failed(failures, profile)];
  }

  private async jumpHostsOf(parent: DatabaseNode): Promise<Node[]> {
    const { host, port, vpcId, securityGroupIds } = parent.database;
    const { jumpHosts, failures, recommended, chosen, advice } = await this.services.sidecar.request('jumpHost/list', {
      database: { host, port, securityGroupIds, ...(vpcId === undefined ? {} : { vpcId }) },
      scope: { profile: parent.profile.name, region: parent.database.region },
    });
    const noteOf = ({ target }: JumpHost): string | undefined =>
      target === chosen ? vscode.l10n.t('chosen') : target === recommended ? vscode.l10n.t('recommended') : undefined;
    return [
      ...jumpHosts.map((jumpHost): Node => ({ kind: 'jumpHost', parent, jumpHost, note: noteOf(jumpHost) })),
      ...this.failed(failures, parent.profile),
      ...(advice === undefined ? [] : [{ kind: 'message', text: advice, icon: 'info' } satisfies Node]),
    ];
  }

  private failed(failures: readonly DiscoveryFailure[], profile: Profile): Node[] {
    for (const { action, message } of failures) this.services.log.warn(`${action}: ${message}`);
    return failureLines(failures).map(({ text, detail, code }) => ({
      kind: 'message',
      text,
      detail,
      icon: 'warning',
      command: stepAfter(code, profile),
    }));
  }
}

const profileOf = (node: Node | undefined): Profile | undefined =>
  node === undefined || node.kind === 'message' ? undefined : node.kind === 'jumpHost' ? node.parent.profile : node.profile;

/** What Enter does on a row that says what failed. */
function stepAfter(code: string | undefined, profile: Profile | undefined): vscode.Command {
  const step = nextStepOf(code);
  if (step === 'signIn' && profile !== undefined) return signInWith(profile);
  return step === 'permissions'
    ? { command: 'rdsTunnel.showPermissions', title: vscode.l10n.t('Show required permissions') }
    : { command: 'rdsTunnel.showLog', title: vscode.l10n.t('Show log') };
}

const signInWith = (profile: Profile): vscode.Command => ({
  command: 'rdsTunnel.signInProfile',
  title: vscode.l10n.t('Sign in'),
  arguments: [{ kind: 'profile', profile } satisfies ProfileNode],
});

function profileItem({ profile }: ProfileNode): vscode.TreeItem {
  const item = new vscode.TreeItem(plain(profile.name), vscode.TreeItemCollapsibleState.Collapsed);
  item.id = `profile ${profile.name}`;
  item.description = plain([profile.accountId, profile.roleName].filter(text => text !== undefined).join(' · '));
  item.iconPath = new vscode.ThemeIcon(profile.problem !== undefined ? 'warning' : profile.needsSignIn ? 'key' : 'account');
  item.contextValue = profile.needsSignIn ? 'profile.needsSignIn' : 'profile';
  if (profile.problem !== undefined) item.tooltip = tooltipLines([profile.problem]);
  const state = profile.problem ?? (profile.needsSignIn ? vscode.l10n.t('sign-in required') : undefined);
  item.accessibilityInformation = {
    label: [vscode.l10n.t('profile {0}', profile.name), item.description, state]
      .filter(text => text !== undefined && text !== '')
      .join(', '),
  };
  return item;
}

function regionItem({ profile, region }: RegionNode, { globalMemory }: Services): vscode.TreeItem {
  const item = new vscode.TreeItem(plain(region), vscode.TreeItemCollapsibleState.Collapsed);
  item.id = `region ${profile.name} ${region}`;
  item.iconPath = new vscode.ThemeIcon('globe');
  item.contextValue = addedRegions(globalMemory, profile.name).includes(region) ? 'region.added' : 'region';
  item.accessibilityInformation = { label: vscode.l10n.t('region {0} of profile {1}', region, profile.name) };
  return item;
}

function databaseItem({ profile, database }: DatabaseNode): vscode.TreeItem {
  const { id, engine, engineVersion, host, port, status, tags, region, vpcId, supportsIamAuthentication } = database;
  const item = new vscode.TreeItem(plain(nameOf(database)), vscode.TreeItemCollapsibleState.Collapsed);
  item.id = `database ${profile.name} ${region} ${id} ${host}`;
  item.description = plain(
    [[engine, engineVersion].filter(text => text !== undefined).join(' '), status].filter(text => text !== undefined).join(' · '),
  );
  item.iconPath = new vscode.ThemeIcon(iconOf(engine));
  item.contextValue = canSignIn(engine) ? 'database.canSignIn' : 'database';
  item.tooltip = new vscode.MarkdownString().appendText(
    tooltipLines(
      [
        `${host}:${port}`,
        vpcId,
        supportsIamAuthentication === true ? vscode.l10n.t('IAM authentication') : undefined,
        ...tags.map(({ key, value }) => `${key}=${value}`),
      ].filter(text => text !== undefined),
    ),
  );
  item.accessibilityInformation = {
    label: [nameOf(database), engine, status, `${host}:${port}`].filter(text => text !== undefined).join(', '),
  };
  return item;
}

function jumpHostItem({ parent, jumpHost, note }: JumpHostNode): vscode.TreeItem {
  const item = new vscode.TreeItem(plain(jumpHost.name ?? jumpHost.target));
  item.id = `jump host ${parent.profile.name} ${parent.database.host} ${jumpHost.target}`;
  item.description = plain([jumpHost.target, note].filter(text => text !== undefined).join(' · '));
  item.iconPath = new vscode.ThemeIcon(jumpHost.isSuitable ? 'server' : jumpHost.isUsable ? 'question' : 'circle-slash');
  item.contextValue = jumpHost.isUsable ? 'jumpHost.usable' : 'jumpHost';
  item.tooltip = tooltipLines(jumpHost.reasons.map(reasonText));
  item.accessibilityInformation = {
    label: [vscode.l10n.t('jump host {0}', jumpHost.name ?? jumpHost.target), note, ...jumpHost.reasons.map(({ message }) => message)]
      .filter(text => text !== undefined)
      .join(', '),
  };
  return item;
}

function messageItem({ text, detail, icon, command }: MessageNode): vscode.TreeItem {
  const item = new vscode.TreeItem(plain(text));
  item.iconPath = new vscode.ThemeIcon(icon);
  item.tooltip = tooltipLines([detail ?? text, ...(command === undefined ? [] : [command.title])]);
  item.accessibilityInformation = { label: detail === undefined ? text : `${text}: ${detail}` };
  if (detail !== undefined) item.description = plain(detail);
  if (command !== undefined) item.command = command;
  return item;
}
