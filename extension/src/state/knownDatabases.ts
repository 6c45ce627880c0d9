import type * as vscode from 'vscode';
import { normalizeHost } from './endpoints';
import type { Database } from '../sidecar/contract';

const key = 'knownDatabases';

/** The latest found; older ones are forgotten. */
const most = 2_000;

/** What a list of databases has said of one, beside where it is. No secret: of a password it says only where it is kept. */
export interface KnownDatabase {
  engine: string;
  name: string;
  masterSecretArn?: string;
  masterUserName?: string;
  databaseName?: string;
  profile?: string;
  supportsIamAuthentication?: boolean;
}

type Known = Record<string, KnownDatabase>;

const all = (memory: vscode.Memento): Known => memory.get<Known>(key, {});

/** Undefined for a host that no list has named so far. */
export const knownDatabase = (memory: vscode.Memento, host: string): KnownDatabase | undefined => {
  const known = all(memory);
  const name = normalizeHost(host);
  return Object.hasOwn(known, name) ? known[name] : undefined;
};

export async function rememberDatabases(memory: vscode.Memento, databases: readonly Database[]): Promise<void> {
  if (databases.length === 0) return;
  const found = databases.map(
    ({
      host,
      engine,
      name,
      masterSecretArn,
      masterUserName,
      databaseName,
      profile,
      supportsIamAuthentication,
    }): [string, KnownDatabase] => [
      normalizeHost(host),
      Object.fromEntries(
        Object.entries({ engine, name, masterSecretArn, masterUserName, databaseName, profile, supportsIamAuthentication }).filter(
          ([, value]) => value !== undefined,
        ),
      ) as unknown as KnownDatabase,
    ],
  );
  const hosts = new Set(found.map(([host]) => host));
  const others = Object.entries(all(memory)).filter(([host]) => !hosts.has(host));
  await memory.update(key, Object.fromEntries([...others, ...found].slice(-most)));
}
