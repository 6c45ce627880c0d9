import * as vscode from 'vscode';
import type { Tunnel } from '../sidecar/contract';
import { bytes, destination, icons, worst } from '../state/summary';
import type { TunnelStore } from '../state/tunnels';
import { stateText } from '../ui/states';

/** One item: nothing when there are no tunnels, else how many and how they are. */
export function createStatusBar(tunnels: TunnelStore): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('tunnels', vscode.StatusBarAlignment.Left);
  item.name = vscode.l10n.t('RDS tunnels');
  const show = (): void => {
    const state = worst(tunnels.all);
    if (state === undefined) {
      item.hide();
      return;
    }
    const count = tunnels.all.length;
    item.text = `$(${icons[state]}) RDS ${count}`;
    item.tooltip = tooltip(tunnels);
    const waiting = tunnels.all.find(tunnel => tunnel.state === 'NeedsSignIn' && tunnel.profile !== undefined);
    // Nothing else can be done until then.
    item.command = waiting === undefined ? 'rdsTunnel.showTunnels' : { command: 'rdsTunnel.signIn', title: vscode.l10n.t('Sign in'), arguments: [waiting] };
    item.backgroundColor = waiting === undefined ? undefined : new vscode.ThemeColor('statusBarItem.warningBackground');
    item.accessibilityInformation = { label: vscode.l10n.t('{0} RDS tunnels, {1}', count, stateText(state)) };
    item.show();
  };
  show();
  const stop = tunnels.onChanged(show);
  return vscode.Disposable.from(item, { dispose: stop });
}

function tooltip(tunnels: TunnelStore): vscode.MarkdownString {
  const text = new vscode.MarkdownString('', true);
  text.appendMarkdown(`**${vscode.l10n.t('RDS tunnels')}**\n\n`);
  for (const tunnel of tunnels.all) text.appendMarkdown(`$(${icons[tunnel.state]}) `).appendText(line(tunnel, tunnels)).appendMarkdown('\n\n');
  return text;
}

function line(tunnel: Tunnel, tunnels: TunnelStore): string {
  const { up, down } = tunnels.rateOf(tunnel.id);
  const { localPort, state, statistics, fault } = tunnel;
  return [
    `127.0.0.1:${localPort} → ${destination(tunnel)}`, stateText(state), vscode.l10n.t('{0} connections', statistics.connectionsNow), `↑ ${bytes(up)}/s ↓ ${bytes(down)}/s`,
  ].join(', ') + (fault === undefined ? '' : `. ${fault.message}`);
}
