import type * as vscode from 'vscode';
import { normalizeHost } from './endpoints';

const key = 'databaseUsers';

/** Of one database. */
const mostUsers = 5;
/** The latest used; older ones are forgotten. */
const mostHosts = 200;

type Users = [host: string, users: string[]][];

/** The names of users with whom somebody connects to a database, the latest first. No password. */
export const usersOf = (memory: vscode.Memento, host: string): string[] =>
  memory.get<Users>(key, []).find(([name]) => name === normalizeHost(host))?.[1] ?? [];

export async function rememberUser(memory: vscode.Memento, host: string, user: string): Promise<void> {
  const name = normalizeHost(host);
  const users = [user, ...usersOf(memory, host).filter(each => each !== user)].slice(0, mostUsers);
  await memory.update(key, [[name, users], ...memory.get<Users>(key, []).filter(([other]) => other !== name)].slice(0, mostHosts));
}
