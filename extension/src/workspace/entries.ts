import * as vscode from 'vscode';
import { isSameHost, normalizeHost } from '../state/endpoints';
import { tunnelRules, type OpenTunnelParams } from '../sidecar/contract';
import { problemOfReason } from './reason';

/** What is wrong with an entry, and with which of its fields, if it is one. */
export interface Problem {
  message: string;
  field?: string;
}

/** The fields of an entry, in the order in which they are judged. */
const fields = [
  'port',
  'localPort',
  'name',
  'host',
  'target',
  'profile',
  'region',
  'document',
  'reason',
  'socket',
  'login',
  'user',
  'secretId',
  'compress',
  'localTls',
  'localPassword',
  'startJumpHost',
  'requestAccess',
] as const;

/** What an entry says for other programs, beside the tunnel itself. */
const programFields = ['database', 'environment'] as const;

type Field = (typeof fields)[number] | (typeof programFields)[number];

/** A tunnel of settings or the team's file: `environment` is true, or what the names of variables begin with. */
export type NamedTunnel = OpenTunnelParams & { database?: string; environment?: boolean | string };

/** A tunnel whose database other programs are to find; `folder` where one folder's file alone says so. */
export interface ForPrograms {
  named: NamedTunnel;
  /** Where it listens, or did. */
  localPort: number | undefined;
  folder: vscode.WorkspaceFolder | undefined;
}

/** What the names of a tunnel's variables may begin with: no prefix makes another program's name of them. */
export const environmentPrefix = /^[A-Z][A-Z0-9_]{0,30}_$/;

const flags = ['socket', 'compress', 'localTls', 'localPassword', 'startJumpHost'] as const satisfies readonly Field[];

const isFlag = (field: Field): field is (typeof flags)[number] => (flags as readonly Field[]).includes(field);

/**
 * What is wrong with a field's value; undefined when nothing is. The rule is the sidecar's; a port
 * that is written down is a port, and not 0 for any.
 */
export function problemOfField(field: Field, value: unknown): string | undefined {
  if (field === 'port' || field === 'localPort') {
    const { minimum, maximum } = tunnelRules.port;
    return Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum
      ? undefined
      : vscode.l10n.t('"{0}" must be a number from {1} to {2}.', field, minimum, maximum);
  }
  if (field === 'environment')
    return typeof value === 'boolean' || (typeof value === 'string' && environmentPrefix.test(value))
      ? undefined
      : vscode.l10n.t('"environment" must be true, or a prefix such as ORDERS_.');
  if (isFlag(field)) return typeof value === 'boolean' ? undefined : vscode.l10n.t('"{0}" must be true or false.', field);
  if (typeof value !== 'string' || value === '') return vscode.l10n.t('"{0}" must be a non-empty string.', field);
  const { minLength, maxLength, pattern } = tunnelRules[field];
  if (value.length > maxLength) return vscode.l10n.t('"{0}" has {1} characters. Use at most {2}.', field, value.length, maxLength);
  if (value.length >= minLength && new RegExp(pattern).test(value)) return undefined;
  if (field === 'login') return vscode.l10n.t('"login" must be iam, secret or tls.');
  if (field === 'reason' || field === 'requestAccess') return problemOfReason(field, value);
  return field === 'document' ? problemOfDocument(value) : vscode.l10n.t('"{0}" contains a character that is not allowed.', field);
}

const problemOfDocument = (document: string): string =>
  document.includes(':') && !document.includes(' ')
    ? vscode.l10n.t('"document" must not include a version. Sessions always use the default version.')
    : vscode.l10n.t('"document" must be the name of a session document: 3 to 128 letters, digits and _ - .');

/** In the words of whoever wrote the entry; undefined when nothing is wrong. */
export function problemOf(entry: unknown): Problem | undefined {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return { message: vscode.l10n.t('A tunnel must be an object.') };
  const values = entry as Record<string, unknown>;
  for (const field of [...fields, ...programFields]) {
    const message = values[field] !== undefined || field === 'port' ? problemOfField(field, values[field]) : undefined;
    if (message !== undefined) return { field, message };
  }
  return values.host === undefined && values.target === undefined
    ? { message: vscode.l10n.t('"host" or "target" is required.') }
    : problemOfLogin(values);
}

/** What a login needs, and what is nothing without one. */
function problemOfLogin({ login, user, secretId, compress, localTls, localPassword, host }: Record<string, unknown>): Problem | undefined {
  if (login !== undefined && host === undefined) return { field: 'login', message: vscode.l10n.t('"login" requires "host".') };
  if (login === 'iam' && user === undefined)
    return { field: 'login', message: vscode.l10n.t('The login "{0}" requires "{1}".', 'iam', 'user') };
  if (login === 'secret' && secretId === undefined)
    return { field: 'login', message: vscode.l10n.t('The login "{0}" requires "{1}".', 'secret', 'secretId') };
  if (user !== undefined && login !== 'iam' && login !== 'secret')
    return { field: 'user', message: vscode.l10n.t('"{0}" is only for the logins "iam" and "secret".', 'user') };
  if (compress === true && login === undefined)
    return { field: 'compress', message: vscode.l10n.t('"{0}" is only for a tunnel with a login.', 'compress') };
  if (localPassword === true && login !== 'iam' && login !== 'secret')
    return { field: 'localPassword', message: vscode.l10n.t('"{0}" is only for the logins "iam" and "secret".', 'localPassword') };
  if (localTls === true && login !== 'iam' && login !== 'secret')
    return { field: 'localTls', message: vscode.l10n.t('"{0}" is only for the logins "iam" and "secret".', 'localTls') };
  return secretId !== undefined && login !== 'secret'
    ? { field: 'secretId', message: vscode.l10n.t('"secretId" is only for the login "secret".') }
    : undefined;
}

/** A tunnel of the settings, or of the file that a team shares; undefined when {@link problemOf} knows something. */
export function readEntry(entry: unknown): OpenTunnelParams | undefined {
  if (problemOf(entry) !== undefined) return undefined;
  const values = entry as OpenTunnelParams;
  // Nothing else is taken over: an endpoint of AWS, say, is no business of a file.
  return Object.fromEntries(
    fields.filter(field => values[field] !== undefined).map(field => [field, values[field]]),
  ) as unknown as OpenTunnelParams;
}

/** The same with what it says for other programs. */
export function readNamed(entry: unknown): NamedTunnel | undefined {
  const request = readEntry(entry);
  if (request === undefined) return undefined;
  const { database, environment } = entry as NamedTunnel;
  return {
    ...request,
    ...(database === undefined ? {} : { database }),
    ...(environment === undefined || environment === false ? {} : { environment }),
  };
}

/** The tunnel alone, as the sidecar takes it. */
export function requestOfNamed(named: NamedTunnel): OpenTunnelParams {
  const request = { ...named };
  delete request.database;
  delete request.environment;
  return request;
}

/** Whether it is the one for a host on a port of this computer. */
export const leadsTo = (entry: OpenTunnelParams | undefined, host: string, localPort: number | undefined): boolean =>
  entry?.host !== undefined && entry.localPort === localPort && isSameHost(entry.host, host);

/**
 * What a tunnel leads to, by which document, with which identity, and how it signs in. A host is
 * the same in any case, with a full stop at its end or without.
 */
export const identityOf = ({
  host,
  port,
  target,
  profile,
  region,
  document,
  login,
  user,
  secretId,
  compress,
  localTls,
  localPassword,
}: OpenTunnelParams): string =>
  JSON.stringify([
    profile ?? '',
    region ?? '',
    normalizeHost(host ?? ''),
    port,
    target ?? '',
    ...(document === undefined && login === undefined ? [] : [document ?? '']),
    ...(login === undefined
      ? []
      : [
          login,
          user ?? '',
          secretId ?? '',
          ...(compress === true ? ['compress'] : []),
          ...(localTls === true ? ['localTls'] : []),
          ...(localPassword === true ? ['localPassword'] : []),
        ]),
  ]);

/**
 * Everything that a tunnel does: what consent is given to. Where it listens is part of it, since a
 * tool that connects there trusts what answers.
 */
export const consentOf = (request: NamedTunnel): string =>
  JSON.stringify([
    identityOf(request),
    request.localPort ?? null,
    request.reason ?? null,
    ...(request.socket === true ? ['socket'] : []),
    ...(request.startJumpHost === true ? ['startJumpHost'] : []),
    ...(request.environment === undefined ? [] : ['environment', request.environment, request.database ?? '']),
    ...(request.requestAccess === undefined ? [] : ['requestAccess', request.requestAccess]),
  ]);

/** One that was remembered before hosts were compared as DNS does. */
export const identityOfRemembered = (identity: string): string => {
  const [profile, region, host, ...others] = JSON.parse(identity) as [string, string, string, ...unknown[]];
  return JSON.stringify([profile, region, normalizeHost(host), ...others]);
};
