import * as vscode from 'vscode';
import { meansOfLogin } from '../ui/loginText';
import { plain } from '../ui/plain';
import { consentOf, type NamedTunnel } from './entries';
import { notify } from '../ui/notify';
import { rows } from '../ui/steps';

const key = 'consentedTunnels';

/** What fits into a notification with all that it does; more are shown as a list. */
const mostInNotification = 2;
/** A notification is cut where it is longer, and nothing of a question may be missing. */
const longestInNotification = 700;

/** A long name must not push what it names out of sight. */
const maxNameChars = 60;
/** Of a host, or of a reason: nothing of it is left out. */
const maxPartChars = 1_100;

interface Item extends vscode.QuickPickItem {
  request: NamedTunnel;
}

/** What the user lets a workspace's files do. Each tunnel is asked about once, with everything that it does. */
export class Consent {
  /** Asked about in this window, whatever the answer was or will be. */
  private readonly asked = new Set<string>();

  constructor(private readonly memory: vscode.Memento) {}

  private get allowed(): NamedTunnel[] {
    return this.memory.get<NamedTunnel[]>(key, []);
  }

  /** Whether there is anything to take back. */
  get isGiven(): boolean {
    return this.allowed.length > 0;
  }

  isAllowed(request: NamedTunnel): boolean {
    return this.allowed.some(each => consentOf(each) === consentOf(request));
  }

  /**
   * Asks about those that nobody was asked about. An answer may take for ever: nothing waits for it.
   * @returns whether something was allowed
   */
  async ask(requests: NamedTunnel[], showFile: () => Thenable<unknown>): Promise<boolean> {
    const unknown = requests.filter(request => !this.isAllowed(request) && !this.asked.has(consentOf(request)));
    for (const request of unknown) this.asked.add(consentOf(request));
    return unknown.length > 0 && (await this.askAbout(unknown, showFile));
  }

  async allow(request: NamedTunnel): Promise<void> {
    if (!this.isAllowed(request)) await this.memory.update(key, [...this.allowed, request]);
  }

  /** Shows what was allowed, and takes back what is unchecked. */
  async manage(): Promise<void> {
    const { allowed } = this;
    const kept = await vscode.window.showQuickPick(rows(allowed.map(itemOf)), {
      canPickMany: true,
      title: vscode.l10n.t('Tunnels this workspace may open'),
      placeHolder:
        allowed.length === 0 ? vscode.l10n.t('No tunnels are allowed yet') : vscode.l10n.t('Clear a check box to revoke permission'),
    });
    if (kept === undefined) return;
    // Whoever takes it back is not asked again at once.
    for (const request of allowed) this.asked.add(consentOf(request));
    await this.memory.update(
      key,
      kept.map(({ request }) => request),
    );
  }

  private async askAbout(unknown: NamedTunnel[], showFile: () => Thenable<unknown>): Promise<boolean> {
    const [allow, review, show, no] = [
      vscode.l10n.t('Allow'),
      vscode.l10n.t('Review'),
      vscode.l10n.t('Show file'),
      vscode.l10n.t('Not now'),
    ];
    const all = unknown.map(request => `${leadsFromTo(request)} (${meansOf(request)})`).join('; ');
    const isFew = unknown.length <= mostInNotification && all.length <= longestInNotification;
    const message = isFew
      ? vscode.l10n.t('This workspace wants to open tunnels with your AWS identity: {0}.', all)
      : vscode.l10n.t('This workspace wants to open {0} tunnels with your AWS identity.', unknown.length);
    for (;;) {
      const pressed = await notify.warning(message, isFew ? allow : review, show, no);
      if (pressed === show) {
        await showFile();
        continue;
      }
      const allowed = pressed === allow ? unknown : pressed === review ? await reviewed(unknown) : [];
      for (const request of allowed) await this.allow(request);
      return allowed.length > 0;
    }
  }
}

/** Those that the user leaves checked. */
async function reviewed(requests: NamedTunnel[]): Promise<NamedTunnel[]> {
  const picked = await vscode.window.showQuickPick(rows(requests.map(itemOf)), {
    canPickMany: true,
    ignoreFocusOut: true,
    title: vscode.l10n.t('Tunnels that use your AWS identity'),
    placeHolder: vscode.l10n.t('Clear the check box of tunnels that this workspace must not open'),
  });
  return picked?.map(({ request }) => request) ?? [];
}

const itemOf = (request: NamedTunnel): Item => ({ label: leadsFromTo(request), detail: meansOf(request), picked: true, request });

/** `orders: 127.0.0.1:15432 → db.example:5432` */
function leadsFromTo({ name, host, target, port, localPort }: NamedTunnel): string {
  const way = plain(`127.0.0.1:${localPort ?? vscode.l10n.t('any port')} → ${host ?? target ?? ''}:${port}`, maxPartChars);
  return name === undefined ? way : `${plain(name, maxNameChars)}: ${way}`;
}

/** With which identity, where, and how. */
function meansOf({
  profile,
  region,
  host,
  target,
  document,
  reason,
  socket,
  startJumpHost,
  requestAccess,
  environment,
  port,
  ...login
}: NamedTunnel): string {
  return [
    profile === undefined ? vscode.l10n.t('credentials from the environment') : vscode.l10n.t('profile {0}', profile),
    region ?? vscode.l10n.t('default region'),
    host === undefined || target === undefined ? undefined : vscode.l10n.t('via {0}', target),
    document === undefined ? undefined : vscode.l10n.t('session document {0}', document),
    reason === undefined ? undefined : vscode.l10n.t('reason "{0}"', reason),
    socket === true ? vscode.l10n.t('socket file') : undefined,
    startJumpHost === true ? vscode.l10n.t('starts and stops its jump host, which costs money') : undefined,
    requestAccess === undefined
      ? undefined
      : vscode.l10n.t('requests access to its jump host if needed, with the reason "{0}"', requestAccess),
    meansOfLogin(login),
    environment === undefined
      ? undefined
      : vscode.l10n.t('sets {0} and similar variables in terminals, tasks and debug sessions', exampleOf(environment, port)),
  ]
    .filter(text => text !== undefined)
    .map(text => plain(text, maxPartChars))
    .join(', ');
}

/** One of the variables that it sets, with its prefix. */
const exampleOf = (environment: boolean | string, port: number): string =>
  `${environment === true ? '' : String(environment)}${port === 6379 || port === 6380 ? 'REDIS_URL' : 'DATABASE_URL'}`;
