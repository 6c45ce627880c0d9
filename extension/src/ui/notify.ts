import * as vscode from 'vscode';
import { plain } from './plain';

/** A message with its reason and advice; the editor shows it whole. */
const maxChars = 1_000;

/**
 * Notifications. Names, hosts and messages in them come from files, tools and AWS, so they are cleaned: no links, no hidden text.
 * Each returns the button that was pressed.
 */
export const notify = {
  error: (message: string, ...buttons: string[]): Thenable<string | undefined> =>
    vscode.window.showErrorMessage(plain(message, maxChars), ...buttons),
  warning: (message: string, ...buttons: string[]): Thenable<string | undefined> =>
    vscode.window.showWarningMessage(plain(message, maxChars), ...buttons),
  information: (message: string, ...buttons: string[]): Thenable<string | undefined> =>
    vscode.window.showInformationMessage(plain(message, maxChars), ...buttons),
  /** A dialog, which has to be answered. Each line of the detail is cleaned for itself. */
  dialog: (message: string, detail: string, ...buttons: string[]): Thenable<string | undefined> =>
    vscode.window.showWarningMessage(
      plain(message, maxChars),
      {
        modal: true,
        detail: detail
          .split(/\r?\n/)
          .map(line => plain(line, maxChars))
          .join('\n'),
      },
      ...buttons,
    ),
};
