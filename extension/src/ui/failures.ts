import * as vscode from 'vscode';
import type { DiscoveryFailure } from '../sidecar/contract';
import { counted } from './plural';

/** What could not be listed, a line each; permissions that are missing share one, since a small policy lacks several. */
export function failureLines(failures: readonly DiscoveryFailure[]): { text: string; detail: string }[] {
  const denied = failures.filter(({ code }) => code === 'AccessDenied');
  const lines = failures.filter(failure => denied.length < 2 || failure.code !== 'AccessDenied').map(({ action, message }) => ({ text: action, detail: message }));
  if (denied.length < 2) return lines;
  return [...lines, { text: counted(denied.length, vscode.l10n.t('{0} permission is missing', denied.length), vscode.l10n.t('{0} permissions are missing', denied.length)), detail: [...new Set(denied.map(({ action }) => action))].join(', ') }];
}
