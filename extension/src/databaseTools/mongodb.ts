import { isObject, portOf, text, type DatabaseTool, type Entry } from './tool';

// mongodb://user:password@host:27017/database?options, of one host.
const url = /^(mongodb:\/\/(?:[^@/]*@)?)([^:/,?]+)(?::(\d+))?(\/[^?]*)?(?:\?(.*))?$/;

interface Parts { prefix: string; host: string; port: number; path: string; options: URLSearchParams }

function parse(entry: Entry): Parts | undefined {
  const match = url.exec(text(entry, 'connectionString') ?? '');
  if (match === null) return undefined;
  const [, prefix = '', host = '', port, path = '/', options = ''] = match;
  return { prefix, host, port: portOf(port, 27_017), path, options: new URLSearchParams(options) };
}

const join = ({ prefix, host, port, path, options }: Parts): string => {
  const query = options.toString();
  return `${prefix}${host}:${port}${path}${query === '' ? '' : `?${query}`}`;
};

/** MongoDB for VS Code, and DocumentDB: its driver cannot verify another name than the one it connects to. */
export const mongodb: DatabaseTool = {
  name: 'MongoDB',
  extensionId: 'mongodb.mongodb-vscode',
  section: 'mdb',
  key: 'presetConnections',
  connection: entry => {
    const parts = parse(entry);
    return parts === undefined ? undefined : { name: text(entry, 'name') ?? parts.host, host: parts.host, port: parts.port };
  },
  route: (entry, { localPort }) => {
    const parts = parse(entry);
    if (parts === undefined) return entry;
    const { options } = parts;
    // Without it the driver goes to the members that the cluster tells it of.
    options.set('directConnection', 'true');
    options.delete('replicaSet');
    if (options.get('tls') === 'true' || options.get('ssl') === 'true') options.set('tlsAllowInvalidHostnames', 'true');
    return { ...entry, connectionString: join({ ...parts, host: '127.0.0.1', port: localPort, options }) };
  },
  // The whole text may hold a password.
  view: entry => {
    const parts = parse(entry);
    return parts === undefined ? {} : { host: parts.host, port: parts.port, options: Object.fromEntries(parts.options) };
  },
  withView: (entry, view) => {
    const parts = parse(entry);
    const options = isObject(view.options) ? view.options as Record<string, string> : {};
    return parts === undefined ? entry
      : { ...entry, connectionString: join({ ...parts, host: text(view, 'host') ?? parts.host, port: portOf(view.port, parts.port), options: new URLSearchParams(options) }) };
  },
  create: (name, engine, { localPort }) => engine !== 'docdb' ? undefined : {
    name, connectionString: `mongodb://127.0.0.1:${localPort}/?directConnection=true&tls=true&tlsAllowInvalidHostnames=true&retryWrites=false`,
  },
};
