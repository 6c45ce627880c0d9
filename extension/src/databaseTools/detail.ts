import type { OpenTunnelParams, Tunnel } from '../sidecar/contract';
import type { Login } from '../state/login';

/** One way to tell a program where the database is; none of them holds a password. */
export interface Detail {
  name: string;
  text: string;
}

/** In a list of them: this one, if it can be written. */
export const only = (canBe: boolean, detail: Detail): Detail[] => (canBe ? [detail] : []);

/** What is known of a database beside its tunnel. `authority` is the file with the authorities of AWS's databases. */
export interface DatabaseFacts {
  engine: string;
  authority: string;
  user?: string | undefined;
  database?: string | undefined;
}

/** A database, and the port of this machine that leads to it; also how that was asked for, as far as it is known. */
export type Way = Partial<Pick<OpenTunnelParams, 'target' | 'document' | 'reason' | 'startJumpHost' | 'requestAccess'>> &
  Pick<Tunnel, 'name' | 'host' | 'port' | 'localPort' | 'profile' | 'region' | keyof Login>;

/** A database as the forms need it. */
export interface Target {
  name: string;
  host: string;
  localPort: number;
  authority: string;
  user: string;
  database: string;
}
