import type { DatabaseTool, Entry } from './tool';

/** What tells two databases of one name apart. */
export interface Origin {
  profile?: string;
  region?: string;
  host?: string;
}

/** orders (production, eu-west-1) */
export const qualifiedName = (name: string, ...parts: (string | undefined)[]): string => {
  const known = parts.filter(part => part !== undefined);
  return known.length === 0 ? name : `${name} (${known.join(', ')})`;
};

/** A name by which the tool takes the entry for none of the others: the first of these that does, from the shortest on. */
export function uniqueName(tool: DatabaseTool, entry: Entry, others: readonly Entry[], names: readonly string[]): string {
  const isTaken = (name: string): boolean => {
    const named = { ...entry, [tool.nameKey]: name };
    return others.some(other => other[tool.nameKey] === name || tool.isSame(named, other));
  };
  const last = names.at(-1) ?? '';
  const free = names.find(name => !isTaken(name));
  if (free !== undefined) return free;
  for (let i = 2; ; i++) if (!isTaken(`${last} ${i}`)) return `${last} ${i}`;
}
