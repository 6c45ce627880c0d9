// Connections of database tools that lead to private AWS databases are offered a tunnel: all at once, and each once.
import * as vscode from 'vscode';
import { tellFailure } from '../dialogs/help';
import { isCancelled } from '../errors';
import type { Services } from '../services';
import { knownDatabase } from '../state/knownDatabases';
import { databaseTools } from './all';
import { isAwsDatabase } from '../state/endpoints';
import { importable, tunnelForImported, watchImports } from './imports';
import { entriesOf, isInstalled } from './lists';
import { routeThroughTunnel } from './routing';
import { weaknessOf } from './weaknesses';
import type { Connection } from './tool';
import { notify } from '../ui/notify';
import { rows } from '../ui/steps';

const declinedKey = 'declinedConnections';

/** A connection without a tunnel, and how it gets one: undefined for whoever gives up, else what to tell and what can be done then. */
interface Offer {
  key: string;
  /** The tool's name, as users know it. */
  tool: string;
  connection: Connection;
  /** What the tool can't verify then. */
  weakness?: string | undefined;
  accept: () => Promise<{ message: string; button: string; run: () => Promise<void> } | undefined>;
}

/** Looks at the database tools' connections whenever they change. */
export function offerRouting(services: Services): vscode.Disposable {
  const asked = new Set<string>();
  const look = async (): Promise<void> => {
    if (!vscode.workspace.isTrusted || !vscode.workspace.getConfiguration('rdsTunnel').get<boolean>('offerTunnels', true)) return;
    const declined = services.memory.get<string[]>(declinedKey, []);
    const found = (await offersNow(services)).filter(({ key }) => !asked.has(key) && !declined.includes(key));
    for (const { key } of found) asked.add(key);
    if (found.length > 0) await offer(services, found);
  };
  const lookOrTell = (): void => {
    look().catch((error: unknown) => tell(services, error));
  };
  lookOrTell();
  return vscode.Disposable.from(
    vscode.workspace.onDidGrantWorkspaceTrust(lookOrTell),
    vscode.workspace.onDidChangeWorkspaceFolders(lookOrTell),
    vscode.workspace.onDidChangeConfiguration(change => {
      if (
        change.affectsConfiguration('rdsTunnel.offerTunnels') ||
        databaseTools.some(tool => change.affectsConfiguration(`${tool.section}.${tool.key}`))
      )
        lookOrTell();
    }),
    vscode.extensions.onDidChange(lookOrTell),
    watchImports(lookOrTell),
  );
}

/** By a command: all that could be led through a tunnel, those that were declined, too. */
export async function reviewConnections(services: Services): Promise<void> {
  const found = await offersNow(services);
  if (found.length > 0) await review(services, found);
  else void notify.information(vscode.l10n.t('None of your database tools connects directly to an AWS database.'));
}

async function offersNow(services: Services): Promise<Offer[]> {
  const inSettings = databaseTools
    .filter(isInstalled)
    .flatMap(entriesOf)
    .flatMap((placed): Offer[] => {
      const { tool, entry } = placed;
      const connection = tool.connection(entry);
      return connection === undefined
        ? []
        : [
            {
              key: JSON.stringify([tool.section, connection.name, connection.host, connection.port]),
              tool: tool.name,
              connection,
              weakness: weaknessOf(placed),
              accept: async () => {
                const done = await routeThroughTunnel(services, { ...placed, connection });
                return done === undefined ? undefined : { message: done.message, button: vscode.l10n.t('Undo'), run: done.takeBack };
              },
            },
          ];
    });
  const inFiles = (await importable(services)).map((imported): Offer => {
    const { program, connection } = imported;
    return {
      key: JSON.stringify([program, connection.name, connection.host, connection.port]),
      tool: program,
      connection,
      accept: () => tunnelForImported(services, imported),
    };
  });
  return [...inSettings, ...inFiles].filter(
    ({ connection: { host } }) => isAwsDatabase(host) || knownDatabase(services.globalMemory, host) !== undefined,
  );
}

async function offer(services: Services, found: readonly Offer[]): Promise<void> {
  const [first] = found;
  if (first === undefined) return;
  const [use, examine, never] = [vscode.l10n.t('Use a tunnel'), vscode.l10n.t('Review…'), vscode.l10n.t("Don't ask again")];
  const isOne = found.length === 1;
  const pressed = await notify.information(
    isOne
      ? withWeakness(
          vscode.l10n.t(
            '"{0}" in {1} connects to {2}. Connect to it through a tunnel?',
            first.connection.name,
            first.tool,
            first.connection.host,
          ),
          first,
        )
      : vscode.l10n.t('{0} connections lead to private AWS databases. Connect to them through tunnels?', found.length),
    isOne ? use : examine,
    never,
  );
  if (pressed === never) await decline(services, found);
  if (pressed === use) await accept(services, first);
  if (pressed === examine) await review(services, found);
}

/** Those that are left unchecked are not offered again. */
async function review(services: Services, found: readonly Offer[]): Promise<void> {
  const picked = await vscode.window.showQuickPick(
    rows(
      found.map(each => ({
        label: each.connection.name,
        description: `${each.connection.host}:${each.connection.port}`,
        detail: each.weakness ?? each.tool,
        picked: true,
        each,
      })),
    ),
    {
      canPickMany: true,
      title: vscode.l10n.t('Connect through tunnels'),
      placeHolder: vscode.l10n.t('Connections to route through a tunnel'),
      matchOnDescription: true,
      matchOnDetail: true,
      ignoreFocusOut: true,
    },
  );
  if (picked === undefined) return;
  await decline(
    services,
    found.filter(each => !picked.some(item => item.each === each)),
  );
  for (const { each } of picked) if (!(await accept(services, each))) return;
}

/** @returns false for whoever has given up */
async function accept(services: Services, chosen: Offer): Promise<boolean> {
  const done = await chosen.accept();
  if (done === undefined) return false;
  notify[chosen.weakness === undefined ? 'information' : 'warning'](withWeakness(done.message, chosen), done.button)
    .then(pressed => (pressed === done.button ? done.run() : undefined))
    .then(undefined, (error: unknown) => tell(services, error));
  return true;
}

const withWeakness = (message: string, { weakness }: Offer): string => (weakness === undefined ? message : `${message} ${weakness}`);

async function decline({ memory }: Services, found: readonly Offer[]): Promise<void> {
  await memory.update(declinedKey, [...new Set([...memory.get<string[]>(declinedKey, []), ...found.map(({ key }) => key)])]);
}

const tell = async (services: Services, error: unknown): Promise<void> => {
  if (!isCancelled(error)) await tellFailure(services, error);
};
