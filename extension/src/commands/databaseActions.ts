import { requestFor } from './pickDatabase';
import { openAndShow } from './openTunnel';
import { createProfile } from './createProfile';
import type { Services } from '../services';
import { signIn } from '../signIn';
import { removeRegion } from '../state/regions';
import { copy } from '../ui/copy';
import { back } from '../ui/steps';
import type { DatabaseNode, JumpHostNode, ProfileNode, RegionNode } from '../views/databaseTree';

/** To a database, through a jump host that is selected automatically, or through this one. */
export async function openDatabase(services: Services, node: DatabaseNode | JumpHostNode): Promise<void> {
  const { database, profile } = node.kind === 'database' ? node : node.parent;
  await openAndShow(services, { ...requestFor(database, profile.name), ...node.kind === 'database' ? {} : { target: node.jumpHost.target } });
}

export const signInProfile = (services: Services, { profile }: ProfileNode): Promise<void> => signIn(services, { profile: profile.name });

/** @returns whether there is something new to see */
export async function addProfile(services: Services): Promise<boolean> {
  const { ssoSessions } = await services.sidecar.request('profile/list', undefined);
  const profile = await createProfile(services, ssoSessions);
  return profile !== undefined && profile !== back;
}

export const hideRegion = ({ globalMemory }: Services, { profile, region }: RegionNode): Promise<void> => removeRegion(globalMemory, profile.name, region);

export const copyEndpoint = ({ database: { host, port } }: DatabaseNode): Promise<void> => copy(`${host}:${port}`);
