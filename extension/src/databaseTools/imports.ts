// Connections of programs outside of the editor, whose files lie in the workspace: they get a tunnel, and their files stay as they are.
import * as vscode from 'vscode';
import { copyDetails } from './copyDetails';
import { wordsOf } from '../errors';
import type { Services } from '../services';
import { readSmallFile } from '../workspace/smallFile';
import { projectFiles, type ProjectFile } from './projectFiles';
import { keepTunnel } from './routedTunnels';
import { tunnelFor } from './routing';
import type { Connection } from './tool';

/** A connection that has no tunnel yet, and the program that has it. */
export interface Imported {
  program: string;
  connection: Connection;
}

/** Those of all folders of the workspace, each database once. */
export async function importable(services: Services): Promise<Imported[]> {
  const all = await Promise.all(
    (vscode.workspace.workspaceFolders ?? []).flatMap(({ uri }) => projectFiles.map(kind => readAll(services, uri, kind))),
  );
  const found: Imported[] = [];
  for (const each of all.flat()) {
    const { host, port } = each.connection;
    const isKnown =
      found.some(({ connection }) => connection.host === host && connection.port === port) ||
      (await services.workspaceTunnels.leadTo(host, port));
    if (!isKnown) found.push(each);
  }
  return found;
}

/** Reports that those files have changed. */
export const watchImports = (changed: () => void): vscode.Disposable =>
  vscode.Disposable.from(
    ...projectFiles.flatMap(({ folder }) => {
      const watcher = vscode.workspace.createFileSystemWatcher(`**/${folder}/*`);
      return [watcher, watcher.onDidChange(changed), watcher.onDidCreate(changed)];
    }),
  );

/** @returns what to tell, and what can be done then; undefined for whoever has given up */
export async function tunnelForImported(
  services: Services,
  { program, connection }: Imported,
): Promise<{ message: string; button: string; run: () => Promise<void> } | undefined> {
  const fixing = await tunnelFor(services, connection, vscode.ConfigurationTarget.Workspace);
  if (fixing === undefined) return undefined;
  await keepTunnel(services, fixing.tunnel);
  const { localPort } = fixing.tunnel;
  return {
    message: vscode.l10n.t('127.0.0.1:{0} now connects to "{1}". Use this address in {2}.', localPort, connection.name, program),
    button: vscode.l10n.t('Copy details'),
    run: async () => {
      await copyDetails(services, { ...connection, localPort });
    },
  };
}

async function readAll({ log }: Services, root: vscode.Uri, { program, folder, file, connections }: ProjectFile): Promise<Imported[]> {
  const at = vscode.Uri.joinPath(root, folder);
  try {
    const names = (await vscode.workspace.fs.readDirectory(at)).map(([name]) => name).filter(name => file.test(name));
    const found = await Promise.all(
      names.map(async name => {
        const uri = vscode.Uri.joinPath(at, name);
        try {
          return connections(await readSmallFile(uri));
        } catch (error) {
          log.warn(`No connections are read from ${uri.fsPath}. ${wordsOf(error)}`);
          return [];
        }
      }),
    );
    return found.flat().map(connection => ({ program, connection }));
  } catch (error) {
    if (!(error instanceof vscode.FileSystemError) || error.code !== 'FileNotFound')
      log.warn(`${at.fsPath} cannot be read: ${String(error)}`);
    return [];
  }
}
