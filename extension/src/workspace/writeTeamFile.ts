import * as vscode from 'vscode';
import { applyEdits, modify, parseTree } from 'jsonc-parser';
import type { OpenTunnelParams } from '../sidecar/contract';
import { identityOf } from './entries';
import { readSmallFile } from './smallFile';
import { readTeamFile, teamFileName } from './teamFile';

const format = { formattingOptions: { insertSpaces: true, tabSize: 2 } };

const empty = `{
  // Everyone who opens this folder is asked once before these tunnels use an AWS identity.
  // No passwords here.
  "tunnels": []
}
`;

/** What a team shares of a tunnel: not the endpoint of AWS, nor what is the reader's own. */
const shared = ({
  name,
  host,
  target,
  port,
  localPort,
  profile,
  region,
  document,
  socket,
  login,
  user,
  secretId,
  compress,
  localTls,
  localPassword,
  startJumpHost,
}: OpenTunnelParams): object =>
  Object.fromEntries(
    Object.entries({
      name,
      host,
      target,
      port,
      localPort,
      profile,
      region,
      document,
      socket: socket === true ? true : undefined,
      login,
      user,
      secretId,
      compress: compress === true ? true : undefined,
      localTls: localTls === true ? true : undefined,
      localPassword: localPassword === true ? true : undefined,
      startJumpHost: startJumpHost === true ? true : undefined,
    }).filter(([, value]) => value !== undefined),
  );

/**
 * The text of a team's file with these tunnels; those it has already stay as they are, with all comments.
 * @param text undefined for a file that isn't there
 * @throws Error when the text is no team file
 */
export function teamFileWith(text: string | undefined, tunnels: readonly OpenTunnelParams[]): string {
  let result = text === undefined || text.trim() === '' ? empty : text;
  const { tunnels: known } = readTeamFile(result);
  if (parseTree(result)?.type !== 'object')
    throw new Error(vscode.l10n.t("{0} isn't a JSON object. Correct or delete it, then try again.", teamFileName));
  const present = new Set(known.map(identityOf));
  for (const tunnel of tunnels) {
    if (present.has(identityOf(tunnel))) continue;
    present.add(identityOf(tunnel));
    result = applyEdits(result, modify(result, ['tunnels', -1], shared(tunnel), { ...format, isArrayInsertion: true }));
  }
  return result;
}

/** Writes the tunnels to the team's file of the first workspace folder, and shows it. @returns undefined without a folder */
export async function writeTeamFile(tunnels: readonly OpenTunnelParams[]): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (folder === undefined) return undefined;
  const uri = vscode.Uri.joinPath(folder.uri, teamFileName);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(teamFileWith(await textOf(uri), tunnels)));
  await vscode.window.showTextDocument(uri);
  return uri;
}

async function textOf(uri: vscode.Uri): Promise<string | undefined> {
  try {
    return await readSmallFile(uri);
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') return undefined;
    throw error;
  }
}
