import * as vscode from 'vscode';
import type { RdsTunnelApi } from '../api';
import { createApi } from './api';
import { checkTunnel } from './commands/checkTunnel';
import { openTunnel, reopenThroughAnother } from './commands/openTunnel';
import { copyPassword } from './commands/passwords';
import { showTunnels } from './commands/showTunnels';
import { closeAllTunnels, closeTunnel, copyAddress, copyDetails, copyIamToken, restartTunnel, signInForTunnel, signOut } from './commands/tunnelActions';
import { proxyEnvironment, sidecarLogLevel } from './configuration';
import { offerRouting, pickAndUndoRouting } from './databaseTools/offers';
import { isCancelled, showError } from './errors';
import { listenFor } from './listen';
import type { Services } from './services';
import type { Notifications, OpenTunnelParams, Tunnel } from './sidecar/contract';
import { findProgram } from './sidecar/program';
import { Sidecar } from './sidecar/sidecar';
import { answerMfaRequests } from './signIn';
import { TunnelStore } from './state/tunnels';
import { createStatusBar } from './views/statusBar';
import { TunnelTree } from './views/tunnelTree';
import { WorkspaceTunnels } from './workspace/workspaceTunnels';

let sidecar: Sidecar | undefined;

export function activate(context: vscode.ExtensionContext): RdsTunnelApi {
  const log = vscode.window.createOutputChannel('RDS Tunnel', { log: true });
  const tunnels = new TunnelStore();
  let lost: OpenTunnelParams[] = [];
  sidecar = new Sidecar({
    program: () => {
      const program = findProgram(context.extensionPath);
      if (program === undefined) throw new Error(vscode.l10n.t('The extension was packaged without its sidecar. Install it again, for this platform.'));
      return program;
    },
    version: String((context.extension.packageJSON as { version: unknown }).version),
    logLevel: () => sidecarLogLevel(log.logLevel),
    environment: proxyEnvironment,
    log: line => { log.error(line); },
    onCrash: () => {
      lost = tunnels.requests;
      tunnels.clear();
    },
    onRestarted: async () => { await Promise.all(lost.map(request => listenFor(services, request))); },
  });
  const services: Services = {
    sidecar, tunnels, log, memory: context.workspaceState, globalMemory: context.globalState,
    // Made after it, since it works with all of these.
    get workspaceTunnels() { return workspaceTunnels; },
  };
  const workspaceTunnels = new WorkspaceTunnels(services);
  const tree = new TunnelTree(tunnels);
  context.subscriptions.push(
    log, tree, workspaceTunnels, createStatusBar(tunnels),
    vscode.window.registerTreeDataProvider('rdsTunnel.tunnels', tree),
    ...subscribe(services),
    ...commands(services, context.extensionUri),
    offerRouting(services));
  // Bind first: what the settings name answers from now on; its session is opened by the first connection.
  workspaceTunnels.sync();
  return createApi(services);
}

export async function deactivate(): Promise<void> {
  await sidecar?.dispose();
}

/** The sidecar's notifications go to the log and into the store. */
function subscribe(services: Services): vscode.Disposable[] {
  const { sidecar, tunnels, log } = services;
  const write: Record<Notifications['log']['level'], (message: string) => void> = {
    Trace: message => { log.trace(message); },
    Debug: message => { log.debug(message); },
    Information: message => { log.info(message); },
    Warning: message => { log.warn(message); },
    Error: message => { log.error(message); },
    Critical: message => { log.error(message); },
    None: () => undefined,
  };
  const stops = [
    sidecar.on('tunnel/stateChanged', ({ tunnel }) => {
      const before = tunnels.find(tunnel.id)?.state;
      tunnels.stateChanged(tunnel);
      if (tunnel.state === 'NeedsSignIn' && before !== 'NeedsSignIn') void offerSignIn(services, tunnel);
    }),
    sidecar.on('tunnel/statistics', ({ id, statistics }) => { tunnels.statistics(id, statistics); }),
    sidecar.on('log', ({ level, category, message, exception }) => { write[level](`${category}: ${message}${exception === undefined ? '' : `\n${exception}`}`); }),
    answerMfaRequests(services),
  ];
  return [
    ...stops.map(dispose => ({ dispose })),
    log.onDidChangeLogLevel(level => {
      if (sidecar.isRunning) void sidecar.request('log/setLevel', { level: sidecarLogLevel(level) });
    }),
  ];
}

/** A connection waits for it: ask at once. */
async function offerSignIn(services: Services, tunnel: Tunnel): Promise<void> {
  if (tunnel.profile === undefined) return;
  const signInNow = vscode.l10n.t('Sign in');
  const pressed = await vscode.window.showWarningMessage(
    vscode.l10n.t('{0} needs a sign-in to AWS; its connections wait for it.', tunnel.name), signInNow);
  if (pressed === signInNow) await signInForTunnel(services, tunnel);
}

function commands(services: Services, extensionUri: vscode.Uri): vscode.Disposable[] {
  const register = (name: string, run: (tunnel: Tunnel) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(`rdsTunnel.${name}`, async (tunnel?: Tunnel) => {
      try {
        const chosen = tunnel ?? (needsTunnel.has(name) ? await pickTunnel(services) : ({} as Tunnel));
        if (chosen !== undefined) await run(chosen);
      } catch (error) {
        if (isCancelled(error)) return;
        const showLog = vscode.l10n.t('Show log');
        if (await showError(error, [showLog]) === showLog) services.log.show();
      }
    });
  return [
    register('openTunnel', () => openTunnel(services)),
    register('showTunnels', () => showTunnels(services)),
    register('closeAllTunnels', () => closeAllTunnels(services)),
    register('signOut', () => signOut(services)),
    register('showLog', () => { services.log.show(); return Promise.resolve(); }),
    register('closeTunnel', tunnel => closeTunnel(services, tunnel)),
    register('copyAddress', copyAddress),
    register('copyDetails', copyDetails),
    register('restartTunnel', tunnel => restartTunnel(services, tunnel)),
    register('checkTunnel', tunnel => checkTunnel(services, requestOf(services, tunnel))),
    register('chooseJumpHost', tunnel => reopenThroughAnother(services, tunnel, requestOf(services, tunnel))),
    register('copyPassword', tunnel => copyPassword(services, tunnel)),
    register('undoRouting', () => pickAndUndoRouting(services)),
    register('manageConsent', async () => {
      await services.workspaceTunnels.consent.manage();
      services.workspaceTunnels.sync();
    }),
    register('showPermissions', async () => {
      await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.joinPath(extensionUri, 'docs', 'permissions.md'));
    }),
    register('copyIamToken', tunnel => copyIamToken(services, tunnel)),
    register('signIn', tunnel => signInForTunnel(services, tunnel)),
  ];
}

const needsTunnel = new Set([
  'closeTunnel', 'restartTunnel', 'checkTunnel', 'chooseJumpHost', 'copyAddress', 'copyDetails', 'copyIamToken', 'copyPassword', 'signIn',
]);

/** What was asked for, of a tunnel that is open; or what could not be opened, as it is. */
function requestOf({ tunnels }: Services, tunnel: Tunnel | OpenTunnelParams): OpenTunnelParams {
  if (!('id' in tunnel)) return tunnel;
  const { host, port, target, profile, region } = tunnel;
  return tunnels.requestOf(tunnel.id)
    ?? { port, ...host === undefined ? {} : { host }, ...target === undefined ? {} : { target }, ...profile === undefined ? {} : { profile }, ...region === undefined ? {} : { region } };
}

async function pickTunnel({ tunnels }: Services): Promise<Tunnel | undefined> {
  const { all } = tunnels;
  if (all.length <= 1) return all[0];
  const picked = await vscode.window.showQuickPick(all.map(tunnel => ({ label: tunnel.name, description: `:${tunnel.localPort}`, tunnel })));
  return picked?.tunnel;
}
