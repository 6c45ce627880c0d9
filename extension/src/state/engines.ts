import type * as vscode from 'vscode';
import { endpointOf } from './endpoints';
import { knownDatabase } from './knownDatabases';

/** What speaks one protocol. */
export type EngineFamily = 'postgres' | 'mysql' | 'sqlserver' | 'docdb' | 'redis' | 'other';

/** aurora-postgresql → postgres */
export function familyOf(engine: string): EngineFamily {
  if (/postgres|redshift|dsql/i.test(engine)) return 'postgres';
  if (/mysql|maria/i.test(engine)) return 'mysql';
  if (/sqlserver/i.test(engine)) return 'sqlserver';
  if (/docdb/i.test(engine)) return 'docdb';
  if (/redis|valkey/i.test(engine)) return 'redis';
  return 'other';
}

/** Whether a tunnel can sign in to it. */
export const canSignIn = (engine: string): boolean => /^(postgres|mysql|redis)$/.test(familyOf(engine));

/**
 * The engine that a list has named for this host; else the one that the host's name says; else the one that listens on this port as a rule.
 */
export function engineOf(memory: vscode.Memento, { host, port }: { host?: string; port: number }): string {
  const known = host === undefined ? undefined : knownDatabase(memory, host);
  return known?.engine ?? (host === undefined ? undefined : endpointOf(host)?.engine) ?? byPort[port] ?? 'postgres';
}

const byPort: Partial<Record<number, string>> = {
  3306: 'mysql',
  1433: 'sqlserver',
  27_017: 'docdb',
  5439: 'redshift',
  6379: 'redis',
  1521: 'oracle',
  11_211: 'memcached',
};
