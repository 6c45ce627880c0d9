import * as vscode from 'vscode';
import type { Tunnel } from '../sidecar/contract';
import { databaseTools } from './all';
import type { DatabaseTool } from './tool';

/** The installed tools that know a database of this kind. */
export function toolsFor(tunnel: Tunnel, engine: string): DatabaseTool[] {
  return databaseTools.filter(tool => vscode.extensions.getExtension(tool.extensionId) !== undefined && newEntry(tool, tunnel, engine) !== undefined);
}

/** Writes a connection to the user's settings of the tool; its user name and database are filled in there. */
export async function addConnection(tool: DatabaseTool, tunnel: Tunnel, engine: string): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(tool.section);
  const before = configuration.inspect<unknown[]>(tool.key)?.globalValue ?? [];
  await configuration.update(tool.key, [...before, newEntry(tool, tunnel, engine)], vscode.ConfigurationTarget.Global);
  void vscode.window.showInformationMessage(vscode.l10n.t('"{0}" was added to {1}.', tunnel.name, tool.name));
}

const newEntry = (tool: DatabaseTool, { name, host, port, localPort }: Tunnel, engine: string): ReturnType<DatabaseTool['create']> =>
  tool.create(name, engine, { host: host ?? '127.0.0.1', port, localPort });
