import * as vscode from 'vscode';
import type { OpenTunnelParams } from '../sidecar/contract';
import { identityOf, identityOfRemembered } from './entries';

const key = 'allowedTunnels';

const documentText = (document: string): string => vscode.l10n.t('session document {0}', document);

/** What the user lets a workspace's files do: each tunnel is asked about once, by where it leads and with which identity. */
export class Consent {
  /** Asked about in this window, whatever the answer was or will be. */
  private readonly asked = new Set<string>();

  constructor(private readonly memory: vscode.Memento) {}

  private get allowed(): string[] {
    return this.memory.get<string[]>(key, []).map(identityOfRemembered);
  }

  isAllowed(request: OpenTunnelParams): boolean {
    return this.allowed.includes(identityOf(request));
  }

  /** Asks about those that nobody was asked about. An answer may take for ever: nothing waits for it. @returns whether something was allowed */
  async ask(requests: OpenTunnelParams[], showFile: () => Thenable<unknown>): Promise<boolean> {
    const unknown = requests.filter(request => !this.isAllowed(request) && !this.asked.has(identityOf(request)));
    for (const request of unknown) this.asked.add(identityOf(request));
    return unknown.length > 0 && this.askAbout(unknown, showFile);
  }

  async allow(request: OpenTunnelParams): Promise<void> {
    await this.memory.update(key, [...new Set([...this.allowed, identityOf(request)])]);
  }

  /** Shows what was allowed, and takes back what is unchecked. */
  async manage(): Promise<void> {
    const items = this.allowed.map(identity => {
      const [profile, region, host, port, target, document] = JSON.parse(identity) as [string, string, string, number, string, string?];
      return {
        label: `${host === '' ? target : host}:${port}`, picked: true, identity,
        description: [profile === '' ? vscode.l10n.t('the environment\'s credentials') : vscode.l10n.t('profile {0}', profile), region, host === '' ? '' : target, document === undefined ? '' : documentText(document)].filter(text => text !== '').join(' · '),
      };
    });
    const kept = await vscode.window.showQuickPick(items, {
      canPickMany: true, title: vscode.l10n.t('Tunnels that this workspace may open'),
      placeHolder: items.length === 0 ? vscode.l10n.t('None was allowed') : vscode.l10n.t('Uncheck what it may not open any more'),
    });
    if (kept === undefined) return;
    // Whoever takes it back is not asked again at once.
    for (const { identity } of items) this.asked.add(identity);
    await this.memory.update(key, kept.map(item => item.identity));
  }

  private async askAbout(unknown: OpenTunnelParams[], showFile: () => Thenable<unknown>): Promise<boolean> {
    const list = unknown.slice(0, 5).map(({ host, target, port, profile, document }) => {
      const by = [profile === undefined ? vscode.l10n.t('the environment\'s credentials') : vscode.l10n.t('profile {0}', profile), ...document === undefined ? [] : [documentText(document)]];
      return `${host ?? target ?? ''}:${port} (${by.join(', ')})`;
    }).join(', ');
    const more = unknown.length > 5 ? ', …' : '';
    const [allow, show, no] = [vscode.l10n.t('Allow'), vscode.l10n.t('Show them'), vscode.l10n.t('Not now')];
    for (;;) {
      const pressed = await vscode.window.showWarningMessage(
        vscode.l10n.t('This workspace wants tunnels that use your AWS identity: {0}.', `${list}${more}`), allow, show, no);
      if (pressed === allow) {
        for (const request of unknown) await this.allow(request);
        return true;
      }
      if (pressed !== show) return false;
      await showFile();
    }
  }
}
