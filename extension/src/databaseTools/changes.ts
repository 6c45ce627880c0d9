import { changeOf, undone, type StringChange } from './connectionString';
import { isObject, type DatabaseTool, type Entry, type Route } from './tool';

/** A value that was changed, and what it was; `undefined` for one that was not there. Of a connection string, only what was changed in it. */
export interface Change { path: string[]; before?: unknown; text?: StringChange }

/** What differs, leaf by leaf: enough to undo it, and no more of the entry than that. */
export function changesBetween(before: Entry, after: Entry, strings: readonly string[], path: string[] = []): Change[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key): Change[] => {
    const [old, now] = [before[key], after[key]];
    const at = [...path, key];
    if (isObject(old) && isObject(now)) return changesBetween(old, now, strings, at);
    if (JSON.stringify(old) === JSON.stringify(now)) return [];
    const change = strings.includes(key) && typeof old === 'string' && typeof now === 'string' ? changeOf(old, now) : undefined;
    return [change === undefined ? { path: at, before: old } : { path: at, text: change }];
  });
}

/** The entry with these changes taken back; what was changed since stays. */
export function undo(entry: Entry, changes: Change[]): Entry {
  const copy = structuredClone(entry);
  for (const { path, before, text } of changes) {
    let at = copy;
    for (const key of path.slice(0, -1)) {
      const next = at[key];
      at = isObject(next) ? next : (at[key] = {});
    }
    const last = path.at(-1) ?? '';
    const now = at[last];
    if (text !== undefined) {
      if (typeof now === 'string') at[last] = undone(now, text);
    } else if (before === undefined) Reflect.deleteProperty(at, last);
    else at[last] = before;
  }
  return copy;
}

/** An entry led through a tunnel, and how that is undone. */
export function routed(tool: DatabaseTool, entry: Entry, route: Route, name?: string): { entry: Entry; changes: Change[] } {
  const after = { ...tool.route(entry, route), ...name === undefined ? {} : { [tool.nameKey]: name } };
  return { entry: after, changes: changesBetween(entry, after, tool.strings) };
}
