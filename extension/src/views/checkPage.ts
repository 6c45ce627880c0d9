import * as vscode from 'vscode';
import type { CheckStep, CheckOutcome, OpenTunnelParams } from '../sidecar/contract';
import { html } from './html';

const marks: Record<CheckOutcome, string> = { Passed: '✓', Failed: '✗', Unknown: '?' };

/** A page that fills with a check's steps as they are done. It runs no script. */
export class CheckPage {
  private readonly steps: CheckStep[] = [];
  private readonly panel: vscode.WebviewPanel;
  private isClosed = false;

  constructor(private readonly name: string, private readonly tunnel: OpenTunnelParams) {
    this.panel = vscode.window.createWebviewPanel('rdsTunnel.check', vscode.l10n.t('Check: {0}', name), vscode.ViewColumn.Active, { enableScripts: false });
    this.panel.onDidDispose(() => { this.isClosed = true; });
    this.show(vscode.l10n.t('Looking…'));
  }

  add(step: CheckStep): void {
    this.steps.push(step);
    this.show(vscode.l10n.t('Looking…'));
  }

  /** All has been looked at, or it was cut short for this reason. */
  end(reason?: string): void {
    const failed = this.steps.some(step => step.outcome === 'Failed');
    this.show(reason ?? (failed ? vscode.l10n.t('What failed first is where to begin.') : vscode.l10n.t('Nothing speaks against it.')));
  }

  private show(summary: string): void {
    if (this.isClosed) return;
    const { host, target, port, profile, region } = this.tunnel;
    const where = [`${host ?? target ?? ''}:${port}`, profile === undefined ? undefined : vscode.l10n.t('profile {0}', profile), region].filter(text => text !== undefined);
    this.panel.webview.html = `<!DOCTYPE html>
<html lang="${html(vscode.env.language)}"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body { font: var(--vscode-font-size) / 1.5 var(--vscode-font-family); color: var(--vscode-foreground); max-width: 60rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; vertical-align: top; padding: .5rem .75rem .5rem 0; border-top: 1px solid var(--vscode-panel-border, transparent); }
.Passed { color: var(--vscode-testing-iconPassed); } .Failed { color: var(--vscode-testing-iconFailed); } .Unknown { color: var(--vscode-descriptionForeground); }
.advice { color: var(--vscode-descriptionForeground); }
</style></head><body><h1>${html(this.name)}</h1><p>${html(where.join(' · '))}</p>
<table><tbody>${this.steps.map(rowOf).join('')}</tbody></table><p role="status">${html(summary)}</p></body></html>`;
  }
}

const rowOf = ({ name, outcome, message, advice }: CheckStep): string =>
  `<tr><td class="${outcome}">${marks[outcome]}&nbsp;${outcome}</td><th scope="row">${name}</th><td>${html(message)}${advice === undefined ? '' : `<div class="advice">→ ${html(advice)}</div>`}</td></tr>`;
