import * as vscode from 'vscode';
import type { CheckStep, CheckOutcome, OpenTunnelParams } from '../sidecar/contract';
import { outcomeText, stepText } from '../ui/checkTexts';
import { plain } from '../ui/plain';
import { html } from './html';

const marks: Record<CheckOutcome, string> = { Passed: '✓', Failed: '✗', Unknown: '?' };

/** What the page's links may do. */
const commands = ['rdsTunnel.checkTunnel', 'rdsTunnel.showPermissions', 'rdsTunnel.showLog'];

/** A page that fills with a check's steps as they finish. It runs no script. */
export class CheckPage {
  private readonly steps: CheckStep[] = [];
  private readonly panel: vscode.WebviewPanel;
  private isClosed = false;

  constructor(
    private readonly name: string,
    private readonly tunnel: OpenTunnelParams,
  ) {
    this.panel = vscode.window.createWebviewPanel('rdsTunnel.check', vscode.l10n.t('Check: {0}', plain(name)), vscode.ViewColumn.Active, {
      enableScripts: false,
      enableCommandUris: commands,
    });
    this.panel.onDidDispose(() => {
      this.isClosed = true;
    });
    this.show(vscode.l10n.t('Checking…'));
  }

  add(step: CheckStep): void {
    this.steps.push(step);
    this.show(vscode.l10n.t('Checking…'));
  }

  /** @param reason why the check stopped early; undefined when it is complete */
  end(reason?: string): void {
    const failed = this.steps.some(step => step.outcome === 'Failed');
    const links: [string, string, unknown?][] = [
      [vscode.l10n.t('Check again'), 'rdsTunnel.checkTunnel', this.tunnel],
      ...(failed ? ([[vscode.l10n.t('Show required permissions'), 'rdsTunnel.showPermissions']] satisfies [string, string][]) : []),
      [vscode.l10n.t('Show log'), 'rdsTunnel.showLog'],
    ];
    const summary = failed
      ? vscode.l10n.t('Start with the first failed check.')
      : this.steps.some(step => step.outcome === 'Unknown')
        ? vscode.l10n.t('No check failed.')
        : vscode.l10n.t('All checks passed.');
    this.show(
      reason ?? summary,
      links.map(([label, command, argument]) => `<a href="${html(commandUri(command, argument))}">${html(label)}</a>`).join(' · '),
    );
  }

  private show(summary: string, links = ''): void {
    if (this.isClosed) return;
    const { host, target, port, profile, region } = this.tunnel;
    const where = [
      `${host ?? target ?? ''}:${port}`,
      profile === undefined ? undefined : vscode.l10n.t('profile {0}', profile),
      region,
    ].filter(text => text !== undefined);
    this.panel.webview.html = `<!DOCTYPE html>
<html lang="${html(vscode.env.language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${html(this.name)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><style>${style}</style></head>
<body><main><h1>${html(this.name)}</h1><p>${html(where.join(' · '))}</p>
<ol>${this.steps.map(rowOf).join('')}</ol><p role="status">${html(summary)}</p><p>${links}</p></main></body></html>`;
  }
}

// Themes promise contrast for their own text colors only: an outcome is colored beside its words.
// Test colors are not used here: light themes have a pale green, and those of high contrast no red.
const style = `
body { font: var(--vscode-font-size) / 1.5 var(--vscode-font-family); color: var(--vscode-foreground); background: var(--vscode-editor-background); overflow-wrap: anywhere; }
main { max-width: 60rem; margin: 0 auto; }
ol { list-style: none; margin: 0; padding: 0; }
li { display: grid; grid-template-columns: 8em 9em 1fr; gap: 0 1rem; padding: .5rem .75rem; border-top: 1px solid var(--vscode-panel-border, currentColor); border-inline-start: .25rem solid currentColor; }
@media (max-width: 40rem) { li { grid-template-columns: 1fr; } }
li p, h2 { margin: 0; font-size: inherit; }
.advice { grid-column: -2; }
.Passed { border-inline-start-color: var(--vscode-charts-green); } .Failed { border-inline-start-color: var(--vscode-editorError-foreground); } .Unknown { border-inline-start-color: var(--vscode-descriptionForeground); }
a { color: var(--vscode-textLink-foreground); } a:focus-visible { outline: 2px solid var(--vscode-focusBorder); outline-offset: 2px; }
`;

const commandUri = (command: string, argument?: unknown): string =>
  `command:${command}${argument === undefined ? '' : `?${encodeURIComponent(JSON.stringify([argument]))}`}`;

const rowOf = ({ name, outcome, message, advice }: CheckStep): string =>
  `<li class="${outcome}"><p><span aria-hidden="true">${marks[outcome]} </span>${html(outcomeText(outcome))}</p><h2>${html(stepText(name))}</h2><p>${html(message)}</p>${advice === undefined ? '' : `<p class="advice">→ ${html(advice)}</p>`}</li>`;
