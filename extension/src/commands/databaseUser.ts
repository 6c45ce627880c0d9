import * as vscode from 'vscode';
import type { Tunnel } from '../sidecar/contract';
import type { Services } from '../services';
import { familyOf } from '../state/engines';
import { knownDatabase } from '../state/knownDatabases';
import { rememberUser, usersOf } from '../state/databaseUsers';

/** Asks for a database user: those that are known of it are proposed, and another can be typed. @returns undefined for whoever has given up */
export async function askUser({ globalMemory }: Services, { name, host = '' }: Tunnel): Promise<string | undefined> {
  const used = usersOf(globalMemory, host);
  const master = knownDatabase(globalMemory, host)?.masterUserName;
  const known = [
    ...used.map(label => ({ label, description: vscode.l10n.t('used before') })),
    ...master === undefined || used.includes(master) ? [] : [{ label: master, description: vscode.l10n.t('master user') }],
  ];
  const title = vscode.l10n.t('Database user for {0}', name);
  const user = known.length === 0 ? await vscode.window.showInputBox({ title, prompt: vscode.l10n.t('Database user'), ignoreFocusOut: true, validateInput: problemOf }) : await pickOrType(title, known);
  if (user !== undefined) await rememberUser(globalMemory, host, user);
  return user;
}

/** @returns undefined for whoever has given up, an empty text for none */
export async function askDatabaseName({ globalMemory }: Services, { name, host = '' }: Tunnel, engine: string): Promise<string | undefined> {
  const known = knownDatabase(globalMemory, host)?.databaseName;
  if (known !== undefined) return known;
  const usual: Partial<Record<string, string>> = { postgres: engine === 'redshift' ? 'dev' : 'postgres', sqlserver: 'master' };
  return await vscode.window.showInputBox({
    title: vscode.l10n.t('Database of {0}', name), prompt: vscode.l10n.t('Name of the database to connect to'), value: usual[familyOf(engine)] ?? '', ignoreFocusOut: true,
  });
}

const problemOf = (text: string): string | undefined => text.trim() === '' ? vscode.l10n.t('Enter a user name') : undefined;

function pickOrType(title: string, known: readonly vscode.QuickPickItem[]): Promise<string | undefined> {
  const pick = vscode.window.createQuickPick();
  pick.title = title;
  pick.placeholder = vscode.l10n.t('Choose a user, or enter another');
  pick.ignoreFocusOut = true;
  pick.items = known;
  pick.onDidChangeValue(value => {
    const typed = value.trim();
    pick.items = typed === '' || known.some(({ label }) => label === typed) ? known : [{ label: typed, alwaysShow: true }, ...known];
  });
  return new Promise<string | undefined>(resolve => {
    pick.onDidAccept(() => {
      // Whoever types fast is ahead of the list.
      const user = pick.selectedItems[0]?.label ?? pick.value.trim();
      if (user === '') return;
      resolve(user);
      pick.hide();
    });
    pick.onDidHide(() => { resolve(undefined); });
    pick.show();
  }).finally(() => { pick.dispose(); });
}
