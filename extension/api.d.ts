/**
 * What the extension "rds-tunnel.rds-tunnel" exports:
 *
 *     const tunnels = await vscode.extensions.getExtension<RdsTunnelApi>('rds-tunnel.rds-tunnel')?.activate();
 *     const { host, port, dispose } = await tunnels.openTunnel({ endpoint:
 * 'orders.abc.eu-west-1.rds.amazonaws.com', port: 5432, profile: 'work' });
 */
export interface RdsTunnelApi {
  /** Goes up with every change that an older caller would misunderstand. */
  readonly version: 1;
  /**
   * A port of this machine that leads to a database. It listens when this resolves; a session is
   * opened by the first connection, which waits
   * meanwhile, and for a sign-in if one is needed.
   */
  openTunnel(request: OpenTunnelRequest): Promise<OpenedTunnel>;
}

export interface OpenTunnelRequest {
  /** The database's host, as AWS names it. */
  endpoint: string;
  /** The database's port. */
  port: number;
  /** A profile of the AWS configuration files; without it, the environment's credentials. */
  profile?: string;
  /** Without it, the profile's. */
  region?: string;
}

export interface OpenedTunnel {
  /** 127.0.0.1 */
  host: string;
  port: number;
  /** Closes the tunnel and its connections. */
  dispose(): void;
}
