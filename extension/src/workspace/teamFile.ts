import * as vscode from 'vscode';
import { getNodeValue, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import { problemOf, problemOfField, readNamed, type NamedTunnel } from './entries';

export const teamFileName = '.vscode/rds-tunnels.json';

export interface TeamFileProblem {
  offset: number;
  length: number;
  message: string;
}

export interface TeamFile {
  tunnels: NamedTunnel[];
  problems: TeamFileProblem[];
}

/** Reads `{ "reason": …, "tunnels": [ … ] }`, with comments; what makes no sense is left out, and told with its place. */
export function readTeamFile(text: string): TeamFile {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const problems: TeamFileProblem[] = errors.map(({ offset, length, error }) => ({
    offset,
    length: Math.max(1, length),
    message: vscode.l10n.t('Invalid JSON: {0}.', printParseErrorCode(error)),
  }));
  const list = root === undefined ? undefined : child(root, 'tunnels');
  if (list?.type !== 'array') {
    if (problems.length === 0)
      problems.push({ offset: 0, length: Math.max(1, text.length), message: vscode.l10n.t('Expected an object with an array "tunnels".') });
    return { tunnels: [], problems };
  }
  const tunnels: NamedTunnel[] = [];
  const reason = readReason(root, problems);
  const ports = new Set<number>();
  for (const node of list.children ?? []) {
    const value: unknown = getNodeValue(node);
    const tunnel = readNamed(value);
    const problem = problemOf(value);
    const report = (at: Node, message: string): void => {
      problems.push({ offset: at.offset, length: at.length, message });
    };
    if (problem !== undefined) report((problem.field === undefined ? undefined : child(node, problem.field)) ?? node, problem.message);
    if (tunnel === undefined) continue;
    if (tunnel.localPort !== undefined && ports.has(tunnel.localPort))
      report(child(node, 'localPort') ?? node, vscode.l10n.t('Another tunnel already uses local port {0}.', tunnel.localPort));
    else {
      if (tunnel.localPort !== undefined) ports.add(tunnel.localPort);
      tunnels.push({ ...reason, ...tunnel });
    }
  }
  return { tunnels, problems };
}

/** What is wrong with a file, as the editor marks it. */
export const diagnosticsOf = (text: string, { problems }: TeamFile): vscode.Diagnostic[] =>
  problems.map(
    ({ offset, length, message }) =>
      new vscode.Diagnostic(
        new vscode.Range(positionAt(text, offset), positionAt(text, offset + length)),
        message,
        vscode.DiagnosticSeverity.Error,
      ),
  );

function positionAt(text: string, offset: number): vscode.Position {
  const before = text.slice(0, offset).split('\n');
  return new vscode.Position(before.length - 1, before.at(-1)?.length ?? 0);
}

/** The reason of all tunnels that have none of their own. */
function readReason(root: Node | undefined, problems: TeamFileProblem[]): { reason?: string } {
  const node = root === undefined ? undefined : child(root, 'reason');
  if (node === undefined) return {};
  const reason: unknown = getNodeValue(node);
  const problem = problemOfField('reason', reason);
  if (problem === undefined) return { reason: reason as string };
  problems.push({ offset: node.offset, length: node.length, message: problem });
  return {};
}

/** The value of a property. */
const child = (object: Node, name: string): Node | undefined =>
  object.children?.find(property => property.type === 'property' && property.children?.[0]?.value === name)?.children?.[1];
