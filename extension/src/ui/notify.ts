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
  /** Something that takes a while, and can be given up. */
  progress: <T>(title: string, run: (cancellation: vscode.CancellationToken) => Thenable<T>): Thenable<T> =>
    vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: plain(title, maxChars), cancellable: true },
      (_, cancellation) => run(cancellation),
    ),
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

/** An address as the target of a link in a notification: nothing in it ends the link, or begins another. */
export const linkTo = (url: string): string =>
  url.replaceAll(/[\s()[\]<>"']/g, unfit => `%${unfit.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
