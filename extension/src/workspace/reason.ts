import * as vscode from 'vscode';

/** What a reason's template may name, as the sidecar fills it in; a test compares the two. */
export const placeholders = ['name', 'host', 'port', 'target', 'localPort', 'profile', 'region', 'user', 'machine'];

/** What is wrong with a template, in the words of whoever wrote it; undefined when nothing is. */
export function problemOfReason(template: string): string | undefined {
  for (const [placeholder] of template.matchAll(/\$\{[^}]*\}?/g)) {
    if (!placeholder.endsWith('}')) return vscode.l10n.t('"reason" has a placeholder without a closing brace.');
    if (!placeholders.includes(placeholder.slice(2, -1))) {
      return vscode.l10n.t('"reason" has an unknown placeholder: {0}. Use {1}.', placeholder, placeholders.map(name => `\${${name}}`).join(', '));
    }
  }
  return undefined;
}
