import * as vscode from 'vscode';
import { addConnection, toolsFor } from '../databaseTools/addConnection';
import type { Tunnel } from '../sidecar/contract';
import type { Services } from '../services';
import { engineOf } from '../state/engines';
import { requestOf } from '../state/requests';
import { copyDetails } from '../databaseTools/copyDetails';
import { notify } from '../ui/notify';
import type { back } from '../ui/steps';

/**
 * Adds the tunnel's database to an installed tool; asks which one when several know this kind of database.
 * @param stepsBefore how many questions have been asked
 */
export async function addToTool(services: Services, tunnel: Tunnel, stepsBefore = 0): Promise<typeof back | undefined> {
  const engine = engineOf(services.globalMemory, tunnel);
  const tools = toolsFor(tunnel, engine);
  if (tools.length === 0) {
    const copy = vscode.l10n.t('Copy details');
    const pressed = await notify.warning(
      vscode.l10n.t('None of your database tools can be set up for {0}. Copy the connection details instead.', engine),
      copy,
    );
    if (pressed === copy) await copyDetails(services, tunnel);
    return undefined;
  }
  return await addConnection(services, tools, tunnel, requestOf(services, tunnel), engine, stepsBefore);
}
