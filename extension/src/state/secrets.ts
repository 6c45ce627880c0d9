import type * as vscode from 'vscode';

const key = 'masterSecrets';

/** The ARN of the secret with a database's master password, as the list of databases said. */
export const masterSecretOf = (memory: vscode.Memento, host: string): string | undefined => memory.get<Record<string, string>>(key, {})[host];

export async function rememberMasterSecret(memory: vscode.Memento, host: string, arn: string | undefined): Promise<void> {
  if (arn !== undefined) await memory.update(key, { ...memory.get<Record<string, string>>(key, {}), [host]: arn });
}
