import { join, parse, valueOf, withOptions } from './connectionString';
import type { Entry, Route } from './tool';

/**
 * What node-postgres reads from a connection string beside the way: there it goes before all other
 * options, and has no place for the name to verify.
 */
const tlsOptions = ['ssl', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const;

/** A connection string of node-postgres led to this machine, and its options of TLS as an object; undefined where it asks for none. */
export function routedString(text: string, { localPort }: Route): { text: string; ssl: Entry | undefined } | undefined {
  const parts = parse(text);
  if (parts?.separator !== '&') return undefined;
  const [ssl, mode, ca, cert, key] = tlsOptions
    .map(name => valueOf(parts, name))
    .map(value => (value === undefined ? undefined : decodeURIComponent(value)));
  const isOff = mode === 'disable' || ssl === 'false' || ssl === '0';
  const isAsked = !isOff && [ssl, mode, ca, cert, key].some(value => value !== undefined);
  return {
    text: join({ ...withOptions(parts, Object.fromEntries(tlsOptions.map(name => [name, undefined]))), hosts: `127.0.0.1:${localPort}` }),
    ssl: isAsked
      ? {
          rejectUnauthorized: mode !== 'no-verify' && ssl !== 'no-verify',
          ...(ca === undefined ? {} : { ca }),
          ...(cert === undefined ? {} : { cert }),
          ...(key === undefined ? {} : { key }),
        }
      : undefined,
  };
}
