import * as vscode from 'vscode';
import type { Tunnel } from '../sidecar/contract';
import { bytes, destination, icons, worst } from '../state/summary';
import type { TunnelStore } from '../state/tunnels';
import { plain } from '../ui/plain';
import { counted } from '../ui/plural';
import { stateText } from '../ui/states';

/** A tooltip must fit above the status bar. */
const maxShown = 10;
const maxChars = 160;

/** How many tunnels there are, with the state that matters most. Hidden when there are none. */
export function createStatusBar(tunnels: TunnelStore): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('tunnels', vscode.StatusBarAlignment.Left);
  item.name = vscode.l10n.t('Tunnels');
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
    item.command =
      waiting === undefined
        ? 'rdsTunnel.showTunnels'
        : { command: 'rdsTunnel.signIn', title: vscode.l10n.t('Sign in'), arguments: [waiting] };
    item.backgroundColor = waiting === undefined ? undefined : new vscode.ThemeColor('statusBarItem.warningBackground');
    item.accessibilityInformation = {
      label: `${counted(count, vscode.l10n.t('{0} tunnel', count), vscode.l10n.t('{0} tunnels', count))}, ${stateText(state)}`,
    };
    item.show();
  };
  show();
  const stop = tunnels.onChanged(show);
  return vscode.Disposable.from(item, { dispose: stop });
}

function tooltip(tunnels: TunnelStore): vscode.MarkdownString {
  const text = new vscode.MarkdownString('', true);
  text.appendMarkdown(`**${vscode.l10n.t('Tunnels')}**\n\n`);
  const { all } = tunnels;
  for (const tunnel of all.slice(0, maxShown))
    text.appendMarkdown(`$(${icons[tunnel.state]}) `).appendText(line(tunnel, tunnels)).appendMarkdown('\n\n');
  if (all.length > maxShown) text.appendText(vscode.l10n.t('and {0} more', all.length - maxShown));
  return text;
}

function line(tunnel: Tunnel, tunnels: TunnelStore): string {
  const { up, down } = tunnels.rateOf(tunnel.id);
  const { localPort, state, statistics, fault } = tunnel;
  return (
    [
      plain(`127.0.0.1:${localPort} → ${destination(tunnel)}`, maxChars),
      stateText(state),
      counted(
        statistics.connectionsNow,
        vscode.l10n.t('{0} connection', statistics.connectionsNow),
        vscode.l10n.t('{0} connections', statistics.connectionsNow),
      ),
      `↑ ${bytes(up)}/s ↓ ${bytes(down)}/s`,
    ].join(', ') + (fault === undefined ? '' : `. ${plain(fault.message, maxChars)}`)
  );
}
