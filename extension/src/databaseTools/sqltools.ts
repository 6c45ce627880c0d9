import { atLeast, isObject, portOf, text, type DatabaseTool } from './tool';

const ports: Record<string, number> = { 'PostgreSQL': 5432, 'AWS Redshift': 5439, 'MySQL': 3306, 'MariaDB': 3306, 'MSSQL': 1433 };

/** SQLTools: `pgOptions.ssl` goes to node-postgres as it is, which verifies the name in `servername`; MySQL verifies the authority only. */
export const sqltools: DatabaseTool = {
  name: 'SQLTools',
  extensionId: 'mtxr.sqltools',
  section: 'sqltools',
  key: 'connections',
  connection: entry => {
    const [host, driver] = [text(entry, 'server'), text(entry, 'driver') ?? ''];
    return host === undefined ? undefined : { name: text(entry, 'name') ?? host, host, port: portOf(entry.port, ports[driver] ?? 5432) };
  },
  route: (entry, { host, localPort }) => {
    const routed = { ...entry, server: '127.0.0.1', port: localPort, connectionTimeout: atLeast(entry.connectionTimeout) };
    const options = entry.pgOptions;
    if (!isObject(options) || options.ssl === undefined || options.ssl === false) return routed;
    const ssl = isObject(options.ssl) ? options.ssl : { rejectUnauthorized: true };
    return { ...routed, pgOptions: { ...options, ssl: { ...ssl, servername: host } } };
  },
  create: (name, engine, { host, localPort }) => {
    const common = { name, server: '127.0.0.1', port: localPort, askForPassword: true, connectionTimeout: atLeast(0) };
    if (/postgres|redshift/.test(engine)) {
      return { ...common, driver: engine === 'redshift' ? 'AWS Redshift' : 'PostgreSQL', database: 'postgres', username: '', pgOptions: { ssl: { rejectUnauthorized: true, servername: host } } };
    }
    if (/mysql|mariadb/.test(engine)) return { ...common, driver: /maria/.test(engine) ? 'MariaDB' : 'MySQL', database: '', username: '' };
    if (/sqlserver/.test(engine)) return { ...common, driver: 'MSSQL', database: 'master', username: '', mssqlOptions: { encrypt: true } };
    return undefined;
  },
};
