// The lists of connections in a database tool's settings.
import * as vscode from 'vscode';
import { isObject, type DatabaseTool, type Entry } from './tool';

/** Where a list stands; `folder`, the URI of a folder of a workspace with several. */
export interface Place {
  target: vscode.ConfigurationTarget;
  folder?: string;
}

/** An entry, and where it stands. */
export interface Placed {
  tool: DatabaseTool;
  place: Place;
  entry: Entry;
}

export const isInstalled = ({ extensionId }: { extensionId: string }): boolean => vscode.extensions.getExtension(extensionId) !== undefined;

/** What entries a tool has, in all places. */
export function entriesOf(tool: DatabaseTool): Placed[] {
  return places().flatMap(place => (listAt(tool, place) ?? []).filter(isObject).map(entry => ({ tool, place, entry })));
}

/** What entries it reads. */
export const visibleEntriesOf = (tool: DatabaseTool): Placed[] => {
  const { Global, Workspace } = vscode.ConfigurationTarget;
  const isHidden = tool.hidesUserList && listAt(tool, { target: Workspace }) !== undefined;
  return entriesOf(tool).filter(({ place: { target } }) => !isHidden || target !== Global);
};

/** Where a new entry is seen by the tool in every window that has its tunnel. */
export function placeOfNew(tool: DatabaseTool): Place {
  const { Global, Workspace } = vscode.ConfigurationTarget;
  return tool.hidesUserList && listAt(tool, { target: Workspace }) !== undefined ? { target: Workspace } : { target: Global };
}

/** Where a tunnel is named for an entry that stands there. */
export const tunnelTarget = ({ target }: Place): vscode.ConfigurationTarget =>
  target === vscode.ConfigurationTarget.WorkspaceFolder ? vscode.ConfigurationTarget.Workspace : target;

export const entriesAt = (tool: DatabaseTool, place: Place): Entry[] => (listAt(tool, place) ?? []).filter(isObject);

/** Puts an entry in another's place; what is no entry stays as it is. */
export async function replaceEntry(tool: DatabaseTool, place: Place, before: Entry, after: Entry): Promise<void> {
  const wanted = JSON.stringify(before);
  // The editor writes a list anew even if nothing changes in it.
  if (wanted !== JSON.stringify(after))
    await write(
      tool,
      place,
      (listAt(tool, place) ?? []).map(each => (JSON.stringify(each) === wanted ? after : each)),
    );
}

export async function addEntry(tool: DatabaseTool, place: Place, entry: Entry): Promise<void> {
  await write(tool, place, [...(listAt(tool, place) ?? []), entry]);
}

function places(): Place[] {
  const { Global, Workspace, WorkspaceFolder } = vscode.ConfigurationTarget;
  // A folder that is the whole workspace has the workspace's settings.
  const folders = vscode.workspace.workspaceFile === undefined ? [] : (vscode.workspace.workspaceFolders ?? []);
  return [{ target: Global }, { target: Workspace }, ...folders.map(({ uri }) => ({ target: WorkspaceFolder, folder: uri.toString() }))];
}

const configurationOf = (tool: DatabaseTool, { folder }: Place): vscode.WorkspaceConfiguration =>
  vscode.workspace.getConfiguration(tool.section, folder === undefined ? undefined : vscode.Uri.parse(folder, true));

function listAt(tool: DatabaseTool, place: Place): unknown[] | undefined {
  const values = configurationOf(tool, place).inspect<unknown>(tool.key);
  const { Global, Workspace } = vscode.ConfigurationTarget;
  const list =
    place.target === Global ? values?.globalValue : place.target === Workspace ? values?.workspaceValue : values?.workspaceFolderValue;
  return Array.isArray(list) ? list : undefined;
}

async function write(tool: DatabaseTool, place: Place, list: unknown[]): Promise<void> {
  await configurationOf(tool, place).update(tool.key, list, place.target);
}
