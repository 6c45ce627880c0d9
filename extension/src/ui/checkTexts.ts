import * as vscode from 'vscode';
import type { CheckOutcome, CheckStepName } from '../sidecar/contract';

export function outcomeText(outcome: CheckOutcome): string {
  switch (outcome) {
    case 'Passed':
      return vscode.l10n.t('Passed');
    case 'Failed':
      return vscode.l10n.t('Failed');
    case 'Unknown':
      return vscode.l10n.t('Not checked');
  }
}

export function stepText(name: CheckStepName): string {
  switch (name) {
    case 'Credentials':
      return vscode.l10n.t('Credentials');
    case 'Identity':
      return vscode.l10n.t('Identity');
    case 'Target':
      return vscode.l10n.t('Jump host');
    case 'Network':
      return vscode.l10n.t('Network');
    case 'Permission':
      return vscode.l10n.t('Permission');
    case 'Channel':
      return vscode.l10n.t('Data channel');
    case 'Session':
      return vscode.l10n.t('Session');
    case 'Connection':
      return vscode.l10n.t('Connection');
    case 'Certificate':
      return vscode.l10n.t('Certificate');
  }
}
