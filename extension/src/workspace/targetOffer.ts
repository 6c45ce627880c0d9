import * as vscode from 'vscode';
import { applyEdits, modify, parseTree, getNodeValue, findNodeAtLocation } from 'jsonc-parser';
import type { OpenTunnelParams } from '../sidecar/contract';
import { identityOf, readEntry } from './entries';
import { notify } from '../ui/notify';

/** The same tunnel, with or without a jump host. */
const isSame = (entry: unknown, request: OpenTunnelParams): boolean => {
  const read = readEntry(entry);
  return read !== undefined && identityOf(read) === identityOf(request);
};

/** The list with the jump host in the tunnel's entry; undefined when it has none. */
export function withTarget(list: readonly unknown[], request: OpenTunnelParams, target: string): unknown[] | undefined {
  return list.some(entry => isSame(entry, request))
    ? list.map(entry => (isSame(entry, request) ? { ...(entry as object), target } : entry))
    : undefined;
}

/** The text of the team's file, likewise; comments and layout stay. */
export function teamFileWithTarget(text: string, request: OpenTunnelParams, target: string): string | undefined {
  const root = parseTree(text);
  const list: unknown = root === undefined ? undefined : getNodeValue(findNodeAtLocation(root, ['tunnels']) ?? root);
  if (!Array.isArray(list)) return undefined;
  const index = list.findIndex(entry => isSame(entry, request));
  return index < 0
    ? undefined
    : applyEdits(text, modify(text, ['tunnels', index, 'target'], target, { formattingOptions: { insertSpaces: true, tabSize: 2 } }));
}

/** Asks whether a choice is to be written down where the tunnel is named. */
export async function wantsTarget(request: OpenTunnelParams, target: string, where: string): Promise<boolean> {
  const write = vscode.l10n.t('Save');
  return (
    (await notify.information(
      vscode.l10n.t('Jump host {0} is remembered for {1} on this computer. Save it in {2} too?', target, request.host ?? '', where),
      write,
    )) === write
  );
}
