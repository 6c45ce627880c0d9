import type { Database, DatabaseRole, JumpHost, Tunnel, TunnelState } from '../sidecar/contract';

/** The icons of the editor's own set for each state. */
export const icons: Record<TunnelState, string> = {
  Listening: 'circle-outline',
  Opening: 'loading~spin',
  StartingJumpHost: 'loading~spin',
  Open: 'pass-filled',
  Reconnecting: 'sync~spin',
  NeedsSignIn: 'key',
  NeedsJumpHost: 'question',
  NeedsApproval: 'watch',
  Faulted: 'error',
  Closed: 'circle-slash',
};

/** What is told of several tunnels in one word: the state that most wants to be known. */
const order: TunnelState[] = [
  'NeedsSignIn',
  'NeedsJumpHost',
  'NeedsApproval',
  'Faulted',
  'StartingJumpHost',
  'Opening',
  'Reconnecting',
  'Open',
  'Listening',
];

export function worst(tunnels: Tunnel[]): TunnelState | undefined {
  return order.find(state => tunnels.some(tunnel => tunnel.state === state));
}

/** The editor's own icons: what keeps rows, what keeps documents or graphs, what keeps keys, what passes messages on. */
export function iconOf(engine: string): string {
  if (/redis|valkey|memcached/.test(engine)) return 'zap';
  if (/docdb/.test(engine)) return 'json';
  if (/neptune/.test(engine)) return 'type-hierarchy';
  if (/opensearch/.test(engine)) return 'search';
  if (/kafka|activemq|rabbitmq/.test(engine)) return 'mail';
  return 'database';
}

const roles: DatabaseRole[] = ['Instance', 'Writer', 'Reader', 'Custom', 'Proxy', 'Configuration'];

/** What belongs together stands together, and what is written to comes first. */
export const byName = (a: Database, b: Database): number =>
  a.name.localeCompare(b.name) || roles.indexOf(a.role) - roles.indexOf(b.role) || a.host.localeCompare(b.host);

/** orders, orders (reader) */
export const nameOf = ({ name, role }: Database): string =>
  role === 'Instance' || role === 'Writer' ? name : `${name} (${role.toLowerCase()})`;

/** Whether name, engine, host or tags contain all words of a filter. */
export function matches({ name, engine, host, tags }: Database, filter: string): boolean {
  const text = [name, engine, host, ...tags.map(({ key, value }) => `${key}=${value}`)].join('\n').toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word));
}

type Reason = JumpHost['reasons'][number];

const marks: Record<Reason['verdict'], string> = { For: '✓', Against: '✗', Unknown: '?' };

/** What speaks for a jump host, or against it. */
export const reasonText = ({ verdict, message }: Reason): string => `${marks[verdict]} ${message}`;

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** 1234567 → 1.2 MB */
export function bytes(count: number): string {
  let [value, unit] = [count, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 ? value.toFixed(0) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** Where a tunnel leads: the database, or the jump host itself. */
export const destination = (tunnel: Tunnel): string => `${tunnel.host ?? tunnel.target ?? ''}:${tunnel.port}`;
