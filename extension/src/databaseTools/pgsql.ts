import { isSameProfile } from './mssql';
import { atLeast, isThisMachine, portOf, text, type DatabaseTool } from './tool';

/** PostgreSQL by Microsoft, in libpq's words: `server` is the name that is verified, `hostaddr` where the bytes go. */
export const pgsql: DatabaseTool = {
  name: 'PostgreSQL (Microsoft)',
  extensionId: 'ms-ossdata.vscode-pgsql',
  section: 'pgsql',
  key: 'connections',
  hidesUserList: false,
  strings: [],
  nameKey: 'profileName',
  connection: entry => {
    const host = text(entry, 'server');
    return host === undefined || isThisMachine(host) || isThisMachine(text(entry, 'hostaddr'))
      ? undefined
      : { name: text(entry, 'profileName') ?? host, host, port: portOf(entry.port, 5432) };
  },
  localPort: entry => (isThisMachine(text(entry, 'hostaddr')) ? portOf(entry.port, 5432) : undefined),
  isSame: isSameProfile,
  route: (entry, { localPort }) => ({
    ...entry,
    hostaddr: '127.0.0.1',
    port: String(localPort),
    connectTimeout: atLeast(entry.connectTimeout),
  }),
  create: ({ name, engine, host, localPort, authority, user, database, login }) =>
    !/postgres|redshift|dsql/.test(engine)
      ? undefined
      : {
          id: crypto.randomUUID(),
          groupId: 'ROOT',
          profileName: name,
          server: login === undefined ? host : '127.0.0.1',
          hostaddr: '127.0.0.1',
          port: String(localPort),
          database: database ?? 'postgres',
          user,
          authenticationType: 'SqlLogin',
          savePassword: false,
          ...(login === undefined ? { sslmode: 'verify-full', sslrootcert: authority } : { sslmode: 'disable' }),
          connectTimeout: atLeast(0),
        },
};
