import { qualifiedName, uniqueName, type Origin } from './names';
import { isObject, type DatabaseTool, type Entry, type NewConnection } from './tool';

/** What becomes of a tool's list when a database is added: a new entry, or one that led there already and is as it should be again. */
export interface Addition {
  entry: Entry;
  instead?: Entry;
}

/**
 * @param entries which the tool reads
 * @param others whose names are taken, too
 * @param isServed whether a tunnel listens on a port
 * @returns undefined when the tool does not know the engine
 */
export function additionTo(
  tool: DatabaseTool,
  entries: readonly Entry[],
  others: readonly Entry[],
  wanted: NewConnection,
  { profile, region }: Origin,
  isServed: (port: number) => boolean,
): Addition | undefined {
  const name = qualifiedName(wanted.name, profile, region);
  const created = tool.create({ ...wanted, name });
  if (created === undefined) return undefined;
  const instead =
    entries.find(each => tool.localPort(each) === wanted.localPort) ??
    entries.find(each => each[tool.nameKey] === name && isAbandoned(tool, each, isServed));
  // What a person has set there stays, but for the way and the user.
  if (instead !== undefined) return { entry: withUser(tool.route(merged(created, instead), wanted), created), instead };
  const names = [name, qualifiedName(wanted.name, profile, region, wanted.host)];
  return { entry: { ...created, [tool.nameKey]: uniqueName(tool, created, [...entries, ...others], names) } };
}

/** Its tunnel is gone. */
function isAbandoned(tool: DatabaseTool, entry: Entry, isServed: (port: number) => boolean): boolean {
  const port = tool.localPort(entry);
  return port !== undefined && !isServed(port);
}

const withUser = (entry: Entry, { username, user }: Entry): Entry => ({
  ...entry,
  ...(username === undefined ? {} : { username }),
  ...(user === undefined ? {} : { user }),
});

/** Both, with the second's values where both have one. */
function merged(one: Entry, other: Entry): Entry {
  const both = Object.keys(other).map((key): [string, unknown] => {
    const [first, second] = [one[key], other[key]];
    return [key, isObject(first) && isObject(second) ? merged(first, second) : second];
  });
  return { ...one, ...Object.fromEntries(both) };
}
