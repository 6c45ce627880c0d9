import { join, parse, valueOf, withOptions } from './connectionString';
import { addressOf as addressInString, routedServer } from './sqlServerStrings';
import { routedString } from './postgresStrings';
import { atLeast, isObject, isThisMachine, portOf, text, type DatabaseTool, type Entry, type Route } from './tool';

const ports: Record<string, number> = {
  PostgreSQL: 5432,
  CockroachDB: 26_257,
  'AWS Redshift': 5439,
  MySQL: 3306,
  MariaDB: 3306,
  TiDB: 4000,
  MSSQL: 1433,
};

const driverOf = (entry: Entry): string => text(entry, 'driver') ?? text(entry, 'dialect') ?? '';
const isPostgres = (entry: Entry): boolean => /^(PostgreSQL|AWS Redshift|CockroachDB)/.test(driverOf(entry));
/** AWS's driver signs a token for the host that it connects to: this machine's address would be refused. */
const signsHost = (entry: Entry): boolean => driverOf(entry).startsWith('Aurora DSQL');
const isMySql = (entry: Entry): boolean => /^(MySQL|MariaDB|TiDB)/.test(driverOf(entry));

/**
 * SQLTools. `pgOptions.ssl` goes to node-postgres, which verifies the name in `servername`; MySQL's
 * driver verifies the authority only. Files of TLS are named by their paths.
 */
export const sqltools: DatabaseTool = {
  name: 'SQLTools',
  extensionId: 'mtxr.sqltools',
  section: 'sqltools',
  key: 'connections',
  hidesUserList: true,
  strings: ['connectString'],
  nameKey: 'name',
  connection: entry => {
    const { host, port } = addressOf(entry);
    return host === undefined || isThisMachine(host) || signsHost(entry) ? undefined : { name: text(entry, 'name') ?? host, host, port };
  },
  localPort: entry => {
    const { host, port } = addressOf(entry);
    return isThisMachine(host) ? port : undefined;
  },
  isSame: (one, other) => identityOf(one) === identityOf(other),
  route: (entry, route) => {
    const common = { ...entry, connectionTimeout: atLeast(entry.connectionTimeout) };
    const connectString = text(entry, 'connectString');
    const through =
      connectString === undefined
        ? { ...common, server: '127.0.0.1', port: route.localPort }
        : { ...common, ...throughString(entry, connectString, route) };
    if (isPostgres(entry)) return withTls(through, 'pgOptions', { ...route, servername: route.host });
    return isMySql(entry) ? withTls(through, 'mysqlOptions', route) : through;
  },
  weakness: entry => (/^(Azure )?MSSQL/i.test(driverOf(entry)) ? 'PlainText' : undefined),
  create: ({ name, engine, host, localPort, authority, user, database, login, localPassword = false }) => {
    const common = {
      name,
      server: '127.0.0.1',
      port: localPort,
      username: user,
      ...passwordFor(login, localPassword),
      connectionTimeout: atLeast(0),
    };
    if (/postgres|redshift|dsql/.test(engine)) {
      return {
        ...common,
        driver: engine === 'redshift' ? 'AWS Redshift' : 'PostgreSQL',
        database: database ?? (engine === 'redshift' ? 'dev' : 'postgres'),
        ...(login === undefined ? { pgOptions: { ssl: { rejectUnauthorized: true, ca: authority, servername: host } } } : {}),
      };
    }
    if (/mysql|maria/.test(engine)) {
      return {
        ...common,
        driver: /maria/.test(engine) ? 'MariaDB' : 'MySQL',
        database: database ?? '',
        ...(login === undefined ? { mysqlOptions: { ssl: { ca: authority } } } : {}),
      };
    }
    // Not SQL Server: see its weakness.
    return undefined;
  },
};

/** An empty one is sent, and asked for by nobody. */
const passwordFor = (login: string | undefined, localPassword: boolean): Entry =>
  login === undefined || login === 'tls' || localPassword ? { askForPassword: true } : { password: '' };

/** The id of a connection, as SQLTools makes it: the port is no part of it. */
export function identityOf(entry: Entry): string {
  const connectString = text(entry, 'connectString');
  return (
    text(entry, 'id') ??
    [entry.name, driverOf(entry), ...(connectString === undefined ? [entry.server, entry.database] : [connectString])]
      .join('|')
      .replaceAll('.', ':')
      .replaceAll('/', '\\')
  );
}

function addressOf(entry: Entry): { host: string | undefined; port: number } {
  const otherwise = ports[driverOf(entry)] ?? 5432;
  const connectString = text(entry, 'connectString');
  if (connectString === undefined) return { host: text(entry, 'server'), port: portOf(entry.port, otherwise) };
  const parts = parse(connectString);
  if (parts?.separator === ';') {
    const address = addressInString(parts);
    return { host: address?.host, port: address?.port ?? otherwise };
  }
  // A host among the options would go before this one.
  const [host, port] = parts === undefined || valueOf(parts, 'host') !== undefined ? [] : parts.hosts.split(':');
  return { host: host === undefined || host === '' ? undefined : decodeURIComponent(host), port: portOf(port, otherwise) };
}

function throughString(entry: Entry, connectString: string, route: Route): Entry {
  if (isPostgres(entry)) {
    const routed = routedString(connectString, route);
    if (routed === undefined) return {};
    const options = isObject(entry.pgOptions) ? entry.pgOptions : {};
    return { connectString: routed.text, ...(routed.ssl === undefined ? {} : { pgOptions: { ...options, ssl: routed.ssl } }) };
  }
  const parts = parse(connectString);
  if (parts === undefined) return {};
  if (parts.separator === ';') return { connectString: join(routedServer(parts, route)) };
  // MySQL's driver takes everything from the string, this one in milliseconds.
  const timeout = isMySql(entry) ? { connectTimeout: String(atLeast(Number(valueOf(parts, 'connecttimeout')) / 1000) * 1000) } : {};
  return { connectString: join({ ...withOptions(parts, timeout), hosts: `127.0.0.1:${route.localPort}` }) };
}

/**
 * Where TLS is asked for, it verifies: with AWS's authorities if none are named, and by the database's own name if the driver can do that.
 */
function withTls(
  entry: Entry,
  key: 'pgOptions' | 'mysqlOptions',
  { authority, servername }: { authority: string; servername?: string },
): Entry {
  const options = entry[key];
  if (!isObject(options) || options.ssl === undefined || options.ssl === false || typeof options.ssl === 'string') return entry;
  const ssl: Entry = isObject(options.ssl) ? { ...options.ssl } : { rejectUnauthorized: true };
  if (ssl.rejectUnauthorized !== false && text(ssl, 'ca') === undefined) ssl.ca = authority;
  if (servername === undefined) delete ssl.verifyIdentity;
  else ssl.servername = servername;
  return { ...entry, [key]: { ...options, ssl } };
}
