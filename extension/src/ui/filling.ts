import * as vscode from 'vscode';
import { codeOf, isCancelled, wordsOf } from '../errors';

/** Fills a list in the background until it closes. `onFailure` gets a message for people, and the sidecar's code. */
export function filling<T extends vscode.QuickPickItem>(
  quickPick: vscode.QuickPick<T>,
  fill: (token: vscode.CancellationToken) => Promise<void>,
  onFailure: (message: string, code: string | undefined) => void,
): vscode.Disposable {
  const cancellation = new vscode.CancellationTokenSource();
  quickPick.busy = true;
  fill(cancellation.token)
    .catch((error: unknown) => {
      if (!isCancelled(error)) onFailure(wordsOf(error), codeOf(error));
    })
    .finally(() => {
      quickPick.busy = false;
    });
  return new vscode.Disposable(() => {
    cancellation.cancel();
    cancellation.dispose();
  });
}
