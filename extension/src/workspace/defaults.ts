import * as vscode from 'vscode';
import type { OpenTunnelParams } from '../sidecar/contract';

/**
 * With the document and the reason of the settings, where the tunnel has none of its own. They are
 * read anew for each request, and not kept with the tunnel.
 */
export function withDefaults(request: OpenTunnelParams): OpenTunnelParams {
  const settings = vscode.workspace.getConfiguration('rdsTunnel');
  const read = (name: string): string | undefined =>
    settings.get<string>(name, '').trim() === '' ? undefined : settings.get<string>(name);
  const reason = read('reason');
  // A port of the jump host itself has a document of its own.
  const document = request.host === undefined ? undefined : read('document');
  return { ...(reason === undefined ? {} : { reason }), ...(document === undefined ? {} : { document }), ...request };
}
