// The sidecar's table; tests/vectors/endpoints.json shows that both read it alike.
import names from '../../../sidecar/Aws/Endpoints/endpoint-names.json';

/** What a name that AWS gave to a database says by itself. No region: a global name. No engine: such a name may stand for several. */
export interface DatabaseEndpoint {
  service: string;
  partition: string;
  region?: string;
  engine?: string;
}

interface ServiceNames {
  label: string;
  service: string;
  before?: string;
  first?: string;
  engine?: string;
}

const services: readonly ServiceNames[] = names.services;
const exceptions = new Map(Object.entries(names.regionsInShort.exceptions));
const directions = new Map(Object.entries(names.regionsInShort.directions));

/** As DNS compares hosts: case never matters, nor does the dot at the end of a complete name. */
export const normalizeHost = (host: string): string => (host.length > 1 && host.endsWith('.') ? host.slice(0, -1) : host).toLowerCase();

export const isSameHost = (one: string, other: string): boolean => normalizeHost(one) === normalizeHost(other);

/** Undefined for a name that AWS gives to no database. */
export function endpointOf(host: string): DatabaseEndpoint | undefined {
  const name = normalizeHost(host);
  for (const suffix of new Set(names.partitions.flatMap(partition => partition.suffixes))) {
    if (!name.endsWith(`.${suffix}`)) continue;
    const owner = name.slice(0, -suffix.length - 1).split('.');
    if (owner.length < 3 || !owner.every(label => /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/.test(label))) continue;
    const [last = '', end = ''] = owner.splice(-2);
    const endpoint = endpointAt(owner, last, end, suffix) ?? endpointAt(owner, end, last, suffix);
    if (endpoint !== undefined) return endpoint;
  }
  return undefined;
}

/** A name that AWS gives to databases. */
export const isAwsDatabase = (host: string): boolean => endpointOf(host) !== undefined;

/** The region that the name says, if it does. */
export const regionOf = (host: string): string | undefined => endpointOf(host)?.region;

/** @param place the region, or what stands in its place */
function endpointAt(owner: readonly string[], place: string, label: string, suffix: string): DatabaseEndpoint | undefined {
  const service = services.find(each => isOf(each, owner, label));
  const isGlobal = place === 'global' && owner.at(-1)?.startsWith('global-') === true;
  const region = /^[a-z]{2,4}(?:-[a-z]+){1,2}-[0-9]{1,2}$/.test(place) ? place : label === 'cache' ? regionOfShort(place) : undefined;
  if (service === undefined || (region === undefined && !isGlobal && label !== 'cache')) return undefined;
  // A suffix of two partitions, and no region to tell which: the public one, which comes last.
  const partition =
    region === undefined
      ? names.partitions.findLast(({ suffixes }) => suffixes.includes(suffix))
      : names.partitions.find(({ regionPrefix }) => region.startsWith(regionPrefix));
  if (partition?.suffixes.includes(suffix) !== true) return undefined;
  return {
    service: service.service,
    partition: partition.name,
    ...(region === undefined ? {} : { region }),
    ...(service.engine === undefined ? {} : { engine: service.engine }),
  };
}

function isOf(service: ServiceNames, owner: readonly string[], label: string): boolean {
  return (
    (service.label.endsWith('*') ? label.startsWith(service.label.slice(0, -1)) : label === service.label) &&
    owner.at(-1)?.startsWith(service.before ?? '') === true &&
    owner[0]?.startsWith(service.first ?? '') === true
  );
}

function regionOfShort(text: string): string | undefined {
  const [, country = '', direction = '', number = ''] = /^([a-z]{2})([a-z]{1,2})([0-9]{1,2})$/.exec(text) ?? [];
  const full = directions.get(direction);
  return exceptions.get(text) ?? (full === undefined ? undefined : `${country}-${full}-${number}`);
}
