import { requestFor } from './pickDatabase';
import { openPasswordless } from './openPasswordless';
import { openAndShow } from './openTunnel';
import { createProfile } from '../dialogs/createProfile';
import type { Tunnel } from '../sidecar/contract';
import type { Services } from '../services';
import { signIn } from '../dialogs/signIn';
import { listProfiles } from '../dialogs/profiles';
import { removeRegion } from '../state/regions';
import { copy } from '../ui/copy';
import { back } from '../ui/steps';
import type { DatabaseNode, JumpHostNode, ProfileNode, RegionNode } from '../views/databaseTree';

/** Through a jump host that is selected automatically, or through the chosen one. @param then what the user wanted the tunnel for */
export async function openDatabase(
  services: Services,
  node: DatabaseNode | JumpHostNode,
  then?: (tunnel: Tunnel) => Promise<void>,
): Promise<void> {
  const { database, profile } = node.kind === 'database' ? node : node.parent;
  await openAndShow(
    services,
    { ...requestFor(database, profile.name), ...(node.kind === 'database' ? {} : { target: node.jumpHost.target }) },
    { then },
  );
}

export const openDatabasePasswordless = (services: Services, { database, profile }: DatabaseNode): Promise<void> =>
  openPasswordless(services, requestFor(database, profile.name));

export const signInProfile = (services: Services, { profile }: ProfileNode): Promise<void> => signIn(services, { profile: profile.name });

/** @returns whether there is something new to see */
export async function addProfile(services: Services): Promise<boolean> {
  const { ssoSessions } = await listProfiles(services);
  const profile = await createProfile(services, ssoSessions);
  return profile !== undefined && profile !== back;
}

export const hideRegion = ({ globalMemory }: Services, { profile, region }: RegionNode): Promise<void> =>
  removeRegion(globalMemory, profile.name, region);

export const copyEndpoint = ({ database: { host, port } }: DatabaseNode): Promise<void> => copy(`${host}:${port}`);
