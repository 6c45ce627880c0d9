import { valueOf, withOptions, type Parts } from './connectionString';
import { connectTimeoutSeconds, portOf, type Route } from './tool';

const timeouts = ['connecttimeout', 'connectiontimeout', 'timeout'];
const names = ['server', 'datasource', 'address', 'addr', 'networkaddress'];

export interface Address {
  host: string;
  port: number | undefined;
}

/** `tcp:host,1433`, with or without blanks. A named instance has no port that could be known. */
export function addressIn(server: string): Address | undefined {
  const [, host, port] = /^\s*(?:tcp\s*:\s*)?([^,\\\s]+)\s*(?:,\s*(\d+)\s*)?$/i.exec(server) ?? [];
  return host === undefined ? undefined : { host, port: port === undefined ? undefined : portOf(port, 1433) };
}

/** Of a whole connection string. */
export function addressOf(parts: Parts): Address | undefined {
  const server = valueOf(parts, ...names);
  return server === undefined ? undefined : addressIn(server.replace(/^(["'])(.*)\1$/, '$2'));
}

/** SQL Server's clients verify the name that HostNameInCertificate says. */
export function routedServer(parts: Parts, { host, localPort }: Route): Parts {
  const name = names.find(each => valueOf(parts, each) !== undefined) ?? 'server';
  const encrypt = valueOf(parts, 'encrypt')?.toLowerCase();
  const timeoutName = timeouts.find(each => valueOf(parts, each) !== undefined);
  const timeout = timeoutName === undefined ? 0 : Number(valueOf(parts, timeoutName));
  return withOptions(parts, {
    [name]: `127.0.0.1,${localPort}`,
    ...(encrypt === 'false' || encrypt === 'optional' || encrypt === 'no' ? {} : { HostNameInCertificate: host }),
    ...(timeout >= connectTimeoutSeconds ? {} : { [timeoutName ?? 'Connect Timeout']: String(connectTimeoutSeconds) }),
  });
}
