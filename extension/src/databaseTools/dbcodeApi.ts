import * as vscode from 'vscode';
import { dbcode } from './dbcode';
import type { Origin } from './names';
import { connectTimeoutSeconds, isObject, type Entry, type NewConnection } from './tool';

/** As DBCode exports it (github.com/dbcodeio/vscode-api). An id that it knows updates that connection. */
interface Api {
  addConnections: (connections: Entry[]) => Promise<unknown>;
}

const drivers: readonly [RegExp, string][] = [
  [/redshift/, 'redshift'],
  [/postgres|dsql/, 'postgres'],
  [/maria/, 'mariadb'],
  [/mysql/, 'mysql'],
  [/sqlserver/, 'mssql'],
];

/** Whether DBCode takes a new connection to it. */
export const knowsEngine = (engine: string): boolean => drivers.some(([pattern]) => pattern.test(engine));

/**
 * It trusts what the tunnel leads to, unless the tunnel itself verifies the certificate.
 * @returns undefined when it does not know the engine
 */
export function connectionFor(
  { name, engine, host, port, localPort, user, database, login }: NewConnection,
  { profile = '', region = '' }: Origin,
): Entry | undefined {
  const driver = drivers.find(([pattern]) => pattern.test(engine))?.[1];
  return driver === undefined
    ? undefined
    : {
        connectionId: ['rds-tunnel', profile, region, host, port].join(':'),
        name,
        driver,
        connectionType: 'host',
        host: '127.0.0.1',
        port: localPort,
        username: user,
        // The API counts milliseconds, the settings seconds.
        ...(database === undefined ? {} : { database }),
        savePassword: 'secretStorage',
        ...(login === undefined ? { ssl: true, sslTrustCertificate: true } : { ssl: false }),
        connectionTimeout: connectTimeoutSeconds * 1000,
      };
}

/** @throws when DBCode does not take it */
export async function addToDbcode(connection: Entry): Promise<void> {
  const exported = await vscode.extensions.getExtension<unknown>(dbcode.extensionId)?.activate();
  const api = isObject(exported) ? exported.api : undefined;
  if (!isApi(api))
    throw new Error(
      vscode.l10n.t(
        "This version of DBCode doesn't accept connections from other extensions. Update DBCode, or copy the connection details.",
      ),
    );
  const result = await api.addConnections([connection]);
  if (!isObject(result) || result.success !== true)
    throw new Error(vscode.l10n.t("DBCode didn't accept the connection. Copy the connection details, and add it there by hand."));
}

const isApi = (value: unknown): value is Api => isObject(value) && typeof value.addConnections === 'function';
