// Generated from the sidecar's records by `npm run contract`. docs/rpc.md says what each field means.

export const protocolVersion = 2;

export type LogLevel =
  'Trace' | 'Debug' | 'Information' | 'Warning' | 'Error' | 'Critical' | 'None';

export type TunnelState =
  'Listening' | 'Opening' | 'StartingJumpHost' | 'Open' | 'Reconnecting' | 'NeedsSignIn' | 'NeedsJumpHost' | 'NeedsApproval' | 'Faulted' | 'Closed';

export type CheckStepName =
  'Credentials' | 'Identity' | 'Target' | 'Network' | 'Permission' | 'Channel' | 'Session' | 'Connection' | 'Certificate';

export type CheckOutcome =
  'Passed' | 'Failed' | 'Unknown';

export type DatabaseKind =
  'Postgres' | 'MySql' | 'Redis' | 'MongoDb' | 'SqlServer' | 'Other';

export type ProfileKind =
  'StaticKeys' | 'Sso' | 'AssumeRole' | 'WebIdentity' | 'Process' | 'Login' | 'None';

export type SignInFlow =
  'Auto' | 'AuthorizationCode' | 'DeviceCode';

export type DatabaseService =
  'Rds' | 'RdsProxy' | 'DocumentDb' | 'Neptune' | 'ElastiCache' | 'Redshift' | 'MemoryDb' | 'OpenSearch' | 'AmazonMq' | 'Msk' | 'Dsql' | 'Dms';

export type DatabaseRole =
  'Instance' | 'Writer' | 'Reader' | 'Custom' | 'Proxy' | 'Configuration';

export type AwsErrorCode =
  'CredentialsMissing' | 'CredentialsExpired' | 'CredentialsInvalid' | 'RegionMissing' | 'ConfigurationInvalid' | 'AccessDenied' | 'TargetNotConnected' | 'InvalidDocument' | 'InvalidRequest' | 'InvalidAddress' | 'Throttled' | 'Unreachable' | 'ServiceFault' | 'CredentialsUnavailable' | 'ChannelDenied' | 'AccessPending' | 'AccessEnded';

export type JumpHostCriterion =
  'Online' | 'AgentVersion' | 'Network' | 'SecurityGroups' | 'Tag' | 'Experience';

export type Verdict =
  'For' | 'Against' | 'Unknown';

export type AgentConsent =
  'Confirmed' | 'Agreed' | 'Declined';

/** Errors of the protocol. */
export type RpcErrorCode =
  'RequestCancelled' | 'ParseError' | 'InternalError' | 'InvalidParams' | 'MethodNotFound' | 'InvalidRequest' | 'ProtocolVersionMismatch' | 'ServerBusy' | 'ServerNotInitialized';

/** Errors of tunnels, and of AWS. */
export type TunnelErrorCode =
  'InvalidRequest' | 'NotFound' | 'LocalPortInUse' | 'LocalPortDenied' | 'CredentialsMissing' | 'CredentialsExpired' | 'CredentialsInvalid' | 'RegionMissing' | 'ConfigurationInvalid' | 'AccessDenied' | 'TargetNotConnected' | 'InvalidDocument' | 'ServiceRefused' | 'Throttled' | 'ServiceUnreachable' | 'ServiceFault' | 'CredentialsUnavailable' | 'AccessPending' | 'AccessEnded' | 'DataChannelUnreachable' | 'HandshakeTimeout' | 'HandshakeRefused' | 'AgentProtocolError' | 'AgentUnresponsive' | 'SessionEnded' | 'TargetUnreachable' | 'SlowReader' | 'NoJumpHost' | 'ChannelDenied' | 'JumpHostChoiceNeeded' | 'HostForbidden' | 'ChannelRefused' | 'WriterChanged' | 'LoginFailed' | 'InternalError';

export interface InitializeParams {
  clientInfo: Implementation;
  protocolVersion: number;
  logLevel?: LogLevel;
  parentProcessId?: number;
}

export interface Implementation {
  name: string;
  version: string;
}

export interface InitializeResult {
  serverInfo: Implementation;
  protocolVersion: number;
  capabilities: Capabilities;
}

export interface Capabilities {
  maxMessageBytes: number;
  maxConcurrentRequests: number;
}

export interface ShutdownResult {
  tunnelsOfOthers: number;
}

export interface OpenTunnelParams {
  port: number;
  target?: string;
  host?: string;
  localPort?: number;
  name?: string;
  profile?: string;
  region?: string;
  endpointUrl?: string;
  openNow?: boolean;
  maxSessions?: number;
  jumpHostTag?: string;
  reason?: string;
  document?: string;
  login?: string;
  user?: string;
  secretId?: string;
  compress?: boolean;
  socket?: boolean;
  localPassword?: boolean;
  localPasswordText?: string;
  localTls?: boolean;
  startJumpHost?: boolean;
  requestAccess?: string;
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
  jumpHostName?: string;
  jumpHostReasons?: string[];
  writer?: string;
  windows?: number;
  login?: string;
  user?: string;
  secretId?: string;
  compress?: boolean;
  socketPath?: string;
  localPassword?: boolean;
  localTls?: boolean;
  certificatePath?: string;
  nodes?: Node[];
  agentReason?: string;
  startJumpHost?: boolean;
  progress?: string;
  requestAccess?: string;
  accessRequestId?: string;
}

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

export interface Fault {
  code: TunnelErrorCode;
  message: string;
}

export interface Node {
  host: string;
  port: number;
  localPort: number;
}

export interface TunnelParams {
  id: string;
}

export interface ListTunnelsResult {
  tunnels: Tunnel[];
}

export interface CheckTunnelParams {
  tunnel: OpenTunnelParams;
  progressToken?: string;
}

export interface CheckTunnelResult {
  steps: CheckStep[];
}

export interface CheckStep {
  name: CheckStepName;
  outcome: CheckOutcome;
  message: string;
  advice?: string;
}

export interface TunnelVariablesParams {
  id: string;
  kind?: DatabaseKind;
  user?: string;
  database?: string;
  offersTls?: boolean;
  wait?: boolean;
}

export interface TunnelVariables {
  variables: EnvironmentVariable[];
  offersTls?: boolean;
}

export interface EnvironmentVariable {
  name: string;
  value?: string;
}

export interface ProfileList {
  profiles: Profile[];
  ssoSessions: SsoSession[];
  problems: ConfigurationProblem[];
}

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

export interface SsoSession {
  startUrl: string;
  region: string;
  isSignedIn: boolean;
  name?: string;
  expiresAt?: string;
  isShared?: boolean;
}

export interface ConfigurationProblem {
  file: string;
  line: number;
  message: string;
  key?: string;
}

export interface NewProfile {
  name: string;
  sso: SsoReference;
  accountId: string;
  roleName: string;
  region: string;
}

export interface SsoReference {
  profile?: string;
  ssoSession?: string;
  startUrl?: string;
  region?: string;
}

export interface SignInParams {
  session: SsoReference;
  flow?: SignInFlow;
  progressToken?: string;
}

export interface AuthorizationRequest {
  startUrl: string;
  flow: SignInFlow;
  url: string;
  expiresAt: string;
  userCode?: string;
}

export interface SsoParams {
  session: SsoReference;
}

export interface ListAccountsResult {
  accounts: SsoAccount[];
}

export interface SsoAccount {
  accountId: string;
  accountName: string;
  emailAddress?: string;
}

export interface ListRolesParams {
  session: SsoReference;
  accountId: string;
}

export interface ListRolesResult {
  roleNames: string[];
}

export interface ListDatabasesParams {
  scopes: Scope[];
  refresh?: boolean;
  progressToken?: string;
}

export interface Scope {
  profile?: string;
  region?: string;
  endpointUrl?: string;
}

export interface ListDatabasesResult {
  databases: number;
  failures: number;
}

export interface DatabasesFound {
  databases: Database[];
  failure?: DiscoveryFailure;
}

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
  tags: Tag[];
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

export interface Tag {
  key: string;
  value: string;
}

export interface DiscoveryFailure {
  action: string;
  code: AwsErrorCode;
  message: string;
  profile?: string;
  region?: string;
}

export interface ListJumpHostsParams {
  database: DatabaseAddress;
  scope: Scope;
  jumpHostTag?: string;
  refresh?: boolean;
}

export interface DatabaseAddress {
  host: string;
  port: number;
  vpcId?: string;
  securityGroupIds?: string[];
}

export interface JumpHostList {
  jumpHosts: JumpHost[];
  failures: DiscoveryFailure[];
  recommended?: string;
  chosen?: string;
  advice?: string;
  startable?: string;
}

export interface JumpHost {
  target: string;
  isUsable: boolean;
  isSuitable: boolean;
  isOnline: boolean;
  reasons: JumpHostReason[];
  tags: Tag[];
  name?: string;
  agentVersion?: string;
  platform?: string;
  vpcId?: string;
  privateIpAddress?: string;
  canStart?: boolean;
}

export interface JumpHostReason {
  criterion: JumpHostCriterion;
  verdict: Verdict;
  message: string;
}

export interface ChooseJumpHostParams {
  scope: Scope;
  host: string;
  port: number;
  target?: string;
}

export interface CreateIamTokenParams {
  scope: Scope;
  host: string;
  port: number;
  user: string;
}

export interface IamToken {
  token: string;
  expiresAt: string;
  host: string;
  region: string;
  hint?: string;
}

export interface ListSecretsParams {
  scope: Scope;
}

export interface ListSecretsResult {
  secrets: SecretName[];
}

export interface SecretName {
  arn: string;
  name: string;
  description?: string;
}

export interface ReadSecretParams {
  scope: Scope;
  secretId: string;
}

export interface DatabaseSecret {
  password: string;
  userName?: string;
  host?: string;
  port?: number;
  databaseName?: string;
}

export interface CallAgentToolParams {
  tool: string;
  client: string;
  arguments?: string;
  question?: string;
  consent?: AgentConsent;
}

export interface CallAgentToolResult {
  answer?: string;
  error?: string;
  question?: string;
  needsDialog?: boolean;
}

export interface SetLogLevelParams {
  level: LogLevel;
}

export interface AskMfaCodeParams {
  profile: string;
  serialNumber: string;
}

export interface MfaCode {
  code?: string;
}

export interface StateChangedParams {
  tunnel: Tunnel;
}

export interface StatisticsParams {
  id: string;
  statistics: Statistics;
}

export interface LogParams {
  level: LogLevel;
  category: string;
  eventId: number;
  message: string;
  time: string;
  exception?: string;
  dropped?: number;
}

export interface RpcError {
  code: number;
  message: string;
  data: ErrorData;
}

export interface ErrorData {
  code: string;
  field?: string;
}

/** What the fields of a tunnel have to be, as JSON schemas say it. */
export const tunnelRules = {
  name: { type: 'string', minLength: 1, maxLength: 256, pattern: '^(?=.*\\S)[^\\x00-\\x1f\\x7f-\\x9f]+$' },
  host: { type: 'string', minLength: 1, maxLength: 253, pattern: '^\\s*[^\\s\\x00-\\x1f\\x7f-\\x9f]+\\s*$' },
  port: { type: 'integer', minimum: 1, maximum: 65535 },
  localPort: { type: 'integer', minimum: 0, maximum: 65535 },
  target: { type: 'string', minLength: 1, maxLength: 400, pattern: '^[^\\s\\x00-\\x1f\\x7f-\\x9f]+$' },
  startJumpHost: { type: 'boolean' },
  requestAccess: { type: 'string', minLength: 1, maxLength: 1024, pattern: '^(?:[^$]|\\$(?!\\{)|\\$\\{(?:name|host|port|target|localPort|profile|region|user|machine)\\})+$' },
  profile: { type: 'string', minLength: 1, maxLength: 256, pattern: '^(?=.*\\S)[^\\x00-\\x1f\\x7f-\\x9f]+$' },
  region: { type: 'string', minLength: 1, maxLength: 64, pattern: '^[a-z0-9-]+$' },
  document: { type: 'string', minLength: 3, maxLength: 128, pattern: '^(?:[A-Za-z0-9_./-]+|arn:aws[A-Za-z0-9-]*:ssm:[A-Za-z0-9-]*:[0-9]*:document/[A-Za-z0-9_./-]+)$' },
  reason: { type: 'string', minLength: 1, maxLength: 1024, pattern: '^(?:[^$]|\\$(?!\\{)|\\$\\{(?:name|host|port|target|localPort|profile|region|user|machine)\\})+$' },
  socket: { type: 'boolean' },
  login: { type: 'string', minLength: 3, maxLength: 6, pattern: '^(?:iam|secret|tls)$' },
  user: { type: 'string', minLength: 1, maxLength: 128, pattern: '^(?=.*\\S)[^\\x00-\\x1f\\x7f-\\x9f]+$' },
  database: { type: 'string', minLength: 1, maxLength: 128, pattern: '^(?=.*\\S)[^\\x00-\\x1f\\x7f-\\x9f]+$' },
  secretId: { type: 'string', minLength: 1, maxLength: 2048, pattern: '^[^\\s\\x00-\\x1f\\x7f-\\x9f]+$' },
  compress: { type: 'boolean' },
  localTls: { type: 'boolean' },
  localPassword: { type: 'boolean' },
  localPasswordText: { type: 'string', minLength: 16, maxLength: 128, pattern: '^[!-~]{16,128}$' },
  jumpHostTag: { type: 'string', minLength: 1, maxLength: 128, pattern: '^(?=.*\\S)[^\\x00-\\x1f\\x7f-\\x9f]+$' },
  maxSessions: { type: 'integer', minimum: 1, maximum: 16 },
  endpointUrl: { type: 'string', minLength: 1, maxLength: 2048, pattern: '^[^\\s\\x00-\\x1f\\x7f-\\x9f]+$' },
} as const;

/** What a reason's template may name. */
export const reasonPlaceholders = ['name', 'host', 'port', 'target', 'localPort', 'profile', 'region', 'user', 'machine'];

/** Method → its parameters and its result. */
export interface Methods {
  'initialize': [InitializeParams, InitializeResult];
  'shutdown': [undefined, ShutdownResult];
  'tunnel/open': [OpenTunnelParams, Tunnel];
  'tunnel/warmUp': [TunnelParams, null];
  'tunnel/close': [TunnelParams, null];
  'tunnel/list': [undefined, ListTunnelsResult];
  'tunnel/check': [CheckTunnelParams, CheckTunnelResult];
  'tunnel/variables': [TunnelVariablesParams, TunnelVariables];
  'profile/list': [undefined, ProfileList];
  'profile/create': [NewProfile, Profile];
  'sso/signIn': [SignInParams, SsoSession];
  'sso/signOut': [SsoParams, null];
  'sso/listAccounts': [SsoParams, ListAccountsResult];
  'sso/listRoles': [ListRolesParams, ListRolesResult];
  'database/list': [ListDatabasesParams, ListDatabasesResult];
  'jumpHost/list': [ListJumpHostsParams, JumpHostList];
  'jumpHost/choose': [ChooseJumpHostParams, null];
  'password/createIamToken': [CreateIamTokenParams, IamToken];
  'password/listSecrets': [ListSecretsParams, ListSecretsResult];
  'password/readSecret': [ReadSecretParams, DatabaseSecret];
  'agent/call': [CallAgentToolParams, CallAgentToolResult];
  'log/setLevel': [SetLogLevelParams, null];
}

/** Method → what its progress is told with. */
export interface Progress {
  'tunnel/check': CheckStep;
  'sso/signIn': AuthorizationRequest;
  'database/list': DatabasesFound;
}

/** What the sidecar asks → its parameters and the answer. */
export interface Questions {
  'mfa/askCode': [AskMfaCodeParams, MfaCode];
}

/** Notification of the sidecar → its parameters. */
export interface Notifications {
  'tunnel/stateChanged': StateChangedParams;
  'tunnel/statistics': StatisticsParams;
  'log': LogParams;
}
