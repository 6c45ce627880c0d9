import * as vscode from 'vscode';
import type { Tunnel } from '../sidecar/contract';
import { databaseTools } from './all';
import type { DatabaseTool } from './tool';

/** The installed tools that know a database of this kind. */
export function toolsFor(tunnel: Tunnel): DatabaseTool[] {
  return databaseTools.filter(tool => vscode.extensions.getExtension(tool.extensionId) !== undefined && newEntry(tool, tunnel) !== undefined);
}

/** Writes a connection to the user's settings of the tool; its user name and database are filled in there. */
export async function addConnection(tool: DatabaseTool, tunnel: Tunnel): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(tool.section);
  const before = configuration.inspect<unknown[]>(tool.key)?.globalValue ?? [];
  await configuration.update(tool.key, [...before, newEntry(tool, tunnel)], vscode.ConfigurationTarget.Global);
  void vscode.window.showInformationMessage(vscode.l10n.t('"{0}" was added to {1}.', tunnel.name, tool.name));
}

const newEntry = (tool: DatabaseTool, { name, host, port, localPort }: Tunnel): ReturnType<DatabaseTool['create']> =>
  tool.create(name, engineOf(port), { host: host ?? '127.0.0.1', port, localPort });

/** By port: a tunnel knows no more of its database. */
export function engineOf(port: number): string {
  switch (port) {
    case 3306: return 'mysql';
    case 1433: return 'sqlserver';
    case 27_017: return 'docdb';
    case 5439: return 'redshift';
    case 6379: return 'redis';
    case 1521: return 'oracle';
    default: return 'postgres';
  }
}
