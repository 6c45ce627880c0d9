import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { Tunnel } from '../sidecar/contract';
import { History, type Sample } from '../state/history';
import { bytes, destination } from '../state/summary';
import type { TunnelStore } from '../state/tunnels';
import { loginText } from '../ui/loginText';
import { plain } from '../ui/plain';
import { sharedText, stateText } from '../ui/states';
import { html } from './html';

const sampleEveryMs = 500;

/** A message with its reason and advice. */
const maxLineChars = 1_000;

/** The pages that are open, by the port whose tunnel they show: a tunnel that comes back after a crash has another id. */
const open = new Map<number, vscode.WebviewPanel>();

/** One tunnel, with a graph of its last minutes. Its page is opened once. */
export function showDetails(tunnels: TunnelStore, extensionUri: vscode.Uri, { name, localPort }: Tunnel): void {
  const known = open.get(localPort);
  if (known !== undefined) {
    known.reveal();
    return;
  }
  const media = vscode.Uri.joinPath(extensionUri, 'extension', 'dist');
  const panel = vscode.window.createWebviewPanel('rdsTunnel.details', plain(name), vscode.ViewColumn.Active, {
    enableScripts: true,
    localResourceRoots: [media],
  });
  open.set(localPort, panel);
  const history = new History();
  const find = (): Tunnel | undefined => tunnels.all.find(tunnel => tunnel.localPort === localPort);
  const send = (samples: readonly Sample[], isWhole: boolean): void => {
    if (panel.visible) void panel.webview.postMessage({ values: shown(valuesOf(find())), samples, isWhole });
  };
  const timer = setInterval(() => {
    const sample = history.add(Date.now(), find()?.statistics ?? { bytesUp: 0, bytesDown: 0 });
    send(sample === undefined ? [] : [sample], false);
  }, sampleEveryMs);
  // A page that was hidden begins anew.
  panel.webview.onDidReceiveMessage(message => {
    if (message === 'ready') send(history.samples, true);
  });
  panel.onDidDispose(() => {
    clearInterval(timer);
    open.delete(localPort);
  });
  panel.webview.html = page(plain(name), panel.webview, vscode.Uri.joinPath(media, 'details.js'));
}

const fields = (): [id: string, label: string][] => [
  ['state', vscode.l10n.t('State')],
  ['address', vscode.l10n.t('Address')],
  ['database', vscode.l10n.t('Database')],
  ['login', vscode.l10n.t('Sign-in to the database')],
  ['jumpHost', vscode.l10n.t('Jump host')],
  ['writer', vscode.l10n.t('Writer of the cluster')],
  ['identity', vscode.l10n.t('Profile and region')],
  ['connections', vscode.l10n.t('Connections (open / total)')],
  ['sessions', vscode.l10n.t('Sessions (open / total)')],
  ['sent', vscode.l10n.t('Sent and received')],
  ['roundTripTime', vscode.l10n.t('Round trip')],
  ['mended', vscode.l10n.t('Retransmissions / reconnects')],
];

/** Line by line: what they say comes from files and AWS. */
const shown = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([id, text]) => [
      id,
      text
        .split('\n')
        .map(line => plain(line, maxLineChars))
        .join('\n'),
    ]),
  );

function valuesOf(tunnel: Tunnel | undefined): Record<string, string> {
  if (tunnel === undefined) return { state: stateText('Closed'), fault: '' };
  const { state, localPort, profile, region, fault, lastReset, statistics } = tunnel;
  const roundTrip = statistics.roundTripTimeMilliseconds;
  return {
    state: [stateText(state), ...(tunnel.windows === undefined ? [] : [sharedText(tunnel.windows)])].join(' · '),
    address: [
      [`127.0.0.1:${localPort}`, ...(tunnel.socketPath === undefined ? [] : [tunnel.socketPath])].join(' · '),
      ...(tunnel.certificatePath === undefined ? [] : [vscode.l10n.t('Certificate: {0}', tunnel.certificatePath)]),
      ...(tunnel.nodes ?? []).map(node => `127.0.0.1:${node.localPort} → ${node.host}:${node.port}`),
    ].join('\n'),
    database: destination(tunnel),
    login: loginText(tunnel) ?? vscode.l10n.t('by the tool'),
    jumpHost: jumpHostText(tunnel),
    writer: tunnel.writer ?? '–',
    identity: [profile, region].filter(text => text !== undefined).join(' · ') || '–',
    connections: `${statistics.connectionsNow} / ${statistics.connectionsTotal}`,
    sessions: `${statistics.sessionsNow} / ${statistics.sessionsTotal}`,
    sent: `↑ ${bytes(statistics.bytesUp)}  ↓ ${bytes(statistics.bytesDown)}`,
    roundTripTime: roundTrip === undefined ? '–' : `${roundTrip.toFixed(0)} ms`,
    mended: `${statistics.retransmissions} / ${statistics.resumes}`,
    fault: fault?.message ?? lastReset?.message ?? '',
  };
}

/** The jump host, and what spoke for it when it was selected. */
function jumpHostText({ target, jumpHostName, jumpHostReasons = [] }: Tunnel): string {
  const name = jumpHostName === undefined ? target : `${jumpHostName} · ${target ?? ''}`;
  return jumpHostReasons.length === 0 ? (name ?? '–') : `${name ?? ''} (${jumpHostReasons.join(', ')})`;
}

function page(name: string, webview: vscode.Webview, script: vscode.Uri): string {
  const nonce = randomBytes(16).toString('base64');
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src ${webview.cspSource} 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="${html(vscode.env.language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${html(name)}</title><meta http-equiv="Content-Security-Policy" content="${policy}">
<style nonce="${nonce}">
body { font: var(--vscode-font-size) / 1.5 var(--vscode-font-family); color: var(--vscode-foreground); background: var(--vscode-editor-background); overflow-wrap: anywhere; }
main { max-width: 60rem; margin: 0 auto; }
dl { display: grid; grid-template-columns: fit-content(40%) 1fr; gap: .25rem 1.5rem; margin: 0; font-variant-numeric: tabular-nums; }
dt { font-weight: 600; overflow-wrap: break-word; } dd { margin: 0; white-space: pre-line; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-block-end: .5rem; } }
#fault { border-inline-start: .25rem solid var(--vscode-editorError-foreground); padding-inline-start: .75rem; } #fault:empty { display: none; }
figure { margin: 1.5rem 0 0; } svg { width: 100%; height: 9rem; border: 1px solid var(--vscode-panel-border, currentColor); background: var(--vscode-editorWidget-background); }
path { fill: none; stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.up { stroke: var(--vscode-charts-green); stroke-dasharray: 6 3; } .down { stroke: var(--vscode-charts-blue); } .roundTrip { stroke: var(--vscode-charts-purple); }
output { float: inline-end; }
.key { display: inline-block; inline-size: 1.5em; border: 0 solid; border-block-start-width: 2px; vertical-align: middle; margin-inline: 1em .5em; }
.key.up { border-color: var(--vscode-charts-green); border-style: dashed; } .key.down { border-color: var(--vscode-charts-blue); border-style: solid; }
</style></head><body><main><h1>${html(name)}</h1><p id="fault" role="status"></p>
<dl>${fields()
    .map(([id, label]) => `<dt>${html(label)}</dt><dd id="${id}"></dd>`)
    .join('')}</dl>
<figure><figcaption><output id="throughput-scale"></output>${html(vscode.l10n.t('Throughput'))}<span class="key up"></span>${html(vscode.l10n.t('to the database'))}<span class="key down"></span>${html(vscode.l10n.t('from the database'))}</figcaption>
<svg id="throughput" role="img" aria-label="${html(vscode.l10n.t('Throughput over the last 2.5 minutes; the table above has the totals'))}"></svg></figure>
<figure><figcaption><output id="latency-scale"></output>${html(vscode.l10n.t('Round trip between this machine and the jump host'))}</figcaption>
<svg id="latency" role="img" aria-label="${html(vscode.l10n.t('Round trip over the last 2.5 minutes; the table above has the latest value'))}"></svg></figure>
<script nonce="${nonce}" src="${html(String(webview.asWebviewUri(script)))}"></script></main></body></html>`;
}
