// What other programs keep in a project's folder. Only a connection's name and address are read:
// never a user, a password, or what else stands there.
import { parse } from 'jsonc-parser';
import { addressInJdbc } from './jdbc';
import { isObject, isThisMachine, portOf, text, type Connection } from './tool';

/** A program whose connections stand in a file of a project. */
export interface ProjectFile {
  /** Shown to users. */
  program: string;
  /** Below a folder of the workspace. */
  folder: string;
  file: RegExp;
  connections: (content: string) => Connection[];
}

export const projectFiles: readonly ProjectFile[] = [
  { program: 'DBeaver', folder: '.dbeaver', file: /^data-sources.*\.json$/, connections: inDBeaver },
  { program: 'DataGrip', folder: '.idea', file: /^dataSources\.xml$/, connections: inDataGrip },
  { program: 'Database Client', folder: '.vscode', file: /^database-client-config\.json$/, connections: inDatabaseClient },
];

/** Connections that have an SSH tunnel of their own are left alone. */
function inDBeaver(content: string): Connection[] {
  const root: unknown = parse(content);
  if (!isObject(root) || !isObject(root.connections)) return [];
  return Object.values(root.connections)
    .filter(isObject)
    .flatMap(entry => {
      const { configuration } = entry;
      if (!isObject(configuration) || hasSshTunnel(configuration)) return [];
      const inUrl = addressInJdbc(text(configuration, 'url') ?? '');
      const host = text(configuration, 'host') ?? inUrl?.host;
      const port = portOf(configuration.port, inUrl?.port ?? 0);
      return connection(text(entry, 'name'), host, port);
    });
}

function hasSshTunnel({ handlers }: Record<string, unknown>): boolean {
  const tunnel = isObject(handlers) ? handlers.ssh_tunnel : undefined;
  return isObject(tunnel) && tunnel.enabled === true;
}

/** Those with a way of their own, through SSH or a proxy, are left alone, and so are connection strings. */
function inDatabaseClient(content: string): Connection[] {
  const root: unknown = parse(content);
  if (!isObject(root)) return [];
  return [root.database, root.nosql]
    .filter(isObject)
    .flatMap(Object.values)
    .filter(isObject)
    .flatMap((entry): Connection[] => {
      const hasItsOwnWay = [entry.usingSSH, entry.useSocksProxy, entry.useHTTPProxy, entry.useConnectionString].includes(true);
      return hasItsOwnWay ? [] : connection(text(entry, 'name'), text(entry, 'host'), portOf(entry.port, 0));
    });
}

/** As JetBrains' programs write it; comments are none of theirs. */
function inDataGrip(content: string): Connection[] {
  return content
    .replaceAll(/<!--.*?-->/gs, '')
    .split(/<data-source\s/)
    .slice(1)
    .flatMap(source => {
      const [, name] = /^[^>]*?\bname="([^"]*)"/.exec(source) ?? [];
      const [, url] = /<jdbc-url>([^<]*)<\/jdbc-url>/.exec(source) ?? [];
      const address = addressInJdbc(unescaped(url ?? '').trim());
      return connection(name === undefined ? undefined : unescaped(name), address?.host, address?.port ?? 0);
    });
}

const connection = (name: string | undefined, host: string | undefined, port: number): Connection[] =>
  host === undefined || port === 0 || isThisMachine(host) ? [] : [{ name: name === undefined || name === '' ? host : name, host, port }];

const entities: Partial<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescaped = (xml: string): string => xml.replaceAll(/&([a-z]+);/g, (whole, name: string) => entities[name] ?? whole);
