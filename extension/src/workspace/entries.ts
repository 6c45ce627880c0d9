import type { OpenTunnelParams } from '../sidecar/contract';

const isPort = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535;

/** What is wrong with an entry, in the words of whoever wrote it; undefined when nothing is. */
export function problemOf(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return 'A tunnel is an object.';
  const fields = entry as Record<string, unknown>;
  if (!isPort(fields.port)) return '"port" has to be a number from 1 to 65535.';
  if (fields.localPort !== undefined && !isPort(fields.localPort)) return '"localPort" has to be a number from 1 to 65535.';
  for (const name of ['name', 'host', 'target', 'profile', 'region']) {
    if (fields[name] !== undefined && (typeof fields[name] !== 'string' || fields[name] === '')) return `"${name}" has to be a text.`;
  }
  return fields.host === undefined && fields.target === undefined ? 'Either "host" or "target" is needed.' : undefined;
}

/** A tunnel of the settings, or of the file that a team shares; undefined when {@link problemOf} knows something. */
export function readEntry(entry: unknown): OpenTunnelParams | undefined {
  if (problemOf(entry) !== undefined) return undefined;
  const { port, localPort, name, host, target, profile, region } = entry as OpenTunnelParams;
  // Nothing else is taken over: an endpoint of AWS, say, is no business of a file.
  return Object.fromEntries(Object.entries({ port, localPort, name, host, target, profile, region }).filter(([, value]) => value !== undefined)) as unknown as OpenTunnelParams;
}

/** What a tunnel leads to, and with which identity: what consent is given to. */
export const identityOf = ({ host, port, target, profile, region }: OpenTunnelParams): string =>
  JSON.stringify([profile ?? '', region ?? '', host ?? '', port, target ?? '']);
