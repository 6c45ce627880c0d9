import type { Detail, Way } from './detail';

/** As long as a sign-in may take. */
const readyTimeoutMs = 120_000;

/**
 * An entry of DBCode's setting `dbcode.tunnels`: a command that it starts with a connection and
 * ends with it. DBCode fills in what stands in braces:
 * the connection keeps the database's own host and port, and needs no port that is there for good.
 */
export function dbcodeTunnel({
  name,
  host = '',
  target,
  profile,
  region,
  document,
  reason,
  login,
  user,
  secretId,
  compress,
  localTls,
  startJumpHost,
  requestAccess,
}: Way): Detail {
  const options = { target, profile, region, document, reason, login, user, 'secret-id': secretId, 'request-access': requestAccess };
  const args = [
    'open --host {remoteHost} --port {remotePort} --local-port {localPort}',
    ...Object.entries(options).flatMap(([option, value]) => (value === undefined ? [] : [`--${option} ${word(value)}`])),
    ...(compress === true ? ['--compress'] : []),
    ...(localTls === true ? ['--local-tls'] : []),
    ...(startJumpHost === true ? ['--start-jump-host'] : []),
  ].join(' ');
  const entry = {
    id: `rds-tunnel:${profile ?? ''}:${host}`,
    type: 'command',
    name: `${name} (RDS Tunnel)`,
    command: 'rds-tunnel',
    args,
    readyPattern: 'Listening on',
    readyTimeout: readyTimeoutMs,
  };
  return { name: 'DBCode (entry of dbcode.tunnels)', text: JSON.stringify(entry, undefined, 2) };
}

const word = (text: string): string => (/\s/.test(text) ? `"${text}"` : text);
