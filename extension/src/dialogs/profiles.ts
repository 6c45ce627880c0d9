import type { ProfileList, SsoSession } from '../sidecar/contract';
import { setContext } from '../ui/contexts';
import type { Backend } from './backend';

/** The profiles and sign-ins of this computer. What is signed in decides which commands are shown. */
export async function listProfiles({ sidecar }: Pick<Backend, 'sidecar'>): Promise<ProfileList> {
  const list = await sidecar.request('profile/list', undefined);
  noteSignIns(list.ssoSessions);
  return list;
}

export function noteSignIns(sessions: readonly SsoSession[]): void {
  setContext('isSignedOut', !sessions.some(session => session.isSignedIn));
}
