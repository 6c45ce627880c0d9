import * as vscode from 'vscode';
import type { Tunnel } from '../sidecar/contract';
import type { Services } from '../services';
import { destination, icons } from '../state/summary';
import { dormantText, stateText } from '../ui/states';
import { back, pick, rows, type Step } from '../ui/steps';
import type { Dormant } from '../workspace/workspaceTunnels';
import { openTunnel } from './openTunnel';

type Item = vscode.QuickPickItem & { tunnel?: Tunnel; dormant?: Dormant };

/** What a click on the status bar shows: the tunnels, then what can be done with one. */
export async function showTunnels(services: Services): Promise<void> {
  for (;;) {
    const picked = await pick<Item>({
      title: vscode.l10n.t('Tunnels'),
      items: [
        ...services.tunnels.all.map(tunnel => ({
          label: `$(${icons[tunnel.state]}) ${tunnel.name}`,
          description: [`127.0.0.1:${tunnel.localPort}`, stateText(tunnel.state), tunnel.profile, tunnel.region]
            .filter(text => text !== undefined)
            .join(' · '),
          detail: tunnel.fault?.message ?? destination(tunnel),
          tunnel,
        })),
        ...services.workspaceTunnels.dormant.map(dormantItem),
        { label: `$(add) ${vscode.l10n.t('Open tunnel…')}`, alwaysShow: true },
      ],
    });
    if (picked === undefined || picked === back) return;
    if (picked.dormant !== undefined) {
      services.workspaceTunnels.reopen(picked.dormant);
      return;
    }
    if (picked.tunnel === undefined) {
      await openTunnel(services);
      return;
    }
    if ((await act(picked.tunnel)) !== back) return;
  }
}

/** Asks which closed tunnel to open again. */
export async function pickDormant({ workspaceTunnels }: Services): Promise<Dormant | undefined> {
  const { dormant } = workspaceTunnels;
  const picked = await vscode.window.showQuickPick(rows(dormant.map(dormantItem)), {
    title: vscode.l10n.t('Open a closed tunnel'),
    placeHolder: dormant.length === 0 ? vscode.l10n.t('No tunnel of your settings is closed') : vscode.l10n.t('Tunnel'),
  });
  return picked?.dormant;
}

const dormantItem = (dormant: Dormant): vscode.QuickPickItem & { dormant: Dormant } => {
  const {
    request: { name, host, target = '', port },
    localPort,
    reason,
  } = dormant;
  return {
    label: `$(circle-slash) ${name ?? host ?? target}`,
    description: `127.0.0.1:${localPort} → ${host ?? target}:${port}`,
    detail: dormantText(reason),
    dormant,
  };
};

async function act(tunnel: Tunnel): Promise<Step<unknown>> {
  const command = (icon: string, label: string, name: string): vscode.QuickPickItem & { command: string } => ({
    label: `$(${icon}) ${label}`,
    command: `rdsTunnel.${name}`,
  });
  const picked = await pick({
    title: tunnel.name,
    canGoBack: true,
    items: [
      ...(tunnel.state === 'NeedsSignIn' ? [command('key', vscode.l10n.t('Sign in'), 'signIn')] : []),
      ...(tunnel.state === 'NeedsJumpHost' ? [command('question', vscode.l10n.t('Choose jump host…'), 'chooseJumpHost')] : []),
      ...(tunnel.fault?.code === 'AccessDenied' || tunnel.fault?.code === 'AccessEnded'
        ? [command('person-add', vscode.l10n.t('Request access…'), 'requestAccess')]
        : []),
      command('copy', vscode.l10n.t('Copy address'), 'copyAddress'),
      ...(tunnel.host === undefined
        ? []
        : [
            command('list-flat', vscode.l10n.t('Copy connection details…'), 'copyDetails'),
            command('plug', vscode.l10n.t('Add to database tool…'), 'addToTool'),
          ]),
      command('graph-line', vscode.l10n.t('Show details'), 'showDetails'),
      command('checklist', vscode.l10n.t('Check'), 'checkTunnel'),
      command('debug-restart', vscode.l10n.t('Restart'), 'restartTunnel'),
      command('close', vscode.l10n.t('Close'), 'closeTunnel'),
    ],
  });
  if (picked !== undefined && picked !== back) await vscode.commands.executeCommand(picked.command, tunnel);
  return picked;
}
