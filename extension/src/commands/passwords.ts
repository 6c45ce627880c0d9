import * as vscode from 'vscode';
import type { SecretName, Tunnel } from '../sidecar/contract';
import { scopeOf } from '../sidecar/scope';
import type { Services } from '../services';
import { rememberUser } from '../state/databaseUsers';
import { knownDatabase } from '../state/knownDatabases';
import { filling } from '../ui/filling';
import { back, input, pick, type Step } from '../ui/steps';
import { notify } from '../ui/notify';

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
  void notify.information(userName === undefined
    ? vscode.l10n.t('Password copied. It will be cleared from the clipboard in one minute.')
    : vscode.l10n.t('Password of {0} copied. It will be cleared from the clipboard in one minute.', userName));
}

type Item = vscode.QuickPickItem & { secretId?: string };

/** The database's own secret first, then the account's as they are listed; any other can be typed. */
async function pickSecret(services: Services, tunnel: Tunnel): Promise<Step<string>> {
  const title = vscode.l10n.t('Copy the password for {0}', tunnel.name);
  for (;;) {
    const picked = await pick<Item>({ title, placeholder: vscode.l10n.t('Choose a secret'), items: [], fill: quickPick => fill(services, tunnel, quickPick) });
    if (picked === undefined || picked === back) return picked;
    const secretId = picked.secretId ?? await input({
      title, prompt: vscode.l10n.t('Name or ARN of the secret in Secrets Manager'), canGoBack: true, problem: text => text === '' ? vscode.l10n.t('Enter a name or an ARN') : undefined,
    });
    if (secretId !== back) return secretId;
  }
}

/** A list that may not be read is no obstacle: the reason is logged, and a name can be typed. */
function fill({ sidecar, globalMemory, log }: Services, tunnel: Tunnel, quickPick: vscode.QuickPick<Item>): vscode.Disposable {
  const own = tunnel.host === undefined ? undefined : knownDatabase(globalMemory, tunnel.host)?.masterSecretArn;
  const show = (secrets: readonly SecretName[]): void => {
    quickPick.items = [
      ...own === undefined ? [] : [{ label: `$(key) ${vscode.l10n.t('Master user')}`, description: own.split(':').at(-1) ?? own, secretId: own }],
      ...secrets.filter(({ arn }) => arn !== own).map(({ arn, name, description }) => ({ label: `$(lock) ${name}`, ...description === undefined ? {} : { description }, secretId: arn })),
      { label: `$(edit) ${vscode.l10n.t('Enter a name or an ARN…')}`, alwaysShow: true },
    ];
  };
  show([]);
  return filling(quickPick, async token => {
    const { secrets } = await sidecar.request('password/listSecrets', { scope: scopeOf(tunnel) }, token);
    if (!token.isCancellationRequested) show(secrets);
  }, message => { log.warn(message); });
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
