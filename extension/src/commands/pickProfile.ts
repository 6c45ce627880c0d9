import * as vscode from 'vscode';
import { isCancelled, showError } from '../errors';
import type { Profile } from '../sidecar/contract';
import { signIn } from '../signIn';
import type { Services } from '../services';

const kinds: Record<Profile['kind'], string> = {
  StaticKeys: 'keys', Sso: 'IAM Identity Center', AssumeRole: 'role', WebIdentity: 'role', Process: 'program', Login: 'aws login', None: 'no credentials',
};

/** Asks for a profile, and signs in with it when that is needed. */
export async function pickProfile(services: Services): Promise<Profile | undefined> {
  const { profiles, problems } = await services.sidecar.request('profile/list', undefined);
  for (const problem of problems) services.log.warn(problem.message);
  const usable = profiles.filter(profile => profile.problem === undefined);
  if (usable.length === 0) {
    const openSettings = vscode.l10n.t('How to set one up');
    const pressed = await vscode.window.showWarningMessage(
      [vscode.l10n.t('No usable AWS profile was found in ~/.aws/config.'), ...profiles.flatMap(profile => profile.problem ?? [])].join(' '), openSettings);
    if (pressed === openSettings) {
      await vscode.env.openExternal(vscode.Uri.parse('https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html'));
    }
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(
    usable.map(profile => ({
      label: profile.name,
      description: [kinds[profile.kind], profile.accountId, profile.roleName, profile.region].filter(text => text !== undefined).join(' · '),
      ...profile.needsSignIn ? { detail: `$(key) ${vscode.l10n.t('needs a sign-in')}` } : {},
      profile,
    })),
    { title: vscode.l10n.t('Open tunnel to RDS'), placeHolder: vscode.l10n.t('AWS profile'), matchOnDescription: true });
  if (picked?.profile.needsSignIn !== true) return picked?.profile;
  try {
    await signIn(services, { profile: picked.profile.name });
  } catch (error) {
    if (!isCancelled(error)) await showError(error, []);
    return undefined;
  }
  return picked.profile;
}
