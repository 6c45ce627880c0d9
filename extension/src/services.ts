import type * as vscode from 'vscode';
import type { Sidecar } from './sidecar/sidecar';
import type { TunnelStore } from './state/tunnels';
import type { WorkspaceTunnels } from './workspace/workspaceTunnels';

/** What commands and views work with. */
export interface Services {
  readonly sidecar: Sidecar;
  readonly tunnels: TunnelStore;
  readonly workspaceTunnels: WorkspaceTunnels;
  readonly log: vscode.LogOutputChannel;
  /** Of this workspace. */
  readonly memory: vscode.Memento;
  readonly globalMemory: vscode.Memento;
  /** The file with the authorities that issue the certificates of AWS's databases. */
  readonly authority: () => Promise<string>;
}
