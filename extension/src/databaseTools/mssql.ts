import { join, parse } from './connectionString';
import { addressIn, addressOf as addressInString, routedServer } from './sqlServerStrings';
import { atLeast, isThisMachine, portOf, text, type DatabaseTool, type Entry } from './tool';

/**
 * SQL Server by Microsoft: `hostNameInCertificate` is what the certificate is verified against. The
 * port stands with the server, so that it is part of what connections and passwords are known by.
 */
export const mssql: DatabaseTool = {
  name: 'SQL Server (mssql)',
  extensionId: 'ms-mssql.mssql',
  section: 'mssql',
  key: 'connections',
  hidesUserList: false,
  strings: ['connectionString'],
  nameKey: 'profileName',
  connection: entry => {
    const { host, port } = addressOf(entry);
    return host === undefined || isThisMachine(host) ? undefined : { name: text(entry, 'profileName') ?? host, host, port };
  },
  localPort: entry => {
    const { host, port } = addressOf(entry);
    return isThisMachine(host) ? port : undefined;
  },
  isSame: isSameProfile,
  route: (entry, route) => {
    const connectionString = text(entry, 'connectionString');
    const parts = connectionString === undefined ? undefined : parse(connectionString);
    if (parts !== undefined) return { ...entry, connectionString: join(routedServer(parts, route)) };
    return {
      ...entry,
      server: `127.0.0.1,${route.localPort}`,
      connectTimeout: atLeast(entry.connectTimeout),
      ...(entry.encrypt === 'Optional' || entry.encrypt === false ? {} : { hostNameInCertificate: route.host }),
    };
  },
  create: ({ name, engine, host, localPort, user, database }) =>
    !engine.startsWith('sqlserver')
      ? undefined
      : {
          // Without an id and a group the tool leaves it out until its next start.
          id: crypto.randomUUID(),
          groupId: 'ROOT',
          profileName: name,
          server: `127.0.0.1,${localPort}`,
          authenticationType: 'SqlLogin',
          user,
          database: database ?? 'master',
          savePassword: false,
          encrypt: 'Mandatory',
          trustServerCertificate: false,
          hostNameInCertificate: host,
          connectTimeout: atLeast(0),
        },
};

/** As Microsoft's tools compare profiles. */
export function isSameProfile(one: Entry, other: Entry): boolean {
  const [id, otherId] = [text(one, 'id'), text(other, 'id')];
  if (id !== undefined && otherId !== undefined) return id === otherId;
  const keys = [['profileName'], ['connectionString'], ['server', 'database', 'authenticationType', 'user']];
  const known = keys.find(names => names.some(name => text(one, name) !== undefined || text(other, name) !== undefined)) ?? [];
  return known.every(name => text(one, name) === text(other, name));
}

function addressOf(entry: Entry): { host: string | undefined; port: number } {
  const connectionString = text(entry, 'connectionString');
  const parts = connectionString === undefined ? undefined : parse(connectionString);
  const address = parts === undefined ? addressIn(text(entry, 'server') ?? '') : addressInString(parts);
  return { host: address?.host, port: address?.port ?? portOf(parts === undefined ? entry.port : undefined, 1433) };
}
