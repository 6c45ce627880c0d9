import * as vscode from 'vscode';
import { familyOf, type EngineFamily } from '../state/engines';
import { inCode, inShell, isLine } from '../state/quoting';
import { dbcodeTunnel } from './dbcodeTunnel';
import type { DatabaseFacts, Detail, Target, Way } from './detail';
import { mysqlDetails } from './mysqlDetails';
import { plainDetails } from './plainDetails';
import { postgresDetails } from './postgresDetails';
import { programDetails } from './programDetails';

/**
 * The ways that programs know, for a database of this engine. Each verifies the database's own name
 * where its program can do that through 127.0.0.1, else its authority.
 */
export function connectionDetails(way: Way, facts: DatabaseFacts): Detail[] {
  const { name, host = '127.0.0.1', localPort, login, user } = way;
  const family = familyOf(facts.engine);
  const usualDatabase: Partial<Record<EngineFamily, string>> = { mysql: '', sqlserver: 'master' };
  const target = {
    name,
    host,
    localPort,
    user: [user, facts.user].find(each => each !== undefined && isLine(each)) ?? 'USER',
    database: (facts.database !== undefined && isLine(facts.database) ? facts.database : undefined) ?? usualDatabase[family] ?? 'postgres',
    // Also on Windows, programs take these slashes, and mean nothing else by them.
    authority: facts.authority.replaceAll('\\', '/'),
  };
  const forms = login === undefined ? verifyingDetails(family, target, way.port) : plainDetails(facts.engine, target);
  return [
    { name: vscode.l10n.t('Address'), text: `127.0.0.1:${localPort}` },
    ...forms,
    ...programDetails(facts.engine, target, login !== undefined),
    ...(way.host === undefined ? [] : [dbcodeTunnel(way)]),
  ];
}

function verifyingDetails(family: EngineFamily, target: Target, port: number): Detail[] {
  const { host, localPort, authority } = target;
  switch (family) {
    case 'postgres':
      return postgresDetails(target);
    case 'mysql':
      return mysqlDetails(target);
    case 'sqlserver':
      return [
        { name: 'JDBC', text: `jdbc:sqlserver://127.0.0.1:${localPort};encrypt=true;hostNameInCertificate=${host}` },
        { name: '.NET (Microsoft.Data.SqlClient)', text: `Server=127.0.0.1,${localPort};Encrypt=Mandatory;HostNameInCertificate=${host}` },
        { name: 'sqlcmd', text: `sqlcmd -S 127.0.0.1,${localPort} -N -F ${inShell(host)}` },
      ];
    case 'docdb': {
      const url = `mongodb://127.0.0.1:${localPort}/?directConnection=true&tls=true&tlsCAFile=${encodeURIComponent(authority)}&tlsAllowInvalidHostnames=true&retryWrites=false`;
      return [
        { name: 'URL', text: url },
        { name: 'mongosh', text: `mongosh ${inShell(url)}` },
      ];
    }
    case 'redis':
      return [
        { name: 'redis-cli', text: `redis-cli -h 127.0.0.1 -p ${localPort} --tls --sni ${inShell(host)}` },
        { name: 'Node.js (ioredis)', text: `new Redis({ host: '127.0.0.1', port: ${localPort}, tls: { servername: ${inCode(host)} } })` },
        { name: '.NET (StackExchange.Redis)', text: `127.0.0.1:${localPort},ssl=true,sslHost=${host}` },
      ];
    case 'other':
      return [{ name: vscode.l10n.t('Database'), text: `${host}:${port}` }];
  }
}
