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
import { stopEnvironment, useEnvironment } from './environment';
import type { ProgramVariables } from '../environment/programVariables';
import { showAnotherRegion } from '../dialogs/anotherRegion';
import { addProfile, copyEndpoint, hideRegion, openDatabase, openDatabasePasswordless, signInProfile } from './databaseActions';
import { tellFailure, type About } from '../dialogs/help';
import { requestOf } from '../state/requests';
import { openPasswordless } from './openPasswordless';
import { openTunnel, reopenThroughAnother } from './openTunnel';
import { copyPassword } from './passwords';
import { pickTunnel, type Which } from './pickTunnel';
import { requestAccess } from './requestAccess';
import { pickDormant, showTunnels } from './showTunnels';
import { closeAllTunnels, closeTunnel, copyAddress, copyIamToken, restartTunnel, signInForTunnel, signOut } from './tunnelActions';
import { copyDetails } from '../databaseTools/copyDetails';
import { back, type Position } from '../ui/steps';

/** Every command of package.json; a test compares the two. */
export function registerCommands(
  services: Services,
  extensionUri: vscode.Uri,
  databases: DatabaseTree,
  variables: ProgramVariables,
): vscode.Disposable[] {
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

  type OnTunnel = (tunnel: Tunnel, stepsBefore: number) => Promise<unknown> | undefined;

  /** On the tunnel of a view's row; from the palette, on the one that the user picks, to which a step back leads. */
  const withTunnel = async (given: Tunnel | undefined, run: OnTunnel, which: Which, at: Partial<Position> = {}): Promise<void> => {
    for (let answer: unknown = back; answer === back;) {
      const chosen = given === undefined ? await pickTunnel(services, which, at) : { tunnel: given, stepsBefore: 0 };
      if (chosen === undefined) return;
      answer = undefined;
      await attempt(
        async () => {
          answer = await run(chosen.tunnel, chosen.stepsBefore);
        },
        { request: requestOf(services, chosen.tunnel) },
      );
    }
  };

  const onTunnel = (name: string, run: OnTunnel): vscode.Disposable =>
    command(name, (given: Tunnel | undefined) => withTunnel(given, run, 'all'));

  /** What needs a database, and has one question of its own. */
  const onDatabase = (name: string, run: OnTunnel): vscode.Disposable =>
    command(name, (given: Tunnel | undefined) => withTunnel(given, run, 'toDatabases', { step: 1, totalSteps: 2 }));

  return [
    command('openTunnel', () => openTunnel(services)),
    command('openPasswordless', (node: DatabaseNode | undefined) =>
      node === undefined ? openPasswordless(services) : openDatabasePasswordless(services, node),
    ),
    command('showTunnels', () => showTunnels(services)),
    command('closeAllTunnels', () => closeAllTunnels(services)),
    command('signOut', async () => {
      await signOut(services);
      databases.show();
    }),
    command('showLog', () => {
      log.show();
      return undefined;
    }),
    command('reviewConnections', () => reviewConnections(services)),
    command('undoRouting', () => pickAndUndoRouting(services)),
    command('manageConsent', async () => {
      await workspaceTunnels.consent.manage();
      workspaceTunnels.sync();
    }),
    command('showPermissions', () =>
      Promise.resolve(vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.joinPath(extensionUri, 'docs', 'permissions.md'))),
    ),

    onTunnel('closeTunnel', tunnel => closeTunnel(services, tunnel)),
    onTunnel('restartTunnel', tunnel => restartTunnel(services, tunnel)),
    onTunnel('checkTunnel', tunnel => checkTunnel(services, requestOf(services, tunnel))),
    onDatabase('chooseJumpHost', (tunnel, stepsBefore) => reopenThroughAnother(services, tunnel, requestOf(services, tunnel), stepsBefore)),
    onTunnel('requestAccess', tunnel => requestAccess(services, tunnel)),
    onTunnel('showDetails', tunnel => {
      showDetails(services.tunnels, extensionUri, tunnel);
      return undefined;
    }),
    // Of a database, a tunnel is opened first.
    command('addToTool', (given: Tunnel | DatabaseNode | undefined) =>
      given !== undefined && 'kind' in given
        ? openDatabase(services, given, async tunnel => {
            await addToTool(services, tunnel);
          })
        : withTunnel(given, (tunnel, stepsBefore) => addToTool(services, tunnel, stepsBefore), 'toDatabases'),
    ),
    onTunnel('copyAddress', copyAddress),
    onDatabase('copyDetails', (tunnel, stepsBefore) => copyDetails(services, tunnel, stepsBefore)),
    onDatabase('copyIamToken', (tunnel, stepsBefore) => copyIamToken(services, tunnel, stepsBefore)),
    onDatabase('copyPassword', (tunnel, stepsBefore) => copyPassword(services, tunnel, stepsBefore)),
    onDatabase('useEnvironment', (tunnel, stepsBefore) => useEnvironment(services, variables, tunnel, stepsBefore)),
    command('stopEnvironment', (given: Tunnel | undefined) => stopEnvironment(variables, given)),
    onTunnel('signIn', tunnel => signInForTunnel(services, tunnel)),

    command('reopenTunnel', async (dormant: Dormant | undefined) => {
      const chosen = dormant ?? (await pickDormant(services));
      if (chosen !== undefined) workspaceTunnels.reopen(chosen);
    }),
    command('createTeamFile', () => createTeamFile(services)),

    command('filterDatabases', () => filterDatabases(databases)),
    command('clearFilter', () => {
      databases.filterBy('');
      return undefined;
    }),
    command('refreshDatabases', () => {
      databases.refresh();
      return undefined;
    }),
    command('openDatabase', (node: DatabaseNode | JumpHostNode) => openDatabase(services, node)),
    command('copyEndpoint', (node: DatabaseNode) => copyEndpoint(node)),
    command('signInProfile', (node: ProfileNode) => signInProfile(services, node)),
    command('addProfile', async () => {
      if (await addProfile(services)) databases.show();
    }),
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

async function filterDatabases(databases: DatabaseTree): Promise<void> {
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Filter databases'),
    prompt: vscode.l10n.t('Words in the name, engine, host or tags'),
    value: databases.filterText,
  });
  if (text !== undefined) databases.filterBy(text.trim());
}
