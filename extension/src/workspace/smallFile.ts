import * as vscode from 'vscode';

const maxBytes = 1 << 20;

/**
 * The text of a file that anybody may have put into the workspace. A device, which may have no end, a pipe that nobody writes to,
 * and what is far too long are not read.
 * @throws what the editor says, or why it is not read
 */
export async function readSmallFile(uri: vscode.Uri): Promise<string> {
  const { type, size } = await vscode.workspace.fs.stat(uri);
  if ((type & vscode.FileType.File) === 0) throw new Error(vscode.l10n.t('It is not a regular file.'));
  if (size > maxBytes) throw new Error(vscode.l10n.t('It is larger than 1 MB.'));
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}
