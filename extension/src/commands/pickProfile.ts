import * as vscode from 'vscode';
import { isCancelled, showError } from '../errors';
import type { Profile } from '../sidecar/contract';
import { signIn } from '../signIn';
import type { Services } from '../services';
import { back, pick, type Step } from '../ui/steps';
import { createProfile } from './createProfile';

function kindOf({ kind }: Profile): string {
  switch (kind) {
    case 'StaticKeys': return vscode.l10n.t('keys');
    case 'Sso': return 'IAM Identity Center';
    case 'AssumeRole':
    case 'WebIdentity': return vscode.l10n.t('role');
    case 'Process': return vscode.l10n.t('program');
    case 'Login': return 'aws login';
    case 'None': return vscode.l10n.t('no credentials');
  }
}

/** Asks for a profile, and signs in with it when that is needed; one can be made. */
export async function pickProfile(services: Services, { canGoBack = false, title = vscode.l10n.t('Open tunnel to RDS') } = {}): Promise<Step<Profile>> {
  for (;;) {
    const { profiles, ssoSessions, problems } = await services.sidecar.request('profile/list', undefined);
    for (const problem of problems) services.log.warn(problem.message);
    const create = { label: `$(add) ${vscode.l10n.t('New profile with IAM Identity Center…')}`, alwaysShow: true, profile: undefined };
    const usable = profiles.filter(profile => profile.problem === undefined);
    const picked = await pick<vscode.QuickPickItem & { profile: Profile | undefined }>({
      title, placeholder: usable.length === 0 ? vscode.l10n.t('No AWS profile was found') : vscode.l10n.t('AWS profile'), canGoBack,
      items: [
        ...usable.map(profile => ({
          label: profile.name,
          description: [kindOf(profile), profile.accountId, profile.roleName, profile.region].filter(text => text !== undefined).join(' · '),
          ...profile.needsSignIn ? { detail: `$(key) ${vscode.l10n.t('needs a sign-in')}` } : {},
          profile,
        })),
        ...profiles.flatMap(({ name, problem }) => problem === undefined ? [] : [{ label: `$(warning) ${name}`, detail: problem, profile: undefined }]),
        create,
      ],
      canChoose: item => item === create || item.profile !== undefined,
    });
    if (picked === undefined || picked === back) return picked;
    const profile = picked.profile ?? await createProfile(services, ssoSessions);
    if (profile === back) continue;
    if (profile?.needsSignIn !== true) return profile;
    try {
      await signIn(services, { profile: profile.name });
      return profile;
    } catch (error) {
      if (!isCancelled(error)) await showError(error, []);
      return undefined;
    }
  }
}
