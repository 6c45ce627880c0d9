/** An entry of a tool's settings, as the tool defines it. */
export type Entry = Record<string, unknown>;

/** A connection that leads to a host of its own. */
export interface Connection {
  name: string;
  host: string;
  port: number;
}

/** A database, the port of this machine that leads to it, and the file with the authorities that issue AWS's certificates. */
export interface Route {
  host: string;
  port: number;
  localPort: number;
  authority: string;
}

/** What a new connection needs beside its way. */
export interface NewConnection extends Route {
  name: string;
  engine: string;
  user: string;
  database?: string | undefined;
  /** What the tunnel does in the tool's place: TLS always, and the sign-in unless it is `tls`. */
  login?: string | undefined;
  /** The tunnel asks the tool for a password of its own. */
  localPassword?: boolean | undefined;
}

/** A database tool whose connections are settings. All of it is about values: nothing here touches the editor. */
export interface DatabaseTool {
  /** Shown to users. */
  name: string;
  extensionId: string;
  /** Where its connections are: `sqltools.connections`. */
  section: string;
  key: string;
  /** A list in the workspace's settings hides the user's. Otherwise the tool reads both. */
  hidesUserList: boolean;
  /** Keys whose values are connection strings. */
  strings: readonly string[];
  /** The key of an entry's name. */
  nameKey: string;
  /** What an entry connects to; undefined when that is not said, or is this machine. */
  connection: (entry: Entry) => Connection | undefined;
  /** The port of this machine that an entry connects to. */
  localPort: (entry: Entry) => number | undefined;
  /** Whether the tool takes two entries for one connection. */
  isSame: (one: Entry, other: Entry) => boolean;
  /** The entry, led through the tunnel, with the database's real name verified where the tool can do that. */
  route: (entry: Entry, route: Route) => Entry;
  /** What it gives up when it is routed, or never had. */
  weakness?: (entry: Entry) => Weakness | undefined;
  /** A new entry for a database; undefined when the tool does not know its engine. */
  create: (wanted: NewConnection) => Entry | undefined;
}

/**
 * What a tool can't do for a connection that leads through a tunnel: verify a name that is not its
 * address, which the tunnel does if it signs in to such databases; or encrypt for sure.
 */
export type Weakness = 'VerifiedByTunnelOnly' | 'Unverified' | 'PlainText';

/** Opening may wait for a person who signs in: longer than tools wait by themselves. */
export const connectTimeoutSeconds = 120;

export const text = (entry: Entry, key: string): string | undefined => {
  const value = entry[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

export const portOf = (value: unknown, otherwise: number): number => {
  const port = Number(value);
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : otherwise;
};

export const isThisMachine = (address: string | undefined): boolean =>
  address === '127.0.0.1' || address === 'localhost' || address === '::1';

export const isObject = (value: unknown): value is Entry => typeof value === 'object' && value !== null && !Array.isArray(value);

export const atLeast = (value: unknown): number => Math.max(Number(value) || 0, connectTimeoutSeconds);
