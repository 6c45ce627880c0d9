import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { codeOf, isCancelled, needsSignIn, traceOf, wordsOf } from '../errors';
import type { OpenTunnelParams } from '../sidecar/contract';
import type { Backend } from './backend';
import { signIn } from './signIn';
import { notify } from '../ui/notify';

/** A button, and what it does. */
export type Action = [label: string, run: () => unknown];

/** What failed: a tunnel, or something else that a profile was used for. */
export interface About {
  request?: OpenTunnelParams;
  profile?: string;
}

/** The next steps for what failed, the most promising first. */
export function helpFor(backend: Backend, code: string | undefined, { request, profile = request?.profile }: About): Action[] {
  const actions: Action[] = [];
  if (needsSignIn(code) && profile !== undefined) actions.push([vscode.l10n.t('Sign in'), () => signInOrTell(backend, profile)]);
  if (code === 'AccessDenied' || code === 'ChannelDenied')
    actions.push([vscode.l10n.t('Permissions'), () => vscode.commands.executeCommand('rdsTunnel.showPermissions')]);
  const ask = (): unknown => vscode.commands.executeCommand('rdsTunnel.requestAccess', request);
  if (code === 'AccessEnded' && request !== undefined) actions.push([vscode.l10n.t('Request again…'), ask]);
  // Whoever has requested it already is told why that did not help.
  if (code === 'AccessDenied' && request !== undefined && request.requestAccess === undefined)
    actions.push([vscode.l10n.t('Request access…'), ask]);
  if (code === 'ConfigurationInvalid' || code === 'RegionMissing' || code === 'CredentialsInvalid')
    actions.push([vscode.l10n.t('Open AWS config'), openAwsConfig]);
  // Nothing on the way to the database is at fault when this machine's port is.
  if (request !== undefined && code !== 'LocalPortInUse')
    actions.push([vscode.l10n.t('Check'), () => vscode.commands.executeCommand('rdsTunnel.checkTunnel', request)]);
  return [
    ...actions,
    [
      vscode.l10n.t('Show log'),
      () => {
        backend.log.show();
      },
    ],
  ];
}

/** Writes an error to the log, unless it is the sidecar's, which logs its own. @returns it in words for people */
export function logged({ log }: Pick<Backend, 'log'>, error: unknown): string {
  if (codeOf(error) === undefined) log.error(traceOf(error));
  return wordsOf(error);
}

/** Says what failed, and does what is pressed. */
export async function showFailure(message: string, actions: readonly Action[]): Promise<void> {
  const pressed = await notify.error(message, ...actions.map(([label]) => label));
  await actions.find(([label]) => label === pressed)?.[1]();
}

/** Says what failed, with {@link helpFor} as its buttons. The sidecar's messages are written for people. */
export async function tellFailure(backend: Backend, error: unknown, about: About = {}): Promise<void> {
  await showFailure(logged(backend, error), helpFor(backend, codeOf(error), about));
}

/** @returns whether the user is signed in now; what failed is shown */
export async function signInOrTell(backend: Backend, profile: string): Promise<boolean> {
  try {
    await signIn(backend, { profile });
    return true;
  } catch (error) {
    if (!isCancelled(error)) await tellFailure(backend, error, { profile });
    return false;
  }
}

export const awsConfigFile = (): string => process.env.AWS_CONFIG_FILE ?? `${homedir()}/.aws/config`;

const openAwsConfig = async (): Promise<void> => {
  await vscode.window.showTextDocument(vscode.Uri.file(awsConfigFile()));
};
