import { parse, valueOf } from './connectionString';
import { portOf } from './tool';

const ports: Record<string, number> = {
  postgresql: 5432,
  redshift: 5439,
  mysql: 3306,
  mariadb: 3306,
  sqlserver: 1433,
  oracle: 1521,
  mongodb: 27_017,
  redis: 6379,
};

// jdbc:aws-wrapper:postgresql://jane@host:5432/shop, jdbc:oracle:thin:@//host:1521/shop,
// jdbc:oracle:thin:@host:1521:shop. Of several hosts, the first.
const url = /^jdbc:([a-z0-9+:-]*):(?:@?\/\/|@)(?:[^/?;]*@)?([^/:;,?@\s]*)(?::(\d+))?/i;

/** Where a JDBC URL leads; undefined when it does not say that by a host. */
export function addressInJdbc(text: string): { host: string; port: number } | undefined {
  const [, scheme = '', host = '', port] = url.exec(text) ?? [];
  const otherwise = ports[scheme.split(':').find(part => part in ports) ?? ''];
  if (otherwise === undefined) return undefined;
  if (host !== '') return { host, port: portOf(port, otherwise) };
  // SQL Server's driver takes the server as a property, too.
  const properties = parse(text.slice(text.indexOf('//') + 2));
  const named = properties?.separator === ';' ? valueOf(properties, 'servername', 'server') : undefined;
  return properties === undefined || named === undefined
    ? undefined
    : { host: named, port: portOf(valueOf(properties, 'portnumber', 'port'), otherwise) };
}
