import { atLeast, portOf, text, type DatabaseTool } from './tool';

/** SQL Server by Microsoft: `hostNameInCertificate` is what the certificate is verified against. */
export const mssql: DatabaseTool = {
  name: 'SQL Server (mssql)',
  extensionId: 'ms-mssql.mssql',
  section: 'mssql',
  key: 'connections',
  connection: entry => {
    // tcp:host,1433 is one of the ways to write it.
    const match = /^(?:tcp:)?([^,\\]+)(?:,(\d+))?$/.exec(text(entry, 'server') ?? '');
    const host = match?.[1];
    return host === undefined ? undefined : { name: text(entry, 'profileName') ?? host, host, port: portOf(match?.[2] ?? entry.port, 1433) };
  },
  route: (entry, { host, localPort }) => ({
    ...entry, server: '127.0.0.1', port: localPort, connectTimeout: atLeast(entry.connectTimeout),
    ...entry.encrypt === 'Optional' || entry.encrypt === false ? {} : { hostNameInCertificate: host },
  }),
  create: (name, engine, { host, localPort }) => !engine.startsWith('sqlserver') ? undefined : {
    profileName: name, server: '127.0.0.1', port: localPort, authenticationType: 'SqlLogin', user: '', database: 'master', savePassword: false, encrypt: 'Mandatory',
    trustServerCertificate: false, hostNameInCertificate: host, connectTimeout: atLeast(0),
  },
};
