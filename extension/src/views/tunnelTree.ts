import * as vscode from 'vscode';
import type { Tunnel } from '../sidecar/contract';
import { bytes, destination, icons } from '../state/summary';
import type { TunnelStore } from '../state/tunnels';
import { dormantText, stateText } from '../ui/states';
import type { Dormant, WorkspaceTunnels } from '../workspace/workspaceTunnels';

/** Counters change four times a second; a tree that follows each of them flickers. */
const refreshMs = 500;

const colors: Partial<Record<Tunnel['state'], string>> = { Open: 'testing.iconPassed', Faulted: 'testing.iconFailed', NeedsSignIn: 'list.warningForeground', NeedsJumpHost: 'list.warningForeground' };

/** The tunnels of this window, with their state and their numbers, and those that are wanted and do not listen here. */
export class TunnelTree implements vscode.TreeDataProvider<Tunnel | Dormant>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly stop: vscode.Disposable;
  private refresh: NodeJS.Timeout | undefined;

  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly tunnels: TunnelStore, private readonly workspaceTunnels: WorkspaceTunnels) {
    const show = (): void => {
      this.refresh ??= setTimeout(() => {
        this.refresh = undefined;
        this.changed.fire(undefined);
      }, refreshMs);
    };
    this.stop = vscode.Disposable.from({ dispose: tunnels.onChanged(show) }, workspaceTunnels.onDidChange(show));
  }

  getChildren(parent?: Tunnel | Dormant): (Tunnel | Dormant)[] {
    return parent === undefined ? [...this.tunnels.all, ...this.workspaceTunnels.dormant] : [];
  }

  getTreeItem(tunnel: Tunnel | Dormant): vscode.TreeItem {
    if ('reason' in tunnel) return dormantItem(tunnel);
    const { statistics, state, localPort, fault } = tunnel;
    const item = new vscode.TreeItem(tunnel.name);
    item.id = tunnel.id;
    item.iconPath = new vscode.ThemeIcon(icons[state], colors[state] === undefined ? undefined : new vscode.ThemeColor(colors[state]));
    item.description = [
      `:${localPort}`, ...statistics.connectionsNow > 0 ? [`${statistics.connectionsNow} ⇄`] : [],
      ...statistics.bytesUp + statistics.bytesDown > 0 ? [`↑ ${bytes(statistics.bytesUp)} ↓ ${bytes(statistics.bytesDown)}`] : [],
      ...statistics.roundTripTimeMilliseconds === undefined ? [] : [`${statistics.roundTripTimeMilliseconds.toFixed(0)} ms`],
    ].join('  ');
    item.tooltip = new vscode.MarkdownString().appendText([`127.0.0.1:${localPort} → ${destination(tunnel)}`, stateText(state), fault?.message].filter(text => text !== undefined).join('\n'));
    item.contextValue = state === 'NeedsSignIn' ? 'tunnel.needsSignIn' : state === 'NeedsJumpHost' ? 'tunnel.needsJumpHost' : 'tunnel';
    item.accessibilityInformation = { label: vscode.l10n.t('{0}, {1}, port {2}', tunnel.name, stateText(state), localPort) };
    return item;
  }

  dispose(): void {
    this.stop.dispose();
    clearTimeout(this.refresh);
    this.changed.dispose();
  }
}

function dormantItem({ request, localPort, reason }: Dormant): vscode.TreeItem {
  const name = request.name ?? request.host ?? request.target ?? '';
  const item = new vscode.TreeItem(name);
  item.id = `dormant ${localPort}`;
  item.iconPath = new vscode.ThemeIcon('circle-slash');
  item.description = `:${localPort}  ${dormantText(reason)}`;
  item.tooltip = new vscode.MarkdownString().appendText(`127.0.0.1:${localPort} → ${request.host ?? request.target ?? ''}:${request.port}\n${dormantText(reason)}`);
  item.contextValue = 'closedTunnel';
  item.accessibilityInformation = { label: vscode.l10n.t('{0}, {1}, port {2}', name, dormantText(reason), localPort) };
  return item;
}
