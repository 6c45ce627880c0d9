import * as vscode from 'vscode';
import type { Tunnel } from '../sidecar/contract';
import type { ProgramVariables } from '../environment/programVariables';
import { bytes, destination, icons } from '../state/summary';
import type { TunnelStore } from '../state/tunnels';
import { loginText } from '../ui/loginText';
import { plain } from '../ui/plain';
import { tooltipLines } from '../ui/tooltip';
import { counted } from '../ui/plural';
import { accessText, agentText, dormantText, sharedText, stateText } from '../ui/states';
import type { Dormant, WorkspaceTunnels } from '../workspace/workspaceTunnels';

/** Counters change four times a second; following each of them makes the tree flicker. */
const refreshMs = 500;

/** Leaves room for port and state in a side bar of the usual width. */
const maxNameChars = 22;

const colors: Partial<Record<Tunnel['state'], string>> = {
  Open: 'testing.iconPassed',
  Faulted: 'testing.iconFailed',
  NeedsSignIn: 'list.warningForeground',
  NeedsJumpHost: 'list.warningForeground',
  NeedsApproval: 'list.warningForeground',
};

/** The tunnels of this window, with their state and their numbers, and those that are wanted and do not listen here. */
export class TunnelTree implements vscode.TreeDataProvider<Tunnel | Dormant>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly stop: vscode.Disposable;
  private refresh: NodeJS.Timeout | undefined;

  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly tunnels: TunnelStore,
    private readonly workspaceTunnels: WorkspaceTunnels,
    private readonly variables: Pick<ProgramVariables, 'meantBy' | 'onDidChange'>,
  ) {
    const show = (): void => {
      this.refresh ??= setTimeout(() => {
        this.refresh = undefined;
        this.changed.fire(undefined);
      }, refreshMs);
    };
    this.stop = vscode.Disposable.from(
      { dispose: tunnels.onChanged(show) },
      workspaceTunnels.onDidChange(show),
      variables.onDidChange(show),
    );
  }

  getChildren(parent?: Tunnel | Dormant): (Tunnel | Dormant)[] {
    return parent === undefined ? [...this.tunnels.all, ...this.workspaceTunnels.dormant] : [];
  }

  getTreeItem(tunnel: Tunnel | Dormant): vscode.TreeItem {
    if ('reason' in tunnel) return dormantItem(tunnel);
    const { statistics, state, localPort, profile, region, name } = tunnel;
    const item = new vscode.TreeItem(plain(name, maxNameChars));
    item.id = tunnel.id;
    item.iconPath = new vscode.ThemeIcon(icons[state], colors[state] === undefined ? undefined : new vscode.ThemeColor(colors[state]));
    const connections = counted(
      statistics.connectionsNow,
      vscode.l10n.t('{0} connection', statistics.connectionsNow),
      vscode.l10n.t('{0} connections', statistics.connectionsNow),
    );
    item.description = [
      `:${localPort}`,
      stateText(state),
      state === 'NeedsApproval' ? tunnel.accessRequestId : undefined,
      loginText(tunnel),
      profile,
      region,
      ...(tunnel.windows === undefined ? [] : [sharedText(tunnel.windows)]),
      ...(statistics.connectionsNow > 0 ? [connections] : []),
      ...(statistics.bytesUp + statistics.bytesDown > 0 ? [`↑ ${bytes(statistics.bytesUp)} ↓ ${bytes(statistics.bytesDown)}`] : []),
      ...(statistics.roundTripTimeMilliseconds === undefined ? [] : [`${statistics.roundTripTimeMilliseconds.toFixed(0)} ms`]),
    ]
      .filter(text => text !== undefined)
      .map(text => plain(text))
      .join(' · ');
    const fault = tunnel.fault?.message;
    const agent = tunnel.agentReason === undefined ? undefined : agentText(tunnel.agentReason);
    const isUsed = this.variables.meantBy(tunnel) !== undefined;
    const used = isUsed ? vscode.l10n.t('used in terminals, tasks and debug sessions') : undefined;
    item.tooltip = new vscode.MarkdownString().appendText(
      tooltipLines([
        name,
        `127.0.0.1:${localPort} → ${destination(tunnel)}`,
        [stateText(state), loginText(tunnel), profile, region].filter(text => text !== undefined).join(' · '),
        ...(used === undefined ? [] : [used]),
        ...(agent === undefined ? [] : [agent]),
        ...(fault === undefined ? [] : [fault]),
        ...(fault !== undefined || tunnel.accessRequestId === undefined ? [] : [accessText(tunnel.accessRequestId)]),
        ...(tunnel.progress === undefined ? [] : [tunnel.progress]),
      ]),
    );
    // Menus of package.json offer what needs a database by it.
    item.contextValue = ['tunnel', isUsed ? 'used' : undefined, tunnel.host === undefined ? 'toJumpHost' : undefined, needOf(tunnel)]
      .filter(text => text !== undefined)
      .join('.');
    item.accessibilityInformation = {
      label: [
        vscode.l10n.t('{0}, {1}, port {2}', name, stateText(state), localPort),
        loginText(tunnel),
        profile,
        region,
        used,
        agent,
        fault,
      ]
        .filter(text => text !== undefined)
        .join(', '),
    };
    item.command = { command: 'rdsTunnel.showDetails', title: vscode.l10n.t('Show details'), arguments: [tunnel] };
    return item;
  }

  dispose(): void {
    this.stop.dispose();
    clearTimeout(this.refresh);
    this.changed.dispose();
  }
}

/** What the user can do about it with one click. */
function needOf({ state, fault }: Tunnel): string | undefined {
  if (state === 'NeedsSignIn') return 'needsSignIn';
  if (state === 'NeedsJumpHost') return 'needsJumpHost';
  return fault?.code === 'AccessDenied' || fault?.code === 'AccessEnded' ? 'needsAccess' : undefined;
}

function dormantItem(dormant: Dormant): vscode.TreeItem {
  const { request, localPort, reason } = dormant;
  const name = request.name ?? request.host ?? request.target ?? '';
  const item = new vscode.TreeItem(plain(name, maxNameChars));
  item.id = `dormant ${localPort}`;
  item.iconPath = new vscode.ThemeIcon('circle-slash');
  const { profile, region } = request;
  item.description = plain([`:${localPort}`, dormantText(reason), profile, region].filter(text => text !== undefined).join(' · '));
  item.tooltip = new vscode.MarkdownString().appendText(
    tooltipLines([name, `127.0.0.1:${localPort} → ${request.host ?? request.target ?? ''}:${request.port}`, dormantText(reason)]),
  );
  item.contextValue = 'closedTunnel';
  item.accessibilityInformation = {
    label: [vscode.l10n.t('{0}, {1}, port {2}', name, dormantText(reason), localPort), profile, region]
      .filter(text => text !== undefined)
      .join(', '),
  };
  item.command = { command: 'rdsTunnel.reopenTunnel', title: vscode.l10n.t('Reopen tunnel'), arguments: [dormant] };
  return item;
}
