import * as vscode from 'vscode';
import type { Services } from '../services';
import { writeTeamFile } from '../workspace/writeTeamFile';
import { notify } from '../ui/notify';
import { openTunnel } from './openTunnel';

/** Shares the tunnels that are open with the team, in a file of the workspace. They go on as they are. */
export async function createTeamFile(services: Services): Promise<void> {
  const { tunnels, workspaceTunnels } = services;
  const { requests } = tunnels;
  if (vscode.workspace.workspaceFolders === undefined) {
    void notify.warning(vscode.l10n.t('Open a folder first. The team file is stored in it.'));
    return;
  }
  if (requests.length === 0) {
    const open = vscode.l10n.t('Open tunnel');
    const pressed = await notify.information(vscode.l10n.t('No tunnel is open. Open the tunnels to share first.'), open);
    if (pressed === open) await openTunnel(services);
    return;
  }
  await workspaceTunnels.adopt(requests);
  await writeTeamFile(requests);
}
