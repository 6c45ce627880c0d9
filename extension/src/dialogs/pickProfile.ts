import * as vscode from 'vscode';
import type { Profile } from '../sidecar/contract';
import { listProfiles } from './profiles';
import { back, pick, type Position, type Step } from '../ui/steps';
import type { Backend } from './backend';
import { createProfile } from './createProfile';
import { signInOrTell } from './help';

function kindOf({ kind }: Profile): string {
  switch (kind) {
    case 'StaticKeys':
      return vscode.l10n.t('access keys');
    case 'Sso':
      return 'IAM Identity Center';
    case 'AssumeRole':
    case 'WebIdentity':
      return vscode.l10n.t('role');
    case 'Process':
      return vscode.l10n.t('credential process');
    case 'Login':
      return 'aws login';
    case 'None':
      return vscode.l10n.t('no credentials');
  }
}

/** Asks for a profile, and signs in if it needs that. A new one can be created. */
export async function pickProfile(
  backend: Backend,
  { title = vscode.l10n.t('Open tunnel'), ...at }: Partial<Position> & { canGoBack?: boolean; title?: string } = {},
): Promise<Step<Profile>> {
  for (;;) {
    const { profiles, ssoSessions, problems } = await listProfiles(backend);
    for (const problem of problems) backend.log.warn(problem.message);
    const create = {
      label: `$(add) ${vscode.l10n.t('Create an AWS profile…')}`,
      detail: vscode.l10n.t('Sign in with IAM Identity Center'),
      alwaysShow: true,
      profile: undefined,
    };
    const usable = profiles.filter(profile => profile.problem === undefined);
    const picked = await pick<vscode.QuickPickItem & { profile: Profile | undefined }>({
      ...at,
      title,
      placeholder:
        usable.length === 0 ? vscode.l10n.t('No AWS profile found. Create one to continue') : vscode.l10n.t('Choose an AWS profile'),
      items: [
        ...usable.map(profile => ({
          label: profile.name,
          description: [kindOf(profile), profile.accountId, profile.roleName, profile.region]
            .filter(text => text !== undefined)
            .join(' · '),
          ...(profile.needsSignIn ? { detail: `$(key) ${vscode.l10n.t('sign-in required')}` } : {}),
          profile,
        })),
        ...profiles.flatMap(({ name, problem }) =>
          problem === undefined ? [] : [{ label: `$(warning) ${name}`, detail: problem, profile: undefined }],
        ),
        create,
      ],
      canChoose: item => item === create || item.profile !== undefined,
    });
    if (picked === undefined || picked === back) return picked;
    const profile = picked.profile ?? (await createProfile(backend, ssoSessions));
    if (profile === back) continue;
    if (profile?.needsSignIn !== true) return profile;
    return (await signInOrTell(backend, profile.name)) ? profile : undefined;
  }
}
