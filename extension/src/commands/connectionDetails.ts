import * as vscode from 'vscode';
import type { Tunnel } from '../sidecar/contract';
import { familyOf } from '../state/engines';

/** One way to tell a tool where the database is; none of them holds a password. */
export interface Detail { name: string; text: string }

const bundle = 'global-bundle.pem';

/** The ways that tools know, for a database of this engine. */
export function connectionDetails({ host = '127.0.0.1', port, localPort }: Tunnel, engine: string): Detail[] {
  const address = { name: vscode.l10n.t('Address'), text: `127.0.0.1:${localPort}` };
  const environment = vscode.l10n.t('Environment variables');
  switch (familyOf(engine)) {
    case 'mysql':
      return [address,
        { name: 'URL', text: `mysql://127.0.0.1:${localPort}/` },
        { name: 'JDBC', text: `jdbc:mysql://127.0.0.1:${localPort}/?sslMode=VERIFY_CA&trustCertificateKeyStoreUrl=file:${bundle}` },
        { name: 'mysql', text: `mysql --host=127.0.0.1 --port=${localPort} --ssl-mode=VERIFY_CA --ssl-ca=${bundle} --user=` },
        { name: environment, text: `MYSQL_HOST=127.0.0.1 MYSQL_TCP_PORT=${localPort}` }];
    case 'sqlserver':
      return [address,
        { name: 'JDBC', text: `jdbc:sqlserver://127.0.0.1:${localPort};encrypt=true;hostNameInCertificate=${host}` },
        { name: 'ADO.NET', text: `Server=127.0.0.1,${localPort};Encrypt=Mandatory;HostNameInCertificate=${host}` }];
    case 'docdb':
      return [address,
        { name: 'URL', text: `mongodb://127.0.0.1:${localPort}/?directConnection=true&tls=true&tlsCAFile=${bundle}&tlsAllowInvalidHostnames=true&retryWrites=false` }];
    case 'redis':
      return [address, { name: 'redis-cli', text: `redis-cli -h 127.0.0.1 -p ${localPort} --tls --sni ${host}` }];
    case 'postgres':
      return [address,
        { name: 'URL', text: `postgresql://${host}:${localPort}/postgres?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=${bundle}` },
        { name: 'JDBC', text: `jdbc:postgresql://127.0.0.1:${localPort}/postgres?sslmode=verify-ca&sslrootcert=${bundle}` },
        { name: 'psql', text: psqlLine(host, localPort) },
        { name: environment, text: `PGHOST=${host} PGHOSTADDR=127.0.0.1 PGPORT=${localPort} PGSSLMODE=verify-full PGSSLROOTCERT=${bundle}` }];
    default:
      return [address, { name: vscode.l10n.t('Database'), text: `${host}:${port}` }];
  }
}

/** Verifies the database's real name, though it connects to this machine. */
export const psqlLine = (host: string, localPort: number): string =>
  `psql "host=${host} hostaddr=127.0.0.1 port=${localPort} sslmode=verify-full sslrootcert=${bundle}"`;
