import * as vscode from 'vscode';

/** The sidecar's code for what went wrong: `CredentialsExpired`, `AccessDenied` … */
export function codeOf(error: unknown): string | undefined {
  const data: unknown = error instanceof Error && 'data' in error ? error.data : undefined;
  return typeof data === 'object' && data !== null && 'code' in data && typeof data.code === 'string' ? data.code : undefined;
}

/** What is said where nothing else tells more than the kind: codes, names of exceptions, numbers. */
const codes = /\b(?:HTTP|Error|[A-Z]\w*(?:Exception|Error|Fault)|E[A-Z0-9]{2,})\b|\d+/g;

/**
 * What went wrong in words for people: never only a code or an exception's name. A defect's own
 * message means nothing to them; the log has it.
 */
export function wordsOf(error: unknown): string {
  const isDefect = error instanceof Error && /^(?:Type|Reference|Range|Syntax|Eval|URI)Error$/.test(error.name);
  const message = isDefect
    ? ''
    : (error instanceof Error ? error.message : typeof error === 'string' ? error : '').replace(/^E[A-Z0-9]+: /, '').trim();
  if (/\p{L}{2,}\P{L}+\p{L}{2,}/u.test(message.replaceAll(codes, ''))) return message;
  const kind = message !== '' ? message : error instanceof Error ? error.name : typeof error;
  return vscode.l10n.t('RDS Tunnel failed unexpectedly ({0}). The log has the details.', kind);
}

/** For the log. */
export const traceOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

export const needsSignIn = (code: string | undefined): boolean => code === 'CredentialsMissing' || code === 'CredentialsExpired';

export const isCancelled = (error: unknown): boolean => error instanceof vscode.CancellationError || codeOf(error) === 'RequestCancelled';
