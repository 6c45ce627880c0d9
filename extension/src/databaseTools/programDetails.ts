import { familyOf } from '../state/engines';
import { inShell, isPathPart } from '../state/quoting';
import type { Detail, Target } from './detail';

/** How DBeaver and DataGrip know a driver, and what they give it. Both ask for the password themselves. */
interface Driver {
  /** DBeaver's name of it, if that is known. */
  dBeaver?: string;
  dataGrip: string;
  className: string;
  url: string;
  /** As their programs take them. */
  options: Record<string, string>;
  /** The same, at the end of a URL. */
  inUrl: string;
}

/** @param isPlain the tunnel itself speaks TLS to the database */
export function programDetails(engine: string, target: Target, isPlain: boolean): Detail[] {
  const driver = driverFor(engine, target, isPlain);
  return driver === undefined
    ? []
    : [...dBeaver(driver, target), { name: 'DataGrip (Import from Clipboard)', text: dataGrip(driver, target) }];
}

function driverFor(engine: string, { host, localPort, authority, database }: Target, isPlain: boolean): Driver | undefined {
  switch (familyOf(engine)) {
    case 'postgres': {
      const options: Record<string, string> = isPlain ? { sslmode: 'disable' } : { sslmode: 'verify-ca', sslrootcert: authority };
      return {
        dBeaver: 'postgresql',
        dataGrip: 'postgresql',
        className: 'org.postgresql.Driver',
        url: `jdbc:postgresql://127.0.0.1:${localPort}/${encodeURIComponent(database)}`,
        options,
        inUrl: `?${Object.entries(options)
          .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
          .join('&')}`,
      };
    }
    case 'mysql': {
      // Its version 2 reads the first two of them, version 3 the others. It takes values as they are written.
      const options: Record<string, string> = isPlain
        ? { sslMode: 'disable' }
        : { useSsl: 'true', disableSslHostnameVerification: 'true', sslMode: 'verify-ca', serverSslCert: authority };
      if (!isPathPart(database)) return undefined; // its URL can't quote it
      return {
        dBeaver: 'mariadb',
        dataGrip: 'mariadb',
        className: 'org.mariadb.jdbc.Driver',
        url: `jdbc:mariadb://127.0.0.1:${localPort}/${database}`,
        options,
        inUrl: `?${Object.entries(options)
          .map(each => each.join('='))
          .join('&')}`,
      };
    }
    case 'sqlserver':
      return {
        dataGrip: 'sqlserver.ms',
        className: 'com.microsoft.sqlserver.jdbc.SQLServerDriver',
        url: `jdbc:sqlserver://127.0.0.1:${localPort}`,
        options: {},
        inUrl: `;databaseName={${database.replaceAll('}', '}}')}};encrypt=true;hostNameInCertificate=${host}`,
      };
    default:
      return undefined;
  }
}

/** None where a value has the mark between two of them, which nothing can stand for. */
function dBeaver({ dBeaver: driver, options }: Driver, { name, localPort, user, database }: Target): Detail[] {
  if (driver === undefined) return [];
  const values = {
    name: name.replaceAll('|', ' '),
    driver,
    host: '127.0.0.1',
    port: String(localPort),
    database,
    user,
    ...Object.fromEntries(Object.entries(options).map(([each, value]) => [`prop.${each}`, value])),
    create: 'true',
    save: 'true',
    connect: 'false',
  };
  if (Object.values(values).some(value => value.includes('|'))) return [];
  return [
    {
      name: 'DBeaver (dbeaver -con)',
      text: `dbeaver -con ${inShell(
        Object.entries(values)
          .map(each => each.join('='))
          .join('|'),
      )}`,
    },
  ];
}

function dataGrip({ dataGrip: driver, className, url, inUrl }: Driver, { name, user }: Target): string {
  const plainName = name.replaceAll(/\s+/g, ' ');
  const elements = {
    'driver-ref': driver,
    synchronize: 'true',
    'jdbc-driver': className,
    'jdbc-url': `${url}${inUrl}`,
    'secret-storage': 'master_key',
    'user-name': user,
  };
  const inner = Object.entries(elements)
    .map(([element, text]) => `<${element}>${inXml(text)}</${element}>`)
    .join('');
  return `#DataSourceSettings#\n#LocalDataSource: ${plainName}\n#BEGIN#\n<data-source source="LOCAL" name="${inXml(plainName)}" uuid="${crypto.randomUUID()}">${inner}</data-source>\n#END#\n`;
}

const inXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
