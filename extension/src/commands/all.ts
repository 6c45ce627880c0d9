import * as vscode from 'vscode';
import { reviewConnections } from '../databaseTools/offers';
import { pickAndUndoRouting } from '../databaseTools/routing';
import { isCancelled, showError } from '../errors';
import type { Tunnel } from '../sidecar/contract';
import type { Services } from '../services';
import type { Dormant } from '../workspace/workspaceTunnels';
import type { DatabaseTree, DatabaseNode, JumpHostNode, ProfileNode, RegionNode } from '../views/databaseTree';
import { showDetails } from '../views/detailsPage';
import { checkTunnel } from './checkTunnel';
import { showAnotherRegion } from './anotherRegion';
import { addProfile, copyEndpoint, hideRegion, openDatabase, signInProfile } from './databaseActions';
import { openTunnel, reopenThroughAnother } from './openTunnel';
import { copyPassword } from './passwords';
import { pickDormant, showTunnels } from './showTunnels';
import { closeAllTunnels, closeTunnel, copyAddress, copyDetails, copyIamToken, requestOf, restartTunnel, signInForTunnel, signOut } from './tunnelActions';

/** Every command of package.json; a test compares the two. */
export function registerCommands(services: Services, extensionUri: vscode.Uri, databases: DatabaseTree): vscode.Disposable[] {
  const { log, workspaceTunnels } = services;

  /** Whatever goes wrong is told, with what may help. */
  const command = (name: string, run: (argument: never) => Promise<unknown> | undefined): vscode.Disposable =>
    vscode.commands.registerCommand(`rdsTunnel.${name}`, async (argument: never) => {
      try {
        await run(argument);
      } catch (error) {
        if (isCancelled(error)) return;
        const showLog = vscode.l10n.t('Show log');
        if (await showError(error, [showLog]) === showLog) log.show();
      }
    });

  /** From a view, of what was chosen there; from the palette, of what is chosen then. */
  const onTunnel = (name: string, run: (tunnel: Tunnel) => Promise<unknown> | undefined): vscode.Disposable => command(name, async (tunnel: Tunnel | undefined) => {
    const chosen = tunnel ?? await pickTunnel(services);
    if (chosen !== undefined) await run(chosen);
  });

  return [
    command('openTunnel', () => openTunnel(services)),
    command('showTunnels', () => showTunnels(services)),
    command('closeAllTunnels', () => closeAllTunnels(services)),
    command('signOut', async () => {
      await signOut(services);
      databases.show();
    }),
    command('showLog', () => { log.show(); return undefined; }),
    command('reviewConnections', () => reviewConnections(services)),
    command('undoRouting', () => pickAndUndoRouting(services)),
    command('manageConsent', async () => {
      await workspaceTunnels.consent.manage();
      workspaceTunnels.sync();
    }),
    command('showPermissions', () =>
      Promise.resolve(vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.joinPath(extensionUri, 'docs', 'permissions.md')))),

    onTunnel('closeTunnel', tunnel => closeTunnel(services, tunnel)),
    onTunnel('restartTunnel', tunnel => restartTunnel(services, tunnel)),
    onTunnel('checkTunnel', tunnel => checkTunnel(services, requestOf(services, tunnel))),
    onTunnel('chooseJumpHost', tunnel => reopenThroughAnother(services, tunnel, requestOf(services, tunnel))),
    onTunnel('showDetails', tunnel => { showDetails(services.tunnels, extensionUri, tunnel); return undefined; }),
    onTunnel('copyAddress', copyAddress),
    onTunnel('copyDetails', tunnel => copyDetails(services, tunnel)),
    onTunnel('copyIamToken', tunnel => copyIamToken(services, tunnel)),
    onTunnel('copyPassword', tunnel => copyPassword(services, tunnel)),
    onTunnel('signIn', tunnel => signInForTunnel(services, tunnel)),

    command('reopenTunnel', async (dormant: Dormant | undefined) => {
      const chosen = dormant ?? await pickDormant(services);
      if (chosen !== undefined) workspaceTunnels.reopen(chosen);
    }),
    command('refreshDatabases', () => { databases.refresh(); return undefined; }),
    command('openDatabase', (node: DatabaseNode | JumpHostNode) => openDatabase(services, node)),
    command('copyEndpoint', (node: DatabaseNode) => copyEndpoint(node)),
    command('signInProfile', (node: ProfileNode) => signInProfile(services, node)),
    command('addProfile', async () => { if (await addProfile(services)) databases.show(); }),
    command('showAnotherRegion', async (node: ProfileNode) => {
      await showAnotherRegion(services, node.profile.name);
      databases.show();
    }),
    command('hideRegion', async (node: RegionNode) => {
      await hideRegion(services, node);
      databases.show();
    }),
  ];
}

async function pickTunnel({ tunnels }: Services): Promise<Tunnel | undefined> {
  const { all } = tunnels;
  if (all.length === 0) void vscode.window.showInformationMessage(vscode.l10n.t('No tunnel is open.'));
  if (all.length <= 1) return all[0];
  const picked = await vscode.window.showQuickPick(all.map(tunnel => ({ label: tunnel.name, description: `:${tunnel.localPort}`, tunnel })));
  return picked?.tunnel;
}
