import * as vscode from 'vscode';
import type { TunnelState } from '../sidecar/contract';

export function stateText(state: TunnelState): string {
  switch (state) {
    case 'Listening':
      return vscode.l10n.t('listening');
    case 'Opening':
      return vscode.l10n.t('opening');
    case 'StartingJumpHost':
      return vscode.l10n.t('starting jump host');
    case 'Open':
      return vscode.l10n.t('open');
    case 'Reconnecting':
      return vscode.l10n.t('reconnecting');
    case 'NeedsSignIn':
      return vscode.l10n.t('sign-in required');
    case 'NeedsJumpHost':
      return vscode.l10n.t('jump host required');
    case 'NeedsApproval':
      return vscode.l10n.t('waiting for approval');
    case 'Faulted':
      return vscode.l10n.t('failed');
    case 'Closed':
      return vscode.l10n.t('closed');
  }
}

/** Why a tunnel that is wanted does not listen in this window. */
export function dormantText(reason: 'Closed' | 'OtherWindow' | 'PortInUse'): string {
  switch (reason) {
    case 'Closed':
      return vscode.l10n.t('closed');
    case 'OtherWindow':
      return vscode.l10n.t('served by another window');
    case 'PortInUse':
      return vscode.l10n.t('port in use by another program');
  }
}

/** Of a tunnel that other windows use as well; always two or more. */
export const sharedText = (windows: number): string => vscode.l10n.t('shared by {0} windows', windows);

/** Of a tunnel that a person did not open. */
export const agentText = (reason: string): string => vscode.l10n.t('opened by an AI agent: "{0}"', reason);

/** Of a tunnel whose jump host somebody has given it access to. */
export const accessText = (request: string): string => vscode.l10n.t('access by request {0}', request);
