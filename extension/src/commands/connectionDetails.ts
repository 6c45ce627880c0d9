import * as vscode from 'vscode';
import type { Tunnel } from '../sidecar/contract';
import { familyOf } from '../state/engines';
import { inCode, inShell } from '../state/quoting';
import { mysqlDetails } from './mysqlDetails';
import { plainDetails } from './plainDetails';
import { postgresDetails } from './postgresDetails';

/** One way to tell a program where the database is; none of them holds a password. */
export interface Detail { name: string; text: string }

/** What is known of a database beside its tunnel. `authority` is the file with the authorities of AWS's databases. */
export interface DatabaseFacts { engine: string; authority: string; user?: string | undefined; database?: string | undefined }

/** A database, and the port of this machine that leads to it. */
export type Way = Pick<Tunnel, 'name' | 'host' | 'port' | 'localPort' | 'login' | 'user'>;

/** A database as the forms need it. */
export interface Target { name: string; host: string; localPort: number; authority: string; user: string; database: string }

/** The ways that programs know, for a database of this engine. Each verifies the database's own name where its program can do that through 127.0.0.1, else its authority. */
export function connectionDetails({ name, host = '127.0.0.1', port, localPort, login, user }: Way, facts: DatabaseFacts): Detail[] {
  // Also on Windows, programs take these slashes, and mean nothing else by them.
  const authority = facts.authority.replaceAll('\\', '/');
  const target = { name, host, localPort, authority, user: user ?? facts.user ?? 'USER', database: facts.database ?? 'postgres' };
  const address = { name: vscode.l10n.t('Address'), text: `127.0.0.1:${localPort}` };
  if (login !== undefined) return [address, ...plainDetails(facts.engine, { ...target, database: facts.database ?? (familyOf(facts.engine) === 'mysql' ? '' : 'postgres') })];
  switch (familyOf(facts.engine)) {
    case 'postgres': return [address, ...postgresDetails(target)];
    case 'mysql': return [address, ...mysqlDetails({ ...target, database: facts.database ?? '' })];
    case 'sqlserver':
      return [address,
        { name: 'JDBC', text: `jdbc:sqlserver://127.0.0.1:${localPort};encrypt=true;hostNameInCertificate=${host}` },
        { name: '.NET (Microsoft.Data.SqlClient)', text: `Server=127.0.0.1,${localPort};Encrypt=Mandatory;HostNameInCertificate=${host}` },
        { name: 'sqlcmd', text: `sqlcmd -S 127.0.0.1,${localPort} -N -F ${host}` }];
    case 'docdb': {
      const options = `directConnection=true&tls=true&tlsCAFile=${encodeURIComponent(authority)}&tlsAllowInvalidHostnames=true&retryWrites=false`;
      return [address,
        { name: 'URL', text: `mongodb://127.0.0.1:${localPort}/?${options}` },
        { name: 'mongosh', text: `mongosh ${inShell(`mongodb://127.0.0.1:${localPort}/?${options}`)}` }];
    }
    case 'redis':
      return [address,
        { name: 'redis-cli', text: `redis-cli -h 127.0.0.1 -p ${localPort} --tls --sni ${host}` },
        { name: 'Node.js (ioredis)', text: `new Redis({ host: '127.0.0.1', port: ${localPort}, tls: { servername: ${inCode(host)} } })` },
        { name: '.NET (StackExchange.Redis)', text: `127.0.0.1:${localPort},ssl=true,sslHost=${host}` }];
    default:
      return [address, { name: vscode.l10n.t('Database'), text: `${host}:${port}` }];
  }
}
