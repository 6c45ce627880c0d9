import * as vscode from 'vscode';

/** What is wrong with the name of a session document; undefined when nothing is. The sidecar, and AWS, judge the rest. */
export function problemOfDocument(document: string): string | undefined {
  if (!/^[\w.:/-]{3,128}$/.test(document)) return vscode.l10n.t('"document" must be the name of a session document: 3 to 128 letters, digits and _ - .');
  if (document.includes(':') && !/^arn:aws[\w-]*:ssm:[\w-]*:\d*:document\/[\w.-]+$/.test(document)) return vscode.l10n.t('"document" must not include a version. Sessions always use the default version.');
  return undefined;
}
