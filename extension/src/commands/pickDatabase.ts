import * as vscode from 'vscode';
import type { Database, DatabasesFound, DiscoveryFailure, OpenTunnelParams, Profile } from '../sidecar/contract';
import { scopeOf } from '../sidecar/scope';
import type { Services } from '../services';
import { rememberDatabases } from '../state/knownDatabases';
import { addedRegions } from '../state/regions';
import { byName, iconOf, nameOf } from '../state/summary';
import { failureLines, nextStepOf, type NextStep } from '../ui/failures';
import { filling } from '../ui/filling';
import { showAnotherRegion } from '../dialogs/anotherRegion';
import { signInOrTell } from '../dialogs/help';
import { RestingList } from '../ui/restingList';
import { back, input, pick, rows, type Position, type Step } from '../ui/steps';

interface Item extends vscode.QuickPickItem {
  database?: Database;
  other?: 'byHand' | 'region';
  after?: NextStep;
}

/** Databases appear as AWS lists them, and can be filtered by name, engine, host and tags. A host can be typed at any time. */
export async function pickDatabase(services: Services, profile: Profile, at: Position): Promise<Step<OpenTunnelParams>> {
  const others: Item[] = [
    { label: `$(edit) ${vscode.l10n.t('Enter host and port…')}`, alwaysShow: true, other: 'byHand' },
    { label: `$(globe) ${vscode.l10n.t('Look in another region…')}`, alwaysShow: true, other: 'region' },
  ];
  for (let refresh = false; ;) {
    const picked = await pick<Item>({
      ...at,
      title: vscode.l10n.t('Open tunnel'),
      placeholder: vscode.l10n.t('Choose a database. Type to filter by name, engine, host or tag'),
      canGoBack: true,
      items: others,
      fill: quickPick => fill(services, profile, quickPick, others, refresh),
    });
    if (picked === undefined || picked === back) return picked;
    if (picked.database !== undefined) return requestFor(picked.database, profile.name);
    if (picked.after === 'permissions') {
      await vscode.commands.executeCommand('rdsTunnel.showPermissions');
      return undefined;
    }
    if (picked.after !== undefined) {
      if (picked.after === 'signIn' && !(await signInOrTell(services, profile.name))) return undefined;
      refresh = true;
      continue;
    }
    if (picked.other === 'region') {
      if ((await showAnotherRegion(services, profile.name, { canGoBack: true })) === undefined) return undefined;
      continue;
    }
    const address = await input({
      ...at,
      title: vscode.l10n.t('Open tunnel'),
      canGoBack: true,
      prompt: vscode.l10n.t('Host and port of the database, for example {0}', 'orders.abc123.eu-central-1.rds.amazonaws.com:5432'),
      problem: text => (parse(text) === undefined ? vscode.l10n.t('Enter host:port, for example db.example.com:5432') : undefined),
    });
    if (address === undefined) return undefined;
    const parsed = address === back ? undefined : parse(address);
    if (parsed !== undefined) return { ...scopeOf({ ...profile, profile: profile.name }), ...parsed };
  }
}

/** What is asked for when this database is chosen. */
export const requestFor = (database: Database, profile: string): OpenTunnelParams => ({
  profile,
  region: database.region,
  host: database.host,
  port: database.port,
  name: nameOf(database),
});

function fill(
  { sidecar, log, globalMemory }: Services,
  profile: Profile,
  quickPick: vscode.QuickPick<Item>,
  others: readonly Item[],
  refresh: boolean,
): vscode.Disposable {
  const permissions = { iconPath: new vscode.ThemeIcon('book'), tooltip: vscode.l10n.t('Show required permissions') };
  const scopes = [
    { profile: profile.name },
    ...addedRegions(globalMemory, profile.name).map(region => ({ profile: profile.name, region })),
  ];
  const databases: Database[] = [];
  const failures: DiscoveryFailure[] = [];
  const show = (): void => {
    // What is highlighted stays so, wherever it moves to.
    const highlighted = quickPick.activeItems[0]?.database?.id;
    quickPick.items = rows<Item>([
      ...databases.sort(byName).map(itemOf),
      ...failureLines(failures).map(({ text, detail, code }): Item => ({
        label: `$(warning) ${text}`,
        detail,
        alwaysShow: true,
        buttons: [permissions],
        ...stepAfter(code),
      })),
      ...others,
    ]);
    const same = highlighted === undefined ? undefined : quickPick.items.find(item => item.database?.id === highlighted);
    if (same !== undefined) quickPick.activeItems = [same];
  };
  const list = new RestingList(quickPick, show);
  quickPick.onDidTriggerItemButton(() => {
    void vscode.commands.executeCommand('rdsTunnel.showPermissions');
  });
  const fillingList = filling(
    quickPick,
    async token => {
      const onFound = (found: DatabasesFound): void => {
        if (token.isCancellationRequested) return;
        databases.push(...found.databases);
        if (found.failure !== undefined) failures.push(found.failure);
        void list.refresh();
      };
      await sidecar.requestWithProgress('database/list', { scopes, ...(refresh ? { refresh } : {}) }, onFound, token);
      await list.refresh();
    },
    (message, code) => {
      log.error(message);
      list.dispose();
      quickPick.items = rows<Item>([
        { label: `$(error) ${vscode.l10n.t("Couldn't list databases")}`, detail: message, alwaysShow: true, ...stepAfter(code) },
        ...others,
      ]);
    },
  );
  return vscode.Disposable.from(fillingList, list, {
    dispose: () => {
      void rememberDatabases(globalMemory, databases);
    },
  });
}

/** What choosing an item does that says what failed. */
function stepAfter(code: string | undefined): Pick<Item, 'after' | 'description'> {
  const after = nextStepOf(code);
  return {
    after,
    description:
      after === 'signIn'
        ? vscode.l10n.t('Sign in')
        : after === 'permissions'
          ? vscode.l10n.t('Show required permissions')
          : vscode.l10n.t('Try again'),
  };
}

function itemOf(database: Database): Item {
  const { name, role, engine, engineVersion, host, port, region, status, tags } = database;
  return {
    label: `$(${iconOf(engine)}) ${name}`,
    description: [role.toLowerCase(), [engine, engineVersion].filter(text => text !== undefined).join(' '), region, status]
      .filter(text => text !== undefined)
      .join(' · '),
    detail: [`${host}:${port}`, ...tags.map(({ key, value }) => `${key}=${value}`)].join('  '),
    database,
  };
}

function parse(text: string): { host: string; port: number } | undefined {
  const match = /^([A-Za-z0-9.-]+):(\d{1,5})$/.exec(text.trim());
  const [host, port] = [match?.[1], Number(match?.[2])];
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}
