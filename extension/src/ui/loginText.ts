import * as vscode from 'vscode';
import type { Login } from '../state/login';
import { plain } from './plain';

/** What a tunnel does for the tools that connect to it, in a few words; undefined when it only carries their bytes. */
export function loginText({ login, user, compress, localTls, localPassword }: Login): string | undefined {
  if (login === undefined) return undefined;
  let text =
    login === 'tls'
      ? vscode.l10n.t('adds TLS')
      : user === undefined
        ? vscode.l10n.t('signs in')
        : vscode.l10n.t('signs in as {0}', plain(user));
  if (compress === true) text = vscode.l10n.t('{0}, compresses', text);
  if (localTls === true) text = vscode.l10n.t('{0}, offers TLS', text);
  return localPassword === true ? vscode.l10n.t('{0}, asks for a local password', text) : text;
}

/** As whom every program of the user is let into the database, for whoever has to decide on it. */
export function meansOfLogin({ login, user, secretId }: Login): string | undefined {
  switch (login) {
    case undefined:
      return undefined;
    case 'iam':
      return vscode.l10n.t('signs in to the database as {0} with IAM', user ?? '');
    case 'secret':
      return user === undefined
        ? vscode.l10n.t('signs in to the database with the secret {0}', secretId ?? '')
        : vscode.l10n.t('signs in to the database as {0} with the secret {1}', user, secretId ?? '');
    default:
      return vscode.l10n.t('encrypts the connection to the database');
  }
}
