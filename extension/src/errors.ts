import * as vscode from 'vscode';
import { notify } from './ui/notify';

/** The sidecar's code for what went wrong: `CredentialsExpired`, `AccessDenied` … */
export function codeOf(error: unknown): string | undefined {
  const data: unknown = error instanceof Error && 'data' in error ? error.data : undefined;
  return typeof data === 'object' && data !== null && 'code' in data && typeof data.code === 'string' ? data.code : undefined;
}

export const needsSignIn = (code: string | undefined): boolean => code === 'CredentialsMissing' || code === 'CredentialsExpired';

export const isCancelled = (error: unknown): boolean => error instanceof vscode.CancellationError || codeOf(error) === 'RequestCancelled';

/**
 * Says what failed, and offers what may help. The sidecar's messages say what, whose fault it is, and what to do.
 * @returns the button that was pressed
 */
export async function showError(error: unknown, buttons: string[]): Promise<string | undefined> {
  const message = error instanceof Error ? error.message : String(error);
  return await notify.error(message, ...buttons);
}
