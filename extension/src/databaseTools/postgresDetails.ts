import * as vscode from 'vscode';
import { inCode, inDotNet, inLibpq, inShell } from '../state/quoting';
import type { Detail, Target } from './detail';

/**
 * libpq goes to `hostaddr` and verifies `host`: so do all programs that use it. Others verify that
 * an authority of AWS has issued the certificate.
 */
export function postgresDetails(target: Target): Detail[] {
  const { name, host, localPort, authority, user, database } = target;
  const [userPart, databasePart, file] = [user, database, authority].map(encodeURIComponent);
  return [
    { name: 'psql', text: psqlLine(target) },
    {
      name: 'URL (libpq, psycopg)',
      text: `postgresql://${userPart}@${host}:${localPort}/${databasePart}?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=${file}`,
    },
    {
      name: vscode.l10n.t('Environment variables'),
      text: Object.entries({
        PGHOST: host,
        PGHOSTADDR: '127.0.0.1',
        PGPORT: String(localPort),
        PGUSER: user,
        PGDATABASE: database,
        PGSSLMODE: 'verify-full',
        PGSSLROOTCERT: authority,
      })
        .map(([key, value]) => `${key}=${inShell(value)}`)
        .join(' '),
    },
    {
      name: 'pg_service.conf',
      text: `[${name.replaceAll(/[^\w-]+/g, '-')}]\nhost=${host}\nhostaddr=127.0.0.1\nport=${localPort}\ndbname=${database}\nuser=${user}\nsslmode=verify-full\nsslrootcert=${authority}\n`,
    },
    {
      name: 'DATABASE_URL (Node.js, Prisma 7)',
      text: `postgresql://${userPart}@127.0.0.1:${localPort}/${databasePart}?uselibpqcompat=true&sslmode=verify-ca&sslrootcert=${file}`,
    },
    {
      name: 'SQLAlchemy',
      text: `postgresql+psycopg2://${userPart}@${host}:${localPort}/${databasePart}?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=${file}`,
    },
    {
      name: 'JDBC',
      text: `jdbc:postgresql://127.0.0.1:${localPort}/${databasePart}?user=${userPart}&sslmode=verify-ca&sslrootcert=${file}`,
    },
    {
      name: '.NET (Npgsql)',
      text: `Host=127.0.0.1;Port=${localPort};Database=${inDotNet(database)};Username=${inDotNet(user)};SSL Mode=VerifyCA;Root Certificate=${inDotNet(authority)}`,
    },
    {
      name: 'Go (pgx, lib/pq)',
      text: inCode(
        [
          'host=127.0.0.1',
          `port=${localPort}`,
          `user=${inLibpq(user)}`,
          `dbname=${inLibpq(database)}`,
          'sslmode=verify-ca',
          `sslrootcert=${inLibpq(authority)}`,
        ].join(' '),
      ),
    },
  ];
}

/** Verifies the database's real name, though it connects to this machine. */
const psqlLine = ({ host, localPort, authority, user, database }: Target): string =>
  `psql ${inShell(`host=${host} hostaddr=127.0.0.1 port=${localPort} dbname=${inLibpq(database)} user=${inLibpq(user)} sslmode=verify-full sslrootcert=${inLibpq(authority)}`)}`;
