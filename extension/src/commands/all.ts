import * as vscode from 'vscode';
import { reviewConnections } from '../databaseTools/offers';
import { pickAndUndoRouting } from '../databaseTools/routing';
import { isCancelled } from '../errors';
import type { Tunnel } from '../sidecar/contract';
import type { Services } from '../services';
import type { Dormant } from '../workspace/workspaceTunnels';
import type { DatabaseTree, DatabaseNode, JumpHostNode, ProfileNode, RegionNode } from '../views/databaseTree';
import { showDetails } from '../views/detailsPage';
import { addToTool } from './addToTool';
import { checkTunnel } from './checkTunnel';
import { createTeamFile } from './createTeamFile';
import { showAnotherRegion } from './anotherRegion';
import { addProfile, copyEndpoint, hideRegion, openDatabase, openDatabasePasswordless, signInProfile } from './databaseActions';
import { tellFailure, type About } from './help';
import { openPasswordless } from './openPasswordless';
import { openTunnel, reopenThroughAnother } from './openTunnel';
import { copyPassword } from './passwords';
import { pickDormant, showTunnels } from './showTunnels';
import { closeAllTunnels, closeTunnel, copyAddress, copyDetails, copyIamToken, requestOf, restartTunnel, signInForTunnel, signOut } from './tunnelActions';
import { notify } from '../ui/notify';

/** Every command of package.json; a test compares the two. */
export function registerCommands(services: Services, extensionUri: vscode.Uri, databases: DatabaseTree): vscode.Disposable[] {
  const { log, workspaceTunnels } = services;

  /** Whatever fails is shown, with next steps. */
  const attempt = async (run: () => Promise<unknown> | undefined, about?: About): Promise<void> => {
    try {
      await run();
    } catch (error) {
      if (!isCancelled(error)) await tellFailure(services, error, about);
    }
  };

  const command = (name: string, run: (argument: never) => Promise<unknown> | undefined): vscode.Disposable =>
    vscode.commands.registerCommand(`rdsTunnel.${name}`, (argument: never) => attempt(() => run(argument)));

  /** On the tunnel of a view's row; from the palette, on the one that the user picks. */
  const onTunnel = (name: string, run: (tunnel: Tunnel) => Promise<unknown> | undefined): vscode.Disposable => command(name, async (tunnel: Tunnel | undefined) => {
    const chosen = tunnel ?? await pickTunnel(services);
    if (chosen !== undefined) await attempt(() => run(chosen), { request: requestOf(services, chosen) });
  });

  return [
    command('openTunnel', () => openTunnel(services)),
    command('openPasswordless', (node: DatabaseNode | undefined) => node === undefined ? openPasswordless(services) : openDatabasePasswordless(services, node)),
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
    command('addToTool', (argument: Tunnel | DatabaseNode | undefined) => addToToolFrom(services, argument)),
    onTunnel('copyAddress', copyAddress),
    onTunnel('copyDetails', tunnel => copyDetails(services, tunnel)),
    onTunnel('copyIamToken', tunnel => copyIamToken(services, tunnel)),
    onTunnel('copyPassword', tunnel => copyPassword(services, tunnel)),
    onTunnel('signIn', tunnel => signInForTunnel(services, tunnel)),

    command('reopenTunnel', async (dormant: Dormant | undefined) => {
      const chosen = dormant ?? await pickDormant(services);
      if (chosen !== undefined) workspaceTunnels.reopen(chosen);
    }),
    command('createTeamFile', () => createTeamFile(services)),

    command('filterDatabases', () => filterDatabases(databases)),
    command('clearFilter', () => { databases.filterBy(''); return undefined; }),
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

/** Of a database, a tunnel is opened first. */
async function addToToolFrom(services: Services, argument: Tunnel | DatabaseNode | undefined): Promise<void> {
  if (argument !== undefined && 'kind' in argument) {
    await openDatabase(services, argument, tunnel => addToTool(services, tunnel));
    return;
  }
  const tunnel = argument ?? await pickTunnel(services);
  if (tunnel !== undefined) await addToTool(services, tunnel);
}

async function filterDatabases(databases: DatabaseTree): Promise<void> {
  const text = await vscode.window.showInputBox({ title: vscode.l10n.t('Filter databases'), prompt: vscode.l10n.t('Words in the name, engine, host or tags'), value: databases.filterText });
  if (text !== undefined) databases.filterBy(text.trim());
}

async function pickTunnel({ tunnels }: Services): Promise<Tunnel | undefined> {
  const { all } = tunnels;
  if (all.length === 0) void notify.information(vscode.l10n.t('No tunnel is open.'));
  if (all.length <= 1) return all[0];
  const picked = await vscode.window.showQuickPick(all.map(tunnel => ({
    label: tunnel.name, description: [`:${tunnel.localPort}`, tunnel.profile, tunnel.region].filter(text => text !== undefined).join(' · '), tunnel,
  })), { placeHolder: vscode.l10n.t('Choose a tunnel'), matchOnDescription: true });
  return picked?.tunnel;
}
