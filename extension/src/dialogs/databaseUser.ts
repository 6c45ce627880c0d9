import * as vscode from 'vscode';
import type { Tunnel } from '../sidecar/contract';
import { familyOf } from '../state/engines';
import { knownDatabase } from '../state/knownDatabases';
import { rememberUser, usersOf } from '../state/databaseUsers';
import { back, input, pick, type Position, type Step } from '../ui/steps';

/** The database whose user is asked for. */
interface Asked {
  name?: string;
  host?: string;
}

/**
 * Asks for a database user: those that are known of it are proposed, and another can be typed. What
 * was chosen is proposed first the next time.
 */
export async function askUser(
  { globalMemory }: { globalMemory: vscode.Memento },
  { name, host = '' }: Asked,
  at: Partial<Position> & { canGoBack?: boolean } = {},
): Promise<Step<string>> {
  const used = usersOf(globalMemory, host);
  const master = knownDatabase(globalMemory, host)?.masterUserName;
  const known = [
    ...used.map(label => ({ label, description: vscode.l10n.t('used before') })),
    ...(master === undefined || used.includes(master) ? [] : [{ label: master, description: vscode.l10n.t('master user') }]),
  ];
  const title = vscode.l10n.t('Database user for {0}', name ?? host);
  const user =
    known.length === 0
      ? await input({
          ...at,
          title,
          prompt: vscode.l10n.t('Database user'),
          problem: text => (text === '' ? vscode.l10n.t('Enter a user name') : undefined),
        })
      : await pick<vscode.QuickPickItem>({
          ...at,
          title,
          placeholder: vscode.l10n.t('Choose a user, or enter another'),
          ignoreFocusOut: true,
          items: known,
          itemFor: label => ({ label }),
        });
  if (user === undefined || user === back) return user;
  const chosen = typeof user === 'string' ? user : user.label;
  await rememberUser(globalMemory, host, chosen);
  return chosen;
}

/** @returns an empty text for none */
export async function askDatabaseName(
  { name }: Tunnel,
  engine: string,
  at: Partial<Position> & { canGoBack?: boolean } = {},
): Promise<Step<string>> {
  const usual: Partial<Record<string, string>> = { postgres: engine === 'redshift' ? 'dev' : 'postgres', sqlserver: 'master' };
  return await input({
    ...at,
    title: vscode.l10n.t('Database of {0}', name),
    prompt: vscode.l10n.t('Name of the database to connect to'),
    value: usual[familyOf(engine)] ?? '',
    problem: () => undefined,
  });
}
