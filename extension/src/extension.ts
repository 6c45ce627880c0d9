import { join } from 'node:path';
import * as vscode from 'vscode';
import type { RdsTunnelApi } from '../api';
import { registerAgents } from './agents/register';
import { createApi } from './api';
import { registerCommands } from './commands/all';
import { clearPasswords } from './commands/passwords';
import { sidecarEnvironment, sidecarLogLevel } from './configuration';
import { keepContexts } from './contexts';
import { writeAuthority } from './databaseTools/authority';
import { registerEnvironment } from './environment/register';
import { offerRouting } from './databaseTools/offers';
import { warmUpFor } from './databaseTools/warmUp';
import { listenFor } from './workspace/listen';
import type { Services } from './services';
import { tellOfConnection, tellOfCrash, tellOfState } from './notifications';
import type { Notifications, OpenTunnelParams } from './sidecar/contract';
import { findProgram } from './sidecar/program';
import { Sidecar } from './sidecar/sidecar';
import { answerMfaRequests } from './dialogs/signIn';
import { TunnelStore } from './state/tunnels';
import { plain } from './ui/plain';
import { DatabaseTree } from './views/databaseTree';
import { createStatusBar } from './views/statusBar';
import { TunnelTree } from './views/tunnelTree';
import { ServedPorts } from './workspace/servedPorts';
import { WorkspaceTunnels } from './workspace/workspaceTunnels';

/** A message with all that it names; what is longer is cut. */
const maxLogChars = 4_000;

let sidecar: Sidecar | undefined;

export function activate(context: vscode.ExtensionContext): RdsTunnelApi {
  const log = vscode.window.createOutputChannel('RDS Tunnel', { log: true });
  const tunnels = new TunnelStore();
  let lost: OpenTunnelParams[] = [];
  const shipped = {
    program: () => {
      const program = findProgram(context.extensionPath);
      if (program === undefined)
        throw new Error(
          vscode.l10n.t('This package is incomplete: its background process is missing. Reinstall the extension for your platform.'),
        );
      return program;
    },
    version: String((context.extension.packageJSON as { version: unknown }).version),
    environment: sidecarEnvironment,
  };
  sidecar = new Sidecar({
    ...shipped,
    logLevel: () => sidecarLogLevel(log.logLevel),
    log: line => {
      log.error(line);
    },
    onCrash: (explanation, isRepeated) => {
      // What has not come back since the last time is lost still.
      const { requests } = tunnels;
      lost = [...requests, ...lost.filter(each => !requests.some(({ localPort }) => localPort === each.localPort))];
      tunnels.clear();
      if (isRepeated) void tellOfCrash(log, explanation);
    },
    onRestarted: async () => {
      await Promise.all(
        lost.map(async request => {
          if ((await listenFor(services, request)) !== undefined) lost = lost.filter(each => each !== request);
        }),
      );
      // What was being opened when it ended.
      workspaceTunnels.sync();
    },
  });
  const workspaceTunnels = new WorkspaceTunnels(
    { sidecar, tunnels, log, memory: context.workspaceState, secrets: context.secrets },
    new ServedPorts(join(context.globalStorageUri.fsPath, 'ports')),
  );
  const services: Services = {
    sidecar,
    tunnels,
    log,
    workspaceTunnels,
    memory: context.workspaceState,
    globalMemory: context.globalState,
    secrets: context.secrets,
    authority: () => writeAuthority(context.extensionPath, context.globalStorageUri.fsPath),
  };
  // Bind first: what the settings name answers from now on; its session is opened by the first connection.
  workspaceTunnels.sync();
  const [variables, environment] = registerEnvironment(services, context.environmentVariableCollection);
  const tree = new TunnelTree(tunnels, workspaceTunnels, variables);
  const databases = new DatabaseTree(services);
  context.subscriptions.push(
    log,
    tree,
    databases,
    environment,
    workspaceTunnels,
    createStatusBar(tunnels),
    vscode.window.registerTreeDataProvider('rdsTunnel.tunnels', tree),
    vscode.window.registerTreeDataProvider('rdsTunnel.databases', databases),
    ...subscribe(services),
    ...registerCommands(services, context.extensionUri, databases, variables),
    offerRouting(services),
    warmUpFor(services),
    keepContexts(services, variables),
    ...registerAgents(context.extension.packageJSON, sidecar, shipped),
  );
  return createApi(services);
}

export async function deactivate(): Promise<void> {
  await Promise.all([clearPasswords(), sidecar?.dispose()]);
}

/** The sidecar's notifications go to the log and into the store. */
function subscribe(services: Services): vscode.Disposable[] {
  const { sidecar, tunnels, log } = services;
  const write: Record<Notifications['log']['level'], (message: string) => void> = {
    Trace: message => {
      log.trace(message);
    },
    Debug: message => {
      log.debug(message);
    },
    Information: message => {
      log.info(message);
    },
    Warning: message => {
      log.warn(message);
    },
    Error: message => {
      log.error(message);
    },
    Critical: message => {
      log.error(message);
    },
    None: () => undefined,
  };
  const stops = [
    sidecar.on('tunnel/stateChanged', ({ tunnel }) => {
      const before = tunnels.find(tunnel.id)?.state;
      tunnels.stateChanged(tunnel);
      if (tunnel.state !== before) tellOfState(services, tunnel);
    }),
    sidecar.on('tunnel/statistics', ({ id, statistics }) => {
      const before = tunnels.find(id);
      tunnels.statistics(id, statistics);
      if (before !== undefined && statistics.connectionsTotal > before.statistics.connectionsTotal) tellOfConnection(services, before);
    }),
    sidecar.on('log', ({ level, category, message, exception }) => {
      write[level](`${category}: ${plain(message, maxLogChars)}${exception === undefined ? '' : `\n${exception}`}`);
    }),
    answerMfaRequests(services),
  ];
  return [
    ...stops.map(dispose => ({ dispose })),
    log.onDidChangeLogLevel(level => {
      if (sidecar.isRunning) void sidecar.request('log/setLevel', { level: sidecarLogLevel(level) });
    }),
  ];
}
