import * as vscode from 'vscode';
import { isCancelled } from '../errors';
import type { Database, DiscoveryFailure, OpenTunnelParams, Profile } from '../sidecar/contract';
import type { Services } from '../services';
import { rememberMasterSecret } from '../state/secrets';

let lastToken = 0;

interface Item extends vscode.QuickPickItem { database?: Database; byHand?: boolean }

/** A quick pick that fills while AWS answers; a host can be entered by hand at any time. */
export async function pickDatabase(services: Services, profile: Profile): Promise<OpenTunnelParams | undefined> {
  const picked = await choose(services, profile);
  if (picked === undefined) return undefined;
  const identity = { profile: profile.name, ...profile.region === undefined ? {} : { region: profile.region } };
  if (picked.database === undefined) return byHand(identity);
  const { name, role, host, port, region, masterSecretArn } = picked.database;
  await rememberMasterSecret(services.memory, host, masterSecretArn);
  return { ...identity, region, host, port, name: role === 'Instance' || role === 'Writer' ? name : `${name} (${role.toLowerCase()})` };
}

function choose({ sidecar, log }: Services, profile: Profile): Promise<Item | undefined> {
  const token = `databases-${++lastToken}`;
  const quickPick = vscode.window.createQuickPick<Item>();
  quickPick.title = vscode.l10n.t('Open tunnel to RDS');
  quickPick.placeholder = vscode.l10n.t('Database');
  quickPick.matchOnDescription = true;
  quickPick.matchOnDetail = true;
  quickPick.busy = true;
  const enterByHand: Item = { label: `$(edit) ${vscode.l10n.t('Enter host and port by hand…')}`, alwaysShow: true, byHand: true };
  quickPick.items = [enterByHand];
  const databases: Database[] = [];
  const failures: DiscoveryFailure[] = [];
  const show = (): void => {
    quickPick.items = [
      ...databases.sort((a, b) => a.name.localeCompare(b.name) || a.role.localeCompare(b.role)).map(itemOf),
      ...failures.map(({ action, message }): Item => ({ label: `$(warning) ${action}`, detail: message, alwaysShow: true })),
      enterByHand,
    ];
  };
  const cancellation = new vscode.CancellationTokenSource();
  const stop = sidecar.on('database/found', found => {
    if (found.token !== token) return;
    databases.push(...found.databases);
    if (found.failure !== undefined) failures.push(found.failure);
    show();
  });
  void (async () => {
    try {
      await sidecar.request('database/list', { token, scopes: [{ profile: profile.name }] }, cancellation.token);
    } catch (error) {
      if (!isCancelled(error)) {
        const message = error instanceof Error ? error.message : String(error);
        log.error(message);
        quickPick.items = [{ label: `$(error) ${vscode.l10n.t('The databases cannot be listed')}`, detail: message, alwaysShow: true }, enterByHand];
      }
    } finally {
      quickPick.busy = false;
    }
  })();
  return new Promise(resolve => {
    quickPick.onDidAccept(() => {
      const [item] = quickPick.selectedItems;
      if (item?.database === undefined && item?.byHand !== true) return;
      resolve(item);
      quickPick.hide();
    });
    quickPick.onDidHide(() => {
      stop();
      cancellation.cancel();
      cancellation.dispose();
      quickPick.dispose();
      resolve(undefined);
    });
    quickPick.show();
  });
}

function itemOf(database: Database): Item {
  const { name, role, engine, engineVersion, host, port, region, status, tags } = database;
  return {
    label: `$(${iconOf(engine)}) ${name}`,
    description: [role.toLowerCase(), [engine, engineVersion].filter(text => text !== undefined).join(' '), region, status].filter(text => text !== undefined).join(' · '),
    detail: [`${host}:${port}`, ...tags.slice(0, 3).map(({ key, value }) => `${key}=${value}`)].join('  '),
    database,
  };
}

/** The editor's own icons: what keeps rows, what keeps documents or graphs, what keeps keys. */
function iconOf(engine: string): string {
  if (/redis|valkey|memcached/.test(engine)) return 'symbol-key';
  if (/docdb/.test(engine)) return 'json';
  if (/neptune/.test(engine)) return 'type-hierarchy';
  return 'database';
}

async function byHand(identity: { profile: string; region?: string }): Promise<OpenTunnelParams | undefined> {
  const address = await vscode.window.showInputBox({
    title: vscode.l10n.t('Open tunnel to RDS'),
    prompt: vscode.l10n.t('The database as the jump host sees it'),
    placeHolder: 'orders.cluster-abc123.eu-central-1.rds.amazonaws.com:5432',
    validateInput: text => parse(text) === undefined ? vscode.l10n.t('host:port') : undefined,
  });
  const parsed = address === undefined ? undefined : parse(address);
  return parsed === undefined ? undefined : { ...identity, ...parsed };
}

function parse(text: string): { host: string; port: number } | undefined {
  const match = /^([A-Za-z0-9.-]+):(\d{1,5})$/.exec(text.trim());
  const [host, port] = [match?.[1], Number(match?.[2])];
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}
