import { randomBytes } from 'node:crypto';
import type * as vscode from 'vscode';
import { normalizeHost } from '../state/endpoints';
import type { OpenTunnelParams } from '../sidecar/contract';

/** By what the tunnel signs in to: a tool that has saved it knows nothing of profiles and jump hosts. */
const keyOf = ({ host = '', port, login = '', user = '', secretId = '' }: OpenTunnelParams): string =>
  `localPassword:${JSON.stringify([normalizeHost(host), port, login, user, secretId])}`;

/** Being made, by key: two openings at once get the same one. */
const making = new Map<string, Promise<string>>();

/**
 * The password that tools give to a tunnel, made when it is first needed, and kept in the editor's
 * secret storage: it is the same the next time, and in other windows.
 */
export function localPasswordOf(secrets: vscode.SecretStorage, request: OpenTunnelParams): Promise<string> {
  const key = keyOf(request);
  const known = making.get(key);
  if (known !== undefined) return known;
  const read = readOrMake(secrets, key).finally(() => {
    making.delete(key);
  });
  making.set(key, read);
  return read;
}

/** The same request, with the password that it needs. It goes to the sidecar, and is remembered nowhere else. */
export const withLocalPassword = async (secrets: vscode.SecretStorage, request: OpenTunnelParams): Promise<OpenTunnelParams> =>
  request.localPassword === true ? { ...request, localPasswordText: await localPasswordOf(secrets, request) } : request;

async function readOrMake(secrets: vscode.SecretStorage, key: string): Promise<string> {
  const kept = await secrets.get(key);
  if (kept !== undefined) return kept;
  const made = randomBytes(24).toString('base64url');
  await secrets.store(key, made);
  // Another window may have made one at the same moment.
  return (await secrets.get(key)) ?? made;
}
