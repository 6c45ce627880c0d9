import { familyOf } from '../state/engines';
import { inCode, inDotNet, inLibpq, inShell, isPlainDatabase, isPlainUser } from '../state/quoting';
import { only, type Detail, type Target } from './detail';

/**
 * For a tunnel that signs in, or adds TLS: as far as the local port there is no TLS, and no password unless the tool itself signs in.
 * @returns nothing for engines that a tunnel can't sign in to
 */
export function plainDetails(engine: string, target: Omit<Target, 'authority'>): Detail[] {
  switch (familyOf(engine)) {
    case 'postgres':
      return postgres(target);
    case 'mysql':
      return mysql(target);
    case 'redis':
      return redis(target);
    default:
      return [];
  }
}

function postgres({ name, localPort, user, database }: Omit<Target, 'authority'>): Detail[] {
  const [userPart, databasePart] = [user, database].map(encodeURIComponent);
  const [way, query] = [`127.0.0.1:${localPort}/${databasePart}`, 'sslmode=disable'];
  return [
    {
      name: 'psql',
      text: `psql ${inShell(`host=127.0.0.1 port=${localPort} dbname=${inLibpq(database)} user=${inLibpq(user)} sslmode=disable`)}`,
    },
    { name: 'URL (libpq, Node.js, Prisma, Go)', text: `postgresql://${userPart}@${way}?${query}` },
    {
      name: 'PG*',
      text: Object.entries({ PGHOST: '127.0.0.1', PGPORT: String(localPort), PGUSER: user, PGDATABASE: database, PGSSLMODE: 'disable' })
        .map(([key, value]) => `${key}=${inShell(value)}`)
        .join(' '),
    },
    {
      name: 'pg_service.conf',
      text: `[${groupOf(name)}]\nhost=127.0.0.1\nport=${localPort}\ndbname=${database}\nuser=${user}\nsslmode=disable\n`,
    },
    { name: 'SQLAlchemy', text: `postgresql+psycopg2://${userPart}@${way}?${query}` },
    { name: 'JDBC', text: `jdbc:postgresql://${way}?user=${userPart}&${query}` },
    {
      name: '.NET (Npgsql)',
      text: `Host=127.0.0.1;Port=${localPort};Database=${inDotNet(database)};Username=${inDotNet(user)};SSL Mode=Disable`,
    },
  ];
}

function mysql({ name, localPort, user, database }: Omit<Target, 'authority'>): Detail[] {
  const [userPart, databasePart] = [user, database].map(encodeURIComponent);
  const way = `127.0.0.1:${localPort}/${databasePart}`;
  // Some forms can't quote: what would mean something else there is left out of the list.
  const isPlain = isPlainUser(user) && isPlainDatabase(database);
  return [
    // MariaDB's client knows the first option, MySQL's the second.
    {
      name: 'mysql',
      text: `mysql --host=127.0.0.1 --port=${localPort} --user=${inShell(user)} --loose-skip-ssl --loose-ssl-mode=DISABLED${database === '' ? '' : ` --database=${inShell(database)}`}`,
    },
    ...only(isPlainUser(user), {
      name: '.my.cnf (mysql --defaults-group-suffix)',
      text: `[client-${groupOf(name)}]\nhost=127.0.0.1\nport=${localPort}\nuser="${user}"\nloose-skip-ssl\nloose-ssl-mode=DISABLED\n`,
    }),
    { name: 'DATABASE_URL (Node.js mysql2)', text: `mysql://${userPart}@${way}` },
    { name: 'SQLAlchemy', text: `mysql+pymysql://${userPart}@${way}` },
    ...only(isPlain, {
      name: 'JDBC (MariaDB Connector/J)',
      text: `jdbc:mariadb://127.0.0.1:${localPort}/${database}?user=${user}&sslMode=disable`,
    }),
    {
      name: '.NET (MySqlConnector)',
      text: `Server=127.0.0.1;Port=${localPort};User ID=${inDotNet(user)};Database=${inDotNet(database)};SSL Mode=None`,
    },
    ...only(isPlain, { name: 'Go (go-sql-driver)', text: inCode(`${user}@tcp(127.0.0.1:${localPort})/${database}`) }),
  ];
}

function redis({ localPort }: Omit<Target, 'authority'>): Detail[] {
  return [
    { name: 'redis-cli', text: `redis-cli -h 127.0.0.1 -p ${localPort}` },
    { name: 'URL (ioredis, node-redis, redis-py, Lettuce)', text: `redis://127.0.0.1:${localPort}` },
    { name: '.NET (StackExchange.Redis)', text: `127.0.0.1:${localPort}` },
  ];
}

const groupOf = (name: string): string => name.replaceAll(/[^\w-]+/g, '-');
