import * as vscode from 'vscode';
import { isCancelled } from '../errors';

/** Fills a list in the background until it closes. `onFailure` gets a message for people. */
export function filling<T extends vscode.QuickPickItem>(
  quickPick: vscode.QuickPick<T>, fill: (token: vscode.CancellationToken) => Promise<void>, onFailure: (message: string) => void,
): vscode.Disposable {
  const cancellation = new vscode.CancellationTokenSource();
  quickPick.busy = true;
  fill(cancellation.token)
    .catch((error: unknown) => { if (!isCancelled(error)) onFailure(error instanceof Error ? error.message : String(error)); })
    .finally(() => { quickPick.busy = false; });
  return new vscode.Disposable(() => {
    cancellation.cancel();
    cancellation.dispose();
  });
}
