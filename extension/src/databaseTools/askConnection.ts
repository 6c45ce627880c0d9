import * as vscode from 'vscode';
import { askDatabaseName, askUser } from '../dialogs/databaseUser';
import type { Tunnel } from '../sidecar/contract';
import type { Services } from '../services';
import { knownDatabase } from '../state/knownDatabases';
import { back, pick, walk, type Question, type Step } from '../ui/steps';

interface Answers<T> {
  tool?: T;
  user?: string;
  database?: string;
}

/** Asks for what is not known of a new connection: the tool, the user, and the database's name, which is empty for none. */
export async function askConnection<T extends { name: string }>(
  services: Services,
  tools: readonly T[],
  tunnel: Tunnel,
  engine: string,
  stepsBefore: number,
): Promise<Step<Answers<T>>> {
  const known = knownDatabase(services.globalMemory, tunnel.host ?? '');
  // The secret's user is the one that counts, whatever the tool says.
  const user = tunnel.user ?? (tunnel.login === 'secret' ? (known?.masterUserName ?? 'secret') : undefined);
  const database = known?.databaseName;
  const askTool: Question<Answers<T>> = async (_, at) => {
    const picked = await pick({
      ...at,
      title: vscode.l10n.t('Add {0} to a database tool', tunnel.name),
      placeholder: vscode.l10n.t('Choose a tool'),
      items: tools.map(tool => ({ label: tool.name, tool })),
    });
    return picked === undefined || picked === back ? picked : { tool: picked.tool };
  };
  const askForUser: Question<Answers<T>> = async (_, at) => {
    const chosen = await askUser(services, tunnel, at);
    return chosen === undefined || chosen === back ? chosen : { user: chosen };
  };
  const askForDatabase: Question<Answers<T>> = async (_, at) => {
    const chosen = await askDatabaseName(tunnel, engine, at);
    return chosen === undefined || chosen === back ? chosen : { database: chosen };
  };
  const [tool] = tools.length === 1 ? tools : [];
  return await walk<Answers<T>>(
    { ...(tool === undefined ? {} : { tool }), ...(user === undefined ? {} : { user }), ...(database === undefined ? {} : { database }) },
    [
      ...(tool === undefined ? [askTool] : []),
      ...(user === undefined ? [askForUser] : []),
      ...(database === undefined ? [askForDatabase] : []),
    ],
    { canLeave: stepsBefore > 0, stepsBefore },
  );
}
