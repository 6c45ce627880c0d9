import * as vscode from 'vscode';
import { addConnection, toolsFor } from '../databaseTools/addConnection';
import type { Tunnel } from '../sidecar/contract';
import type { Services } from '../services';
import { engineOf } from '../state/engines';
import { copyDetails, requestOf } from './tunnelActions';
import { notify } from '../ui/notify';

/** Adds the tunnel's database to an installed tool; asks which one when several know this kind of database. */
export async function addToTool(services: Services, tunnel: Tunnel): Promise<void> {
  const engine = engineOf(services.globalMemory, tunnel);
  const tools = toolsFor(tunnel, engine);
  if (tools.length === 0) {
    const copy = vscode.l10n.t('Copy details');
    const pressed = await notify.warning(vscode.l10n.t('None of your database tools can be set up for {0}. Copy the connection details instead.', engine), copy);
    if (pressed === copy) await copyDetails(services, tunnel);
    return;
  }
  const picked = tools.length === 1 ? tools[0] : (await vscode.window.showQuickPick(tools.map(tool => ({ label: tool.name, tool })), {
    title: vscode.l10n.t('Add {0} to a database tool', tunnel.name), placeHolder: vscode.l10n.t('Choose a tool'),
  }))?.tool;
  if (picked !== undefined) await addConnection(services, picked, tunnel, requestOf(services, tunnel), engine);
}
