import { atLeast, portOf, text, type DatabaseTool } from './tool';

const isThisMachine = (address: string | undefined): boolean => address === '127.0.0.1' || address === 'localhost' || address === '::1';

/** PostgreSQL by Microsoft, in libpq's words: `server` is the name that is verified, `hostaddr` where the bytes go. */
export const pgsql: DatabaseTool = {
  name: 'PostgreSQL (Microsoft)',
  extensionId: 'ms-ossdata.vscode-pgsql',
  section: 'pgsql',
  key: 'connections',
  connection: entry => {
    const host = text(entry, 'server');
    return host === undefined || isThisMachine(text(entry, 'hostaddr')) ? undefined : { name: text(entry, 'profileName') ?? host, host, port: portOf(entry.port, 5432) };
  },
  route: (entry, { localPort }) => ({
    ...entry, hostaddr: '127.0.0.1', port: String(localPort), connectTimeout: atLeast(entry.connectTimeout),
  }),
  create: (name, engine, { host, localPort }) => !/postgres|redshift/.test(engine) ? undefined : {
    profileName: name, server: host, hostaddr: '127.0.0.1', port: String(localPort), database: 'postgres', user: '', authenticationType: 'SqlLogin', savePassword: false,
    sslmode: 'verify-full', connectTimeout: atLeast(0),
  },
};
