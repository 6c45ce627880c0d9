import * as vscode from 'vscode';
import type { OpenTunnelParams } from '../sidecar/contract';
import { identityOf, readEntry } from './entries';

/** Opens what names a tunnel: the user's settings, the workspace's, or else the team's file. */
export async function showEntry(request: OpenTunnelParams, teamFile: vscode.Uri | undefined): Promise<void> {
  const values = vscode.workspace.getConfiguration('rdsTunnel').inspect<unknown>('tunnels');
  const isNamedIn = (list: unknown): boolean =>
    Array.isArray(list) && list.map(readEntry).some(each => each !== undefined && identityOf(each) === identityOf(request));
  const reveal = { revealSetting: { key: 'rdsTunnel.tunnels' } };
  if (isNamedIn(values?.globalValue)) await vscode.commands.executeCommand('workbench.action.openSettingsJson', reveal);
  else if (isNamedIn(values?.workspaceValue) || teamFile === undefined)
    await vscode.commands.executeCommand('workbench.action.openWorkspaceSettingsFile', reveal);
  else await vscode.window.showTextDocument(teamFile);
}
