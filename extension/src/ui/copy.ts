import * as vscode from 'vscode';

const shownMs = 3_000;

/** Into the clipboard, and says so. Not for secrets: those say what becomes of them. */
export async function copy(text: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(`$(check) ${vscode.l10n.t('Copied')}`, shownMs);
}
