import type * as vscode from 'vscode';
import type { Listening } from './workspace/listen';
import type { WorkspaceTunnels } from './workspace/workspaceTunnels';

/** What commands and views work with. */
export interface Services extends Listening {
  readonly workspaceTunnels: WorkspaceTunnels;
  /** Of this workspace. */
  readonly memory: vscode.Memento;
  readonly globalMemory: vscode.Memento;
  /** The file with the authorities that issue the certificates of AWS's databases. */
  readonly authority: () => Promise<string>;
}
