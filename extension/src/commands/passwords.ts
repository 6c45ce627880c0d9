import * as vscode from 'vscode';
import type { Tunnel } from '../sidecar/contract';
import { scopeOf } from '../sidecar/scope';
import type { Services } from '../services';
import { rememberUser } from '../state/databaseUsers';
import { knownDatabase } from '../state/knownDatabases';
import { back, input, pick, type Step } from '../ui/steps';

const clearAfterMs = 60_000;

/** In the clipboard, as far as we know. */
const copied = new Set<string>();

/** Copies a password from Secrets Manager: it stays in the clipboard for a minute, and is kept nowhere else. */
export async function copyPassword(services: Services, tunnel: Tunnel): Promise<void> {
  const secretId = await pickSecret(services, tunnel);
  if (secretId === undefined || secretId === back) return;
  const { password, userName } = await services.sidecar.request('password/readSecret', { scope: scopeOf(tunnel), secretId });
  if (tunnel.host !== undefined && userName !== undefined) await rememberUser(services.globalMemory, tunnel.host, userName);
  copied.add(password);
  await vscode.env.clipboard.writeText(password);
  setTimeout(() => { void clear(password); }, clearAfterMs);
  void vscode.window.showInformationMessage(userName === undefined
    ? vscode.l10n.t('Password copied. It will be cleared from the clipboard in one minute.')
    : vscode.l10n.t('Password of {0} copied. It will be cleared from the clipboard in one minute.', userName));
}

/** The database's own secret first; any other can be typed. */
async function pickSecret({ globalMemory }: Services, { name, host }: Tunnel): Promise<Step<string>> {
  const own = host === undefined ? undefined : knownDatabase(globalMemory, host)?.masterSecretArn;
  const title = vscode.l10n.t('Copy the password for {0}', name);
  const ask = (canGoBack: boolean): Promise<Step<string>> => input({
    title, prompt: vscode.l10n.t('Name or ARN of the secret in Secrets Manager'), canGoBack, problem: text => text === '' ? vscode.l10n.t('Enter a name or an ARN') : undefined,
  });
  if (own === undefined) return ask(false);
  for (;;) {
    const picked = await pick({
      title, placeholder: vscode.l10n.t('Choose a secret'),
      items: [
        { label: `$(key) ${vscode.l10n.t('Master user')}`, description: own.split(':').at(-1) ?? own, secretId: own },
        { label: `$(edit) ${vscode.l10n.t('Enter a name or an ARN…')}`, alwaysShow: true, secretId: undefined },
      ],
    });
    if (picked === undefined || picked === back) return picked;
    const secretId = picked.secretId ?? await ask(true);
    if (secretId !== back) return secretId;
  }
}

/** When the window is closed within that minute. */
export async function clearPasswords(): Promise<void> {
  for (const password of copied) await clear(password);
}

/** Leaves alone what was copied since. */
async function clear(password: string): Promise<void> {
  copied.delete(password);
  if (await vscode.env.clipboard.readText() === password) await vscode.env.clipboard.writeText('');
}
