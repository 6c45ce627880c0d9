import * as vscode from 'vscode';
import { plain } from './plain';

/** A message with its reason and advice; the editor shows it whole. */
const maxChars = 1_000;

/**
 * What a person is told. Names, hosts and messages in it come from files, tools and AWS: nothing in them becomes a link or hides a part.
 * Each gives the button that was pressed.
 */
export const notify = {
  error: (message: string, ...buttons: string[]): Thenable<string | undefined> => vscode.window.showErrorMessage(plain(message, maxChars), ...buttons),
  warning: (message: string, ...buttons: string[]): Thenable<string | undefined> => vscode.window.showWarningMessage(plain(message, maxChars), ...buttons),
  information: (message: string, ...buttons: string[]): Thenable<string | undefined> => vscode.window.showInformationMessage(plain(message, maxChars), ...buttons),
};
