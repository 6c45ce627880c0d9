import type * as vscode from 'vscode';
import type { Sidecar } from './sidecar/sidecar';
import type { TunnelStore } from './state/tunnels';

/** What commands and views work with. */
export interface Services {
  readonly sidecar: Sidecar;
  readonly tunnels: TunnelStore;
  readonly log: vscode.LogOutputChannel;
  readonly memory: vscode.Memento;
}
