import * as vscode from 'vscode';
import { isSameHost, normalizeHost } from '../databaseTools/endpoints';
import type { OpenTunnelParams } from '../sidecar/contract';
import { problemOfDocument } from './document';
import { problemOfReason } from './reason';

/** What is wrong with an entry, and with which of its fields, if it is one. */
export interface Problem { message: string; field?: string }

const isPort = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535;

const notAPort = (field: string): Problem => ({ field, message: vscode.l10n.t('"{0}" must be a number from 1 to 65535.', field) });

/** In the words of whoever wrote the entry; undefined when nothing is wrong. */
export function problemOf(entry: unknown): Problem | undefined {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return { message: vscode.l10n.t('A tunnel must be an object.') };
  const fields = entry as Record<string, unknown>;
  if (!isPort(fields.port)) return notAPort('port');
  if (fields.localPort !== undefined && !isPort(fields.localPort)) return notAPort('localPort');
  for (const field of ['name', 'host', 'target', 'profile', 'region', 'document', 'reason']) {
    if (fields[field] !== undefined && (typeof fields[field] !== 'string' || fields[field] === '')) return { field, message: vscode.l10n.t('"{0}" must be a non-empty string.', field) };
  }
  const document = typeof fields.document === 'string' ? problemOfDocument(fields.document) : undefined;
  if (document !== undefined) return { field: 'document', message: document };
  const reason = typeof fields.reason === 'string' ? problemOfReason(fields.reason) : undefined;
  if (reason !== undefined) return { field: 'reason', message: reason };
  return fields.host === undefined && fields.target === undefined ? { message: vscode.l10n.t('"host" or "target" is required.') } : undefined;
}

/** A tunnel of the settings, or of the file that a team shares; undefined when {@link problemOf} knows something. */
export function readEntry(entry: unknown): OpenTunnelParams | undefined {
  if (problemOf(entry) !== undefined) return undefined;
  const { port, localPort, name, host, target, profile, region, document, reason } = entry as OpenTunnelParams;
  // Nothing else is taken over: an endpoint of AWS, say, is no business of a file.
  return Object.fromEntries(Object.entries({ port, localPort, name, host, target, profile, region, document, reason }).filter(([, value]) => value !== undefined)) as unknown as OpenTunnelParams;
}

/** Whether it is the one for a host on a port of this computer. */
export const leadsTo = (entry: OpenTunnelParams | undefined, host: string, localPort: number | undefined): boolean =>
  entry?.host !== undefined && entry.localPort === localPort && isSameHost(entry.host, host);

/** What a tunnel leads to, by which document, and with which identity. A host is the same in any case, with a full stop at its end or without. */
export const identityOf = ({ host, port, target, profile, region, document }: OpenTunnelParams): string =>
  JSON.stringify([profile ?? '', region ?? '', normalizeHost(host ?? ''), port, target ?? '', ...document === undefined ? [] : [document]]);

/** Everything that a tunnel does: what consent is given to. Where it listens is part of it, since a tool that connects there trusts what answers. */
export const consentOf = (request: OpenTunnelParams): string =>
  JSON.stringify([identityOf(request), request.localPort ?? null, request.reason ?? null]);

/** One that was remembered before hosts were compared as DNS does. */
export const identityOfRemembered = (identity: string): string => {
  const [profile, region, host, ...others] = JSON.parse(identity) as [string, string, string, ...unknown[]];
  return JSON.stringify([profile, region, normalizeHost(host), ...others]);
};
