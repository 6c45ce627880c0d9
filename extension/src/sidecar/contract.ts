// The contract with the sidecar, as docs/rpc.md says it; a test compares the two.

export const protocolVersion = 1;

export interface Implementation { name: string; version: string }

export interface Capabilities { maxMessageBytes: number; maxConcurrentRequests: number }

export interface InitializeResult { serverInfo: Implementation; protocolVersion: number; capabilities: Capabilities }

export type TunnelState = 'Listening' | 'Opening' | 'Open' | 'Reconnecting' | 'NeedsSignIn' | 'NeedsJumpHost' | 'Faulted' | 'Closed';

export interface Fault { code: string; message: string }

export interface Statistics {
  connectionsNow: number;
  connectionsTotal: number;
  bytesUp: number;
  bytesDown: number;
  retransmissions: number;
  resumes: number;
  sessionsNow: number;
  sessionsTotal: number;
  roundTripTimeMilliseconds?: number;
}

export interface Tunnel {
  id: string;
  name: string;
  port: number;
  localPort: number;
  maxSessions: number;
  state: TunnelState;
  statistics: Statistics;
  target?: string;
  host?: string;
  profile?: string;
  region?: string;
  endpointUrl?: string;
  fault?: Fault;
  lastReset?: Fault;
}

export interface OpenTunnelParams {
  port: number;
  target?: string;
  host?: string;
  localPort?: number;
  name?: string;
  profile?: string;
  region?: string;
  document?: string;
  reason?: string;
  openNow?: boolean;
}

export type ProfileKind = 'StaticKeys' | 'Sso' | 'AssumeRole' | 'WebIdentity' | 'Process' | 'Login' | 'None';

export interface Profile {
  name: string;
  kind: ProfileKind;
  needsSignIn: boolean;
  region?: string;
  ssoSession?: string;
  ssoStartUrl?: string;
  accountId?: string;
  roleName?: string;
  problem?: string;
}

export interface SsoSession { startUrl: string; region: string; isSignedIn: boolean; name?: string; expiresAt?: string; isShared?: boolean }

export interface ProfileList {
  profiles: Profile[];
  ssoSessions: SsoSession[];
  problems: { file: string; line: number; message: string; key?: string }[];
}

export interface SsoReference { profile?: string; ssoSession?: string; startUrl?: string; region?: string }

export type SignInFlow = 'Auto' | 'AuthorizationCode' | 'DeviceCode';

export interface SsoAccount { accountId: string; accountName: string; emailAddress?: string }

export interface NewProfile { name: string; sso: SsoReference; accountId: string; roleName: string; region: string }

export interface AuthorizationRequest { startUrl: string; flow: SignInFlow; url: string; expiresAt: string; userCode?: string }

export interface Scope { profile?: string; region?: string }

/** What of a tunnel, or of a request for one, says who asks and where. */
export const scopeOf = ({ profile, region }: Scope): Scope => ({ ...profile === undefined ? {} : { profile }, ...region === undefined ? {} : { region } });

export type DatabaseService =
  'Rds' | 'RdsProxy' | 'DocumentDb' | 'Neptune' | 'ElastiCache' | 'Redshift' | 'MemoryDb' | 'OpenSearch' | 'AmazonMq' | 'Msk' | 'Dsql' | 'Dms';

export type DatabaseRole = 'Instance' | 'Writer' | 'Reader' | 'Custom' | 'Proxy' | 'Configuration';

export interface Database {
  id: string;
  name: string;
  service: DatabaseService;
  role: DatabaseRole;
  engine: string;
  host: string;
  port: number;
  region: string;
  securityGroupIds: string[];
  subnetIds: string[];
  tags: { key: string; value: string }[];
  profile?: string;
  accountId?: string;
  engineVersion?: string;
  status?: string;
  cluster?: string;
  vpcId?: string;
  databaseName?: string;
  masterUserName?: string;
  masterSecretArn?: string;
  supportsIamAuthentication?: boolean;
  isPublic?: boolean;
}

export interface DiscoveryFailure { action: string; code: string; message: string; profile?: string; region?: string }

export interface JumpHost {
  target: string;
  isUsable: boolean;
  isSuitable: boolean;
  isOnline: boolean;
  reasons: { criterion: string; verdict: 'For' | 'Against' | 'Unknown'; message: string }[];
  tags: { key: string; value: string }[];
  name?: string;
  agentVersion?: string;
  platform?: string;
  vpcId?: string;
  privateIpAddress?: string;
}

export interface JumpHostList { jumpHosts: JumpHost[]; failures: DiscoveryFailure[]; recommended?: string; chosen?: string; advice?: string }

export type LogLevel = 'Trace' | 'Debug' | 'Information' | 'Warning' | 'Error' | 'Critical' | 'None';

/** A password. `hint`: why the database may refuse it. */
export interface IamToken { token: string; expiresAt: string; host: string; region: string; hint?: string }

export interface DatabaseSecret { password: string; userName?: string; host?: string; port?: number; databaseName?: string }

export type CheckStepName = 'Credentials' | 'Identity' | 'Target' | 'Network' | 'Permission' | 'Channel' | 'Session' | 'Connection' | 'Certificate';

export type CheckOutcome = 'Passed' | 'Failed' | 'Unknown';

export interface CheckStep { name: CheckStepName; outcome: CheckOutcome; message: string; advice?: string }

/** Method → its parameters and its result. */
export interface Methods {
  'tunnel/open': [OpenTunnelParams, Tunnel];
  'tunnel/warmUp': [{ id: string }, null];
  'tunnel/close': [{ id: string }, null];
  'tunnel/check': [{ tunnel: OpenTunnelParams; token?: string }, { steps: CheckStep[] }];
  'profile/list': [undefined, ProfileList];
  'profile/create': [NewProfile, Profile];
  'sso/listAccounts': [{ session: SsoReference }, { accounts: SsoAccount[] }];
  'sso/listRoles': [{ session: SsoReference; accountId: string }, { roleNames: string[] }];
  'sso/signIn': [{ session: SsoReference; flow?: SignInFlow; token?: string }, SsoSession];
  'sso/signOut': [{ session: SsoReference }, null];
  'mfa/answer': [{ id: string; code?: string }, null];
  'database/list': [{ token: string; scopes: Scope[]; refresh?: boolean }, { databases: number; failures: number }];
  'jumpHost/list': [{ database: { host: string; port: number; vpcId?: string; securityGroupIds?: string[] }; scope: Scope }, JumpHostList];
  'jumpHost/choose': [{ scope: Scope; host: string; port: number; target?: string }, null];
  'password/createIamToken': [{ scope: Scope; host: string; port: number; user: string }, IamToken];
  'password/readSecret': [{ scope: Scope; secretId: string }, DatabaseSecret];
  'log/setLevel': [{ level: LogLevel }, null];
}

/** Notification of the sidecar → its parameters. */
export interface Notifications {
  'tunnel/stateChanged': { tunnel: Tunnel };
  'tunnel/statistics': { id: string; statistics: Statistics };
  'tunnel/checkStep': { token: string; step: CheckStep };
  'sso/authorizationRequested': { request: AuthorizationRequest; token?: string };
  'mfa/requested': { id: string; profile: string; serialNumber: string };
  'database/found': { token: string; databases: Database[]; failure?: DiscoveryFailure };
  'log': { level: LogLevel; category: string; eventId: number; message: string; time: string; exception?: string; dropped?: number };
}
