import type * as vscode from 'vscode';
import type { Sidecar } from '../sidecar/sidecar';

/** The process that does the work, and the log. */
export interface Backend {
  readonly sidecar: Sidecar;
  readonly log: vscode.LogOutputChannel;
}
