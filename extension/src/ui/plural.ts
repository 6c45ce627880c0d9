import * as vscode from 'vscode';

/**
 * The text for this many. Both come translated; `words.test.mjs` keeps out languages that need more than two forms.
 * @param one for what the language counts as one
 */
export function counted(count: number, one: string, other: string): string {
  // Without a bundle the texts are English, whatever the editor's language.
  const language = vscode.l10n.bundle === undefined ? 'en' : vscode.env.language;
  return new Intl.PluralRules(language).select(count) === 'one' ? one : other;
}
