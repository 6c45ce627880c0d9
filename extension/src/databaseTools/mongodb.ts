import { join, parse, valueOf, withOptions, type Parts } from './connectionString';
import { connectTimeoutSeconds, isThisMachine, portOf, text, type DatabaseTool, type Entry } from './tool';

/** What it connects to: the first of its hosts, since a tunnel leads to one. */
function addressOf(entry: Entry): { parts: Parts; host: string; port: number } | undefined {
  const connectionString = text(entry, 'connectionString') ?? '';
  const parts = connectionString.startsWith('mongodb://') ? parse(connectionString) : undefined;
  const [host = '', port] = parts?.hosts.split(',')[0]?.split(':') ?? [];
  return parts === undefined || host === '' ? undefined : { parts, host, port: portOf(port, 27_017) };
}

/** How long the driver waits, in milliseconds, for a server and for its answer. */
const timeouts = (parts: Parts): Record<string, string> =>
  Object.fromEntries(
    ['connectTimeoutMS', 'serverSelectionTimeoutMS'].map(name => [
      name,
      String(Math.max(Number(valueOf(parts, name.toLowerCase())) || 0, connectTimeoutSeconds * 1000)),
    ]),
  );

/** MongoDB for VS Code, and DocumentDB: its driver cannot verify another name than the one that it connects to. */
export const mongodb: DatabaseTool = {
  name: 'MongoDB',
  extensionId: 'mongodb.mongodb-vscode',
  section: 'mdb',
  key: 'presetConnections',
  hidesUserList: false,
  strings: ['connectionString'],
  nameKey: 'name',
  connection: entry => {
    const address = addressOf(entry);
    return address === undefined || isThisMachine(address.host)
      ? undefined
      : { name: text(entry, 'name') ?? address.host, host: address.host, port: address.port };
  },
  localPort: entry => {
    const address = addressOf(entry);
    return address !== undefined && isThisMachine(address.host) ? address.port : undefined;
  },
  // It gives each an id of its own.
  isSame: () => false,
  route: (entry, { localPort, authority }) => {
    const address = addressOf(entry);
    if (address === undefined) return entry;
    const { parts } = address;
    const isTls = valueOf(parts, 'tls', 'ssl') === 'true';
    const isVerified = valueOf(parts, 'tlsallowinvalidcertificates') !== 'true' && valueOf(parts, 'tlsinsecure') !== 'true';
    return {
      ...entry,
      connectionString: join({
        ...withOptions(parts, {
          // Without it the driver goes to the members that the cluster tells it of.
          directConnection: 'true',
          replicaSet: undefined,
          ...(isTls && isVerified ? { tlsCAFile: valueOf(parts, 'tlscafile') ?? encodeURIComponent(authority) } : {}),
          ...(isTls && valueOf(parts, 'tlsinsecure') === undefined ? { tlsAllowInvalidHostnames: 'true' } : {}),
          ...timeouts(parts),
        }),
        hosts: `127.0.0.1:${localPort}`,
        path: parts.path === '' ? '/' : parts.path,
      }),
    };
  },
  create: ({ name, engine, localPort, authority, user, database }) =>
    engine !== 'docdb'
      ? undefined
      : {
          name,
          connectionString:
            `mongodb://${user === '' ? '' : `${encodeURIComponent(user)}@`}127.0.0.1:${localPort}/${encodeURIComponent(database ?? '')}?directConnection=true&tls=true` +
            `&tlsCAFile=${encodeURIComponent(authority)}&tlsAllowInvalidHostnames=true&retryWrites=false&connectTimeoutMS=${connectTimeoutSeconds * 1000}&serverSelectionTimeoutMS=${connectTimeoutSeconds * 1000}`,
        },
};
