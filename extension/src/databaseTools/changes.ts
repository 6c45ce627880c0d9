import { changeOf, undone, type StringChange } from './connectionString';
import { isObject, type DatabaseTool, type Entry, type Route } from './tool';

/**
 * A value that was changed: what it was, and what was written; `undefined` for one that was not
 * there. Of a connection string, only what was changed in it.
 */
export interface Change {
  path: string[];
  before?: unknown;
  after?: unknown;
  /** Of one that was taken away: the keys before it, so that it gets its old place again. */
  precededBy?: string[];
  text?: StringChange;
}

/** What differs, leaf by leaf: enough to undo it, and no more of the entry than that. */
export function changesBetween(before: Entry, after: Entry, strings: readonly string[], path: string[] = []): Change[] {
  const oldKeys = Object.keys(before);
  return [...new Set([...oldKeys, ...Object.keys(after)])].flatMap((key, index): Change[] => {
    const [old, now] = [before[key], after[key]];
    const at = [...path, key];
    if (isObject(old) && isObject(now)) return changesBetween(old, now, strings, at);
    if (isEqual(old, now)) return [];
    const text = strings.includes(key) && typeof old === 'string' && typeof now === 'string' ? changeOf(old, now) : undefined;
    if (text !== undefined) return [{ path: at, text }];
    return [now === undefined ? { path: at, before: old, precededBy: oldKeys.slice(0, index) } : { path: at, before: old, after: now }];
  });
}

/**
 * The entry with these changes taken back; what was changed since stays.
 * @param keepsEdits false to take back also what was written otherwise since
 */
export function undo(entry: Entry, changes: readonly Change[], keepsEdits = true): Entry {
  const copy = structuredClone(entry);
  for (const change of changes) {
    let at: unknown = copy;
    for (const key of change.path.slice(0, -1)) at = isObject(at) ? at[key] : undefined;
    if (isObject(at)) takeBack(at, change.path.at(-1) ?? '', change, keepsEdits);
  }
  return copy;
}

function takeBack(at: Entry, key: string, { before, after, precededBy, text }: Change, keepsEdits: boolean): void {
  const now = at[key];
  if (text !== undefined) {
    if (typeof now === 'string') at[key] = undone(now, text, keepsEdits);
    return;
  }
  if (keepsEdits && !isEqual(now, after)) {
    if (before !== undefined || !isObject(now) || !isObject(after)) return;
    at[key] = without(now, after);
    if (isEqual(at[key], {})) Reflect.deleteProperty(at, key);
  } else if (before === undefined) Reflect.deleteProperty(at, key);
  else if (precededBy === undefined || now !== undefined) at[key] = before;
  else insert(at, key, before, precededBy);
}

/** Behind those of the other keys that are there. */
function insert(at: Entry, key: string, value: unknown, precededBy: readonly string[]): void {
  const all = Object.entries(at);
  const following = all.slice(all.findLastIndex(([each]) => precededBy.includes(each)) + 1);
  for (const [each] of following) Reflect.deleteProperty(at, each);
  Object.assign(at, { [key]: value }, Object.fromEntries(following));
}

/** What somebody has added to an object, or changed in it. */
function without(now: Entry, ours: Entry): Entry {
  return Object.fromEntries(
    Object.entries(now).flatMap(([key, value]): [string, unknown][] => {
      const our = ours[key];
      const rest = isObject(value) && isObject(our) ? without(value, our) : value;
      return isEqual(value, our) || (isObject(our) && isEqual(rest, {})) ? [] : [[key, rest]];
    }),
  );
}

const isEqual = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** An entry led through a tunnel, and how that is undone. */
export function routed(tool: DatabaseTool, entry: Entry, route: Route, name?: string): { entry: Entry; changes: Change[] } {
  const after = { ...tool.route(entry, route), ...(name === undefined ? {} : { [tool.nameKey]: name }) };
  return { entry: after, changes: changesBetween(entry, after, tool.strings) };
}
