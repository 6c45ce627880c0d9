import * as vscode from 'vscode';

/** What `when` clauses of package.json know; a test compares the two. */
export type Context =
  | 'hasTunnels'
  | 'needsSignIn'
  | 'hasEnvironments'
  | 'hasDatabaseTool'
  | 'hasClosedTunnels'
  | 'hasConsents'
  | 'hasRoutings'
  | 'isSignedOut'
  | 'isFiltered';

const values = new Map<Context, boolean>();

/** Shows and hides commands. Each is unset, which is false, until it is known. */
export function setContext(name: Context, value: boolean): void {
  if ((values.get(name) ?? false) === value) return;
  values.set(name, value);
  void vscode.commands.executeCommand('setContext', `rdsTunnel.${name}`, value);
}
