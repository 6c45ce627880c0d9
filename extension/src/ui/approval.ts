import * as vscode from 'vscode';
import type { Tunnel } from '../sidecar/contract';
import { copy } from './copy';
import { notify } from './notify';

/** Access requests that were told of, and have not been decided since. */
const waiting = new Map<string, string>();

/** A tunnel waits until somebody approves: said once for each request, and again when it was approved. */
export function tellOfApproval({ state, name, accessRequestId: id }: Tunnel): void {
  if (id === undefined) return;
  if (state === 'NeedsApproval') {
    if (waiting.has(id)) return;
    waiting.set(id, name);
    void offerId(name, id);
    return;
  }
  if (!waiting.has(id) || (state !== 'Listening' && state !== 'Open')) return;
  waiting.delete(id);
  void notify.information(vscode.l10n.t('{0}: access was approved (request {1}). Connect now.', name, id));
}

/** It has ended in another way, which is told as what failed. */
export const forgetApproval = (id: string | undefined): boolean => id !== undefined && waiting.delete(id);

async function offerId(name: string, id: string): Promise<void> {
  const copyId = vscode.l10n.t('Copy request ID');
  const pressed = await notify.information(
    vscode.l10n.t('{0}: access request {1} waits for approval. The tunnel continues automatically after the approval.', name, id),
    copyId,
  );
  if (pressed === copyId) await copy(id);
}
