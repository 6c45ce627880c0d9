import * as vscode from 'vscode';
import type { OpenTunnelParams } from '../sidecar/contract';
import type { Services } from '../services';
import { CheckPage } from '../views/checkPage';
import { withDefaults } from '../workspace/defaults';

let lastToken = 0;

/** Goes through all that a tunnel needs, and shows each step on a page as it is done. */
export async function checkTunnel({ sidecar }: Services, tunnel: OpenTunnelParams): Promise<void> {
  const token = `check-${++lastToken}`;
  const name = tunnel.name ?? tunnel.host ?? tunnel.target ?? '';
  const page = new CheckPage(name, tunnel);
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Checking the way to {0}', name), cancellable: true },
    async (_, cancellation) => {
      const stop = sidecar.on('tunnel/checkStep', ({ token: of, step }) => { if (of === token) page.add(step); });
      try {
        await sidecar.request('tunnel/check', { tunnel: withDefaults(tunnel), token }, cancellation);
        page.end();
      } catch (error) {
        page.end(cancellation.isCancellationRequested ? vscode.l10n.t('Cancelled.') : error instanceof Error ? error.message : String(error));
        throw error;
      } finally {
        stop();
      }
    });
}
