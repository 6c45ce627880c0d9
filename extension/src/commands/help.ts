import * as vscode from 'vscode';
import type { OpenTunnelParams } from '../sidecar/contract';
import type { Services } from '../services';

/** A button, and what it does. */
export type Action = [label: string, run: () => unknown];

/** What may help when a tunnel cannot be opened, whatever the reason. */
export const helpFor = ({ log }: Services, request: OpenTunnelParams, code: string | undefined): Action[] => [
  ...code === 'LocalPortInUse' ? [] : [[vscode.l10n.t('Check'), () => vscode.commands.executeCommand('rdsTunnel.checkTunnel', request)] satisfies Action],
  ...code === 'AccessDenied' || code === 'ChannelDenied' ? [[vscode.l10n.t('Permissions'), () => vscode.commands.executeCommand('rdsTunnel.showPermissions')] satisfies Action] : [],
  [vscode.l10n.t('Show log'), () => { log.show(); }],
];

/** Says what failed, and does what is pressed. */
export async function showFailure(message: string, actions: readonly Action[]): Promise<void> {
  const pressed = await vscode.window.showErrorMessage(message, ...actions.map(([label]) => label));
  await actions.find(([label]) => label === pressed)?.[1]();
}
