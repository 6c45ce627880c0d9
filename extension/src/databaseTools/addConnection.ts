import * as vscode from 'vscode';
import { helpFor, logged, showFailure, tellFailure, type Action } from '../dialogs/help';
import { copyDetails } from './copyDetails';
import { codeOf, isCancelled } from '../errors';
import type { OpenTunnelParams, Tunnel } from '../sidecar/contract';
import type { Services } from '../services';
import { databaseTools } from './all';
import { askConnection } from './askConnection';
import { hasAuthorityOf } from './authority';
import { dbcode } from './dbcode';
import { addToDbcode, connectionFor, knowsEngine } from './dbcodeApi';
import { endpointOf, regionOf } from '../state/endpoints';
import { addEntry, entriesOf, isInstalled, placeOfNew, replaceEntry, tunnelTarget, visibleEntriesOf, type Place } from './lists';
import { qualifiedName } from './names';
import { additionTo } from './newEntry';
import { keepTunnel } from './routedTunnels';
import type { DatabaseTool, NewConnection } from './tool';
import { notify } from '../ui/notify';
import { back } from '../ui/steps';
import type { FixedTunnel } from '../workspace/workspaceTunnels';

/** What the user should know of a connection that was added, and what they can do about it. */
interface Warning {
  message: string;
  actions?: Action[];
}

/** A tool that takes a new connection. */
export interface Taker {
  /** Shown to users. */
  name: string;
  /** Where the connection's tunnel has to stand, so that every window that sees the connection has it. */
  tunnelTarget: (services: Services, tunnel: FixedTunnel) => vscode.ConfigurationTarget;
  /** @returns the name that the connection has there; `isUpdate` when it was there before */
  take: (services: Services, wanted: NewConnection, tunnel: Tunnel) => Promise<{ shown: string; isUpdate?: boolean; warning?: Warning }>;
}

/** The installed tools that know a database of this kind. */
export function toolsFor({ host, port, localPort }: Tunnel, engine: string): Taker[] {
  if (host === undefined) return [];
  const inSettings = databaseTools
    .filter(tool => isInstalled(tool) && tool.create({ host, port, localPort, engine, name: '', user: '', authority: '' }) !== undefined)
    .map(settingsOf);
  return isInstalled(dbcode) && knowsEngine(engine) ? [...inSettings, ofDbcode] : inSettings;
}

/**
 * Gives one of these tools a new connection, and writes its tunnel to our settings, where it listens in every later window.
 * @param request how the tunnel was asked for
 * @param stepsBefore how many questions have been asked
 */
export async function addConnection(
  services: Services,
  tools: readonly Taker[],
  tunnel: Tunnel,
  request: OpenTunnelParams,
  engine: string,
  stepsBefore = 0,
): Promise<typeof back | undefined> {
  const { name, host, port } = tunnel;
  if (host === undefined) throw new Error(vscode.l10n.t('This tunnel goes to the jump host itself, not to a database.'));
  const answers = await askConnection(services, tools, tunnel, engine, stepsBefore);
  if (answers === undefined || answers === back) return answers;
  const { tool, user = '', database } = answers;
  if (tool === undefined) return undefined;
  const way = { ...request, name, localPort: tunnel.localPort };
  const { tunnel: fixed } = await services.workspaceTunnels.fix(way, tool.tunnelTarget(services, way));
  await keepTunnel(services, fixed);
  const { localPort } = fixed;
  const authority = await services.authority();
  const wanted = {
    name,
    engine,
    user,
    database: database === '' ? undefined : database,
    host,
    port,
    localPort,
    authority,
    login: tunnel.login,
    localPassword: tunnel.localPassword,
  };
  try {
    const { shown, isUpdate = false, warning } = await tool.take(services, wanted, tunnel);
    if (warning !== undefined) void offerSteps(services, warning);
    else
      void notify.information(
        isUpdate
          ? vscode.l10n.t('"{0}" in {1} was updated.', shown, tool.name)
          : vscode.l10n.t('"{0}" was added to {1}.', shown, tool.name),
      );
  } catch (error) {
    if (isCancelled(error)) throw error;
    const byHand: Action = [vscode.l10n.t('Copy connection details'), () => copyDetails(services, { ...tunnel, localPort })];
    await showFailure(logged(services, error), [byHand, ...helpFor(services, codeOf(error), {})]);
  }
  return undefined;
}

async function offerSteps(services: Services, { message, actions = [] }: Warning): Promise<void> {
  try {
    const pressed = await notify.warning(message, ...actions.map(([label]) => label));
    await actions.find(([label]) => label === pressed)?.[1]();
  } catch (error) {
    await tellFailure(services, error);
  }
}

/** A tool whose connections are settings. */
const settingsOf = (tool: DatabaseTool): Taker => ({
  name: tool.name,
  tunnelTarget: ({ workspaceTunnels }, tunnel) => {
    // An entry that leads there already has its tunnel where it holds for it.
    const known = visibleEntriesOf(tool).find(({ entry, place }) => {
      const port = tool.localPort(entry);
      return port !== undefined && (port === tunnel.localPort || port === workspaceTunnels.fixed(tunnel, tunnelTarget(place))?.localPort);
    });
    return tunnelTarget(known?.place ?? placeOfNew(tool));
  },
  take: async (services, wanted, tunnel) => {
    const visible = visibleEntriesOf(tool);
    const all = entriesOf(tool).map(({ entry }) => entry);
    const addition = additionTo(
      tool,
      visible.map(({ entry }) => entry),
      all,
      wanted,
      tunnel,
      served => services.tunnels.all.some(each => each.localPort === served),
    );
    if (addition === undefined) throw new Error(vscode.l10n.t("{0} doesn't support this kind of database.", tool.name));
    const { entry, instead } = addition;
    const known = visible.find(each => each.entry === instead);
    if (known === undefined) await addEntry(tool, placeOfNew(tool), entry);
    else await replaceEntry(tool, known.place, known.entry, entry);
    const shown = String(entry[tool.nameKey]);
    const warning = await missingAuthority(wanted, shown, tool, known?.place ?? placeOfNew(tool));
    return { shown, isUpdate: known !== undefined, ...(warning === undefined ? {} : { warning }) };
  },
});

const ofDbcode: Taker = {
  name: dbcode.name,
  tunnelTarget: () => vscode.ConfigurationTarget.Global,
  take: async (_, wanted, { profile, region }) => {
    const shown = qualifiedName(wanted.name, profile, region);
    const connection = connectionFor(
      { ...wanted, name: shown },
      { ...(profile === undefined ? {} : { profile }), ...(region === undefined ? {} : { region }) },
    );
    if (connection === undefined) throw new Error(vscode.l10n.t("{0} doesn't support this kind of database.", dbcode.name));
    await addToDbcode(connection);
    return wanted.login !== undefined
      ? { shown }
      : {
          shown,
          warning: {
            message: vscode.l10n.t('"{0}" was added to DBCode, which can\'t check the database\'s certificate through a tunnel.', shown),
          },
        };
  },
};

/** Where AWS lists its bundles of all regions and partitions. */
const bundles = 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html';

async function missingAuthority(
  { host, authority, login }: NewConnection,
  shown: string,
  tool: DatabaseTool,
  place: Place,
): Promise<Warning | undefined> {
  const region = regionOf(host);
  if (login !== undefined) return undefined;
  if (!/^(Rds|DocumentDb)$/.test(endpointOf(host)?.service ?? '') || region === undefined || (await hasAuthorityOf(authority, region)))
    return undefined;
  const openSettings =
    tunnelTarget(place) === vscode.ConfigurationTarget.Global
      ? 'workbench.action.openSettingsJson'
      : 'workbench.action.openWorkspaceSettingsFile';
  return {
    message: vscode.l10n.t(
      '"{0}" is in {1}, but RDS Tunnel has no certificate authority for {2} yet. Download that region\'s bundle from AWS, and name its file in the connection.',
      shown,
      tool.name,
      region,
    ),
    actions: [
      [vscode.l10n.t('Download bundle'), () => vscode.env.openExternal(vscode.Uri.parse(bundles, true))],
      [
        vscode.l10n.t('Open settings'),
        () => vscode.commands.executeCommand(openSettings, { revealSetting: { key: `${tool.section}.${tool.key}` } }),
      ],
    ],
  };
}
