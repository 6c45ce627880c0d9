import * as vscode from 'vscode';
import { wordsOf } from '../errors';
import type { OpenTunnelParams } from '../sidecar/contract';
import type { Services } from '../services';
import { CheckPage } from '../views/checkPage';
import { withDefaults } from '../workspace/defaults';
import { notify } from '../ui/notify';

/** Checks everything a tunnel needs. Each step appears on a page as it finishes. */
export async function checkTunnel({ sidecar }: Services, tunnel: OpenTunnelParams): Promise<void> {
  const name = tunnel.name ?? tunnel.host ?? tunnel.target ?? '';
  const page = new CheckPage(name, tunnel);
  await notify.progress(vscode.l10n.t('Checking {0}', name), async cancellation => {
    try {
      await sidecar.requestWithProgress(
        'tunnel/check',
        { tunnel: withDefaults(tunnel) },
        step => {
          page.add(step);
        },
        cancellation,
      );
      page.end();
    } catch (error) {
      page.end(cancellation.isCancellationRequested ? vscode.l10n.t('Canceled') : wordsOf(error));
      throw error;
    }
  });
}
