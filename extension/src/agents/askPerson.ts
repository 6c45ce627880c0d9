import * as vscode from 'vscode';
import type { AgentConsent } from '../sidecar/contract';
import { notify } from '../ui/notify';

export const questionTitle = (): string => vscode.l10n.t('Allow an AI agent to connect to a database?');

/** A dialog of our own: no setting of the editor answers it. @throws when the agent's request is cancelled meanwhile */
export async function askPerson(question: string, token: vscode.CancellationToken): Promise<AgentConsent> {
  const allow = vscode.l10n.t('Allow');
  let stop: vscode.Disposable | undefined;
  const cancelled = new Promise<never>((_, reject) => {
    stop = token.onCancellationRequested(() => {
      reject(new vscode.CancellationError());
    });
  });
  try {
    const pressed = await Promise.race([notify.dialog(questionTitle(), question, allow), cancelled]);
    return pressed === allow ? 'Agreed' : 'Declined';
  } finally {
    stop?.dispose();
  }
}
