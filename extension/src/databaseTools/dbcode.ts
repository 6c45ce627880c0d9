import { atLeast, isThisMachine, portOf, text, type DatabaseTool, type Entry } from './tool';

/**
 * Its drivers' names, with the ports that they take if none is said. MongoDB's is not among them:
 * there is no place for what keeps it on this way.
 */
const ports: Record<string, number> = {
  postgres: 5432,
  redshift: 5439,
  mysql: 3306,
  mariadb: 3306,
  mssql: 1433,
  oracle: 1521,
  redis: 6379,
};

/**
 * DBCode. It takes new connections by its API; `dbcode.connections` has those that it knows. It
 * can't be told the name to verify, and would compare the certificate with 127.0.0.1.
 */
export const dbcode: DatabaseTool = {
  name: 'DBCode',
  extensionId: 'dbcode.dbcode',
  section: 'dbcode',
  key: 'connections',
  hidesUserList: false,
  strings: [],
  nameKey: 'name',
  connection: entry => {
    const address = addressOf(entry);
    return address === undefined || isThisMachine(address.host) ? undefined : { name: text(entry, 'name') ?? address.host, ...address };
  },
  localPort: entry => {
    const address = addressOf(entry);
    return address !== undefined && isThisMachine(address.host) ? address.port : undefined;
  },
  isSame: (one, other) => text(one, 'connectionId') !== undefined && one.connectionId === other.connectionId,
  route: (entry, { localPort }) => ({
    ...entry,
    host: '127.0.0.1',
    port: localPort,
    ...(entry.ssl === true ? { sslTrustCertificate: true } : {}),
    connectionTimeout: atLeast(entry.connectionTimeout),
  }),
  weakness: entry =>
    entry.ssl !== true || entry.sslTrustCertificate === true
      ? undefined
      : /^(mssql|oracle)$/.test(text(entry, 'driver') ?? '')
        ? 'Unverified'
        : 'VerifiedByTunnelOnly',
  create: () => undefined,
};

/** Undefined for what leads through a tunnel of DBCode's own, by a socket file, or by a driver that can't be led here. */
function addressOf(entry: Entry): { host: string; port: number } | undefined {
  const [host, port] = [text(entry, 'host'), ports[text(entry, 'driver') ?? '']];
  if (host === undefined || port === undefined || entry.connectionType === 'socket' || text(entry, 'tunnelId') !== undefined)
    return undefined;
  return { host, port: portOf(entry.port, port) };
}
