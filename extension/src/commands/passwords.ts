import * as vscode from 'vscode';
import type { Tunnel } from '../sidecar/contract';
import { scopeOf } from '../sidecar/scope';
import type { Services } from '../services';
import { rememberUser } from '../state/databaseUsers';
import { back, lastAfter } from '../ui/steps';
import { notify } from '../ui/notify';
import { localPasswordOf } from '../workspace/localPasswords';
import { pickSecret } from './pickSecret';
import { requestOf } from '../state/requests';

const clearAfterMs = 60_000;

/** In the clipboard, as far as we know. */
const copied = new Set<string>();

/**
 * Copies what a tool has to give: the tunnel's local password if it has one, else a secret's.
 * @param stepsBefore how many questions have been asked
 */
export async function copyPassword(services: Services, tunnel: Tunnel, stepsBefore = 0): Promise<typeof back | undefined> {
  if (tunnel.localPassword === true) {
    await copyForAMinute(await localPasswordOf(services.secrets, requestOf(services, tunnel)));
    void notify.information(
      vscode.l10n.t('Local password of {0} copied. It will be cleared from the clipboard in one minute.', tunnel.name),
    );
    return undefined;
  }
  const secretId = await pickSecret(services, tunnel, {
    ...lastAfter(stepsBefore),
    title: vscode.l10n.t('Copy the password for {0}', tunnel.name),
  });
  if (secretId === undefined || secretId === back) return secretId;
  const { password, userName } = await services.sidecar.request('password/readSecret', { scope: scopeOf(tunnel), secretId });
  if (tunnel.host !== undefined && userName !== undefined) await rememberUser(services.globalMemory, tunnel.host, userName);
  await copyForAMinute(password);
  void notify.information(
    userName === undefined
      ? vscode.l10n.t('Password copied. It will be cleared from the clipboard in one minute.')
      : vscode.l10n.t('Password of {0} copied. It will be cleared from the clipboard in one minute.', userName),
  );
  return undefined;
}

/** It is in the clipboard then, and in nothing else that we write to. */
async function copyForAMinute(password: string): Promise<void> {
  copied.add(password);
  await vscode.env.clipboard.writeText(password);
  setTimeout(() => {
    void clear(password);
  }, clearAfterMs);
}

/** When the window is closed within that minute. */
export async function clearPasswords(): Promise<void> {
  for (const password of copied) await clear(password);
}

/** Leaves alone what was copied since. */
async function clear(password: string): Promise<void> {
  copied.delete(password);
  if ((await vscode.env.clipboard.readText()) === password) await vscode.env.clipboard.writeText('');
}
