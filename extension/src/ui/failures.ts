import * as vscode from 'vscode';
import { needsSignIn } from '../errors';
import type { DiscoveryFailure } from '../sidecar/contract';
import { counted } from './plural';

/** What could not be listed, a line each; permissions that are missing share one, since a small policy lacks several. */
export function failureLines(failures: readonly DiscoveryFailure[]): { text: string; detail: string; code: DiscoveryFailure['code'] }[] {
  const denied = failures.filter(({ code }) => code === 'AccessDenied');
  const lines = failures
    .filter(failure => denied.length < 2 || failure.code !== 'AccessDenied')
    .map(({ action, message, code }) => ({ text: action, detail: message, code }));
  if (denied.length < 2) return lines;
  return [
    ...lines,
    {
      text: counted(
        denied.length,
        vscode.l10n.t('{0} permission is missing', denied.length),
        vscode.l10n.t('{0} permissions are missing', denied.length),
      ),
      detail: [...new Set(denied.map(({ action }) => action))].join(', '),
      code: 'AccessDenied',
    },
  ];
}

/** What a person can do about it. */
export type NextStep = 'signIn' | 'permissions' | 'other';

export const nextStepOf = (code: string | undefined): NextStep =>
  needsSignIn(code) ? 'signIn' : code === 'AccessDenied' ? 'permissions' : 'other';
