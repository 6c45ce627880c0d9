import * as vscode from 'vscode';

/** The sidecar's code for what went wrong: `CredentialsExpired`, `AccessDenied` … */
export function codeOf(error: unknown): string | undefined {
  const data: unknown = error instanceof Error && 'data' in error ? error.data : undefined;
  return typeof data === 'object' && data !== null && 'code' in data && typeof data.code === 'string' ? data.code : undefined;
}

export const needsSignIn = (code: string | undefined): boolean => code === 'CredentialsMissing' || code === 'CredentialsExpired';

export const isCancelled = (error: unknown): boolean => error instanceof vscode.CancellationError || codeOf(error) === 'RequestCancelled';
