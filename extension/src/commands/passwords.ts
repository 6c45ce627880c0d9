import * as vscode from 'vscode';
import type { Tunnel } from '../sidecar/contract';
import { scopeOf } from '../sidecar/scope';
import type { Services } from '../services';
import { rememberUser } from '../state/databaseUsers';
import { knownDatabase } from '../state/knownDatabases';

const clearAfterMs = 60_000;

/** In the clipboard, as far as we know. */
const copied = new Set<string>();

/** The password of a secret of Secrets Manager: it is in the clipboard for a minute, and nowhere else. */
export async function copyPassword({ sidecar, globalMemory }: Services, tunnel: Tunnel): Promise<void> {
  const { host } = tunnel;
  const known = host === undefined ? undefined : knownDatabase(globalMemory, host)?.masterSecretArn;
  const secretId = await vscode.window.showInputBox({
    title: vscode.l10n.t('Password from Secrets Manager'), prompt: vscode.l10n.t('Name or ARN of the secret'), ...known === undefined ? {} : { value: known },
  });
  if (secretId === undefined || secretId === '') return;
  const { password, userName } = await sidecar.request('password/readSecret', { scope: scopeOf(tunnel), secretId });
  if (host !== undefined && userName !== undefined) await rememberUser(globalMemory, host, userName);
  copied.add(password);
  await vscode.env.clipboard.writeText(password);
  setTimeout(() => { void clear(password); }, clearAfterMs);
  void vscode.window.showInformationMessage(userName === undefined
    ? vscode.l10n.t('The password is in the clipboard for a minute.')
    : vscode.l10n.t('The password of {0} is in the clipboard for a minute.', userName));
}

/** When the window is closed within that minute. */
export async function clearPasswords(): Promise<void> {
  for (const password of copied) await clear(password);
}

/** What somebody has copied since then stays. */
async function clear(password: string): Promise<void> {
  copied.delete(password);
  if (await vscode.env.clipboard.readText() === password) await vscode.env.clipboard.writeText('');
}
