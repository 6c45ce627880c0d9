import * as vscode from 'vscode';
import type { CheckOutcome, CheckStep, OpenTunnelParams } from '../sidecar/contract';
import type { Services } from '../services';

const scheme = 'rds-tunnel-check';
const marks: Record<CheckOutcome, string> = { Passed: '✅', Failed: '❌', Unknown: '❔' };
let lastToken = 0;

/** The pages of checks, as the editor reads them. */
export class CheckPages implements vscode.TextDocumentContentProvider {
  private readonly pages = new Map<string, string>();

  register(): vscode.Disposable {
    return vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.pages.get(uri.toString()) ?? '';
  }

  /** Shows a page that is made once. */
  async show(name: string, text: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme, path: `/${name.replace(/[/\\]/g, '-')}.md`, query: String(++lastToken) });
    this.pages.set(uri.toString(), text);
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  }
}

/** Goes through all that a tunnel needs, with progress, and shows what was found on a page. */
export async function checkTunnel({ sidecar }: Services, pages: CheckPages, tunnel: OpenTunnelParams): Promise<void> {
  const token = `check-${++lastToken}`;
  const name = tunnel.name ?? tunnel.host ?? tunnel.target ?? '';
  const steps = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Checking the way to {0}', name), cancellable: true },
    async (progress, cancellation) => {
      const stop = sidecar.on('tunnel/checkStep', ({ token: of, step }) => {
        if (of === token) progress.report({ message: `${step.name}: ${step.outcome}`, increment: 100 / 8 });
      });
      try {
        return (await sidecar.request('tunnel/check', { tunnel, token }, cancellation)).steps;
      } finally {
        stop();
      }
    });
  await pages.show(name, pageOf(name, tunnel, steps));
}

function pageOf(name: string, { host, target, port, profile, region }: OpenTunnelParams, steps: CheckStep[]): string {
  const rows = steps.map(({ name: step, outcome, message, advice }) =>
    `| ${marks[outcome]} ${outcome} | **${step}** | ${cell(message)}${advice === undefined ? '' : `<br>→ ${cell(advice)}`} |`);
  const failed = steps.filter(step => step.outcome === 'Failed').length;
  return [
    `# ${name}`, '',
    `${host ?? target ?? ''}:${port}${profile === undefined ? '' : `, profile ${profile}`}${region === undefined ? '' : `, ${region}`}. `
    + (failed === 0 ? vscode.l10n.t('Nothing speaks against it.') : vscode.l10n.t('What failed first is where to begin.')),
    '', '| | | |', '|---|---|---|', ...rows, '',
  ].join('\n');
}

/** What comes from outside is text, and no Markdown. */
const cell = (text: string): string => text.replace(/[\\`*_{}[\]<>#|]/g, character => `\\${character}`).replace(/\s*\n\s*/g, ' ');
