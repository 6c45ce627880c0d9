import * as vscode from 'vscode';
import { reasonPlaceholders } from '../sidecar/contract';

/** What is wrong with a template that does not fit its rule, in the words of whoever wrote it. */
export function problemOfReason(field: string, template: string): string {
  const placeholder = [...template.matchAll(/\$\{[^}]*\}?/g)].map(([text]) => text).find(text => !isKnown(text));
  return placeholder?.endsWith('}') === true
    ? vscode.l10n.t(
        '"{0}" has an unknown placeholder: {1}. Use {2}.',
        field,
        placeholder,
        reasonPlaceholders.map(name => `\${${name}}`).join(', '),
      )
    : vscode.l10n.t('"{0}" has a placeholder without a closing brace.', field);
}

const isKnown = (placeholder: string): boolean => reasonPlaceholders.some(name => placeholder === `\${${name}}`);
