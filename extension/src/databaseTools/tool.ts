/** An entry of a tool's settings, as the tool defines it. */
export type Entry = Record<string, unknown>;

/** A connection that leads to a host of its own. */
export interface Connection { name: string; host: string; port: number }

/** A database, and the port of this machine that leads to it. */
export interface Route { host: string; port: number; localPort: number }

/** A database tool whose connections are settings. All of it is about values: nothing here touches the editor. */
export interface DatabaseTool {
  /** For people. */
  name: string;
  extensionId: string;
  /** Where its connections are: `sqltools.connections`. */
  section: string;
  key: string;
  /** What an entry connects to; undefined when that is not said, or is this machine. */
  connection: (entry: Entry) => Connection | undefined;
  /** The entry, led through the tunnel, with the database's real name verified where the tool can do that. */
  route: (entry: Entry, route: Route) => Entry;
  /** What of an entry routing changes, without its secrets; the entry itself where it has none. */
  view?: (entry: Entry) => Entry;
  /** The entry with its {@link view} replaced. */
  withView?: (entry: Entry, view: Entry) => Entry;
  /** A new entry for a database of this engine; undefined when the tool does not know it. */
  create: (name: string, engine: string, route: Route) => Entry | undefined;
}

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

export const isObject = (value: unknown): value is Entry => typeof value === 'object' && value !== null && !Array.isArray(value);

export const atLeast = (value: unknown): number => Math.max(Number(value) || 0, connectTimeoutSeconds);
