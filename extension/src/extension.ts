import * as vscode from 'vscode';

/** Contributes nothing yet but its log: tunnels are opened by the sidecar's own command line until the views are here. */
export function activate(context: vscode.ExtensionContext): void {
  context.subscriptions.push(vscode.window.createOutputChannel('RDS Tunnel', { log: true }));
}
