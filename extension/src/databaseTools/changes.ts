import { isObject, type DatabaseTool, type Entry, type Route } from './tool';

/** A value that was changed, and what it was; `undefined` for one that was not there. */
export interface Change { path: string[]; before: unknown }

/** What differs, leaf by leaf: enough to undo it, and no more of the entry than that. */
export function changesBetween(before: Entry, after: Entry, path: string[] = []): Change[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap(key => {
    const [old, now] = [before[key], after[key]];
    if (isObject(old) && isObject(now)) return changesBetween(old, now, [...path, key]);
    return JSON.stringify(old) === JSON.stringify(now) ? [] : [{ path: [...path, key], before: old }];
  });
}

/** The entry with these changes taken back; what was changed since stays. */
export function undo(entry: Entry, changes: Change[]): Entry {
  const copy = structuredClone(entry);
  for (const { path, before } of changes) {
    let at = copy;
    for (const key of path.slice(0, -1)) {
      const next = at[key];
      at = isObject(next) ? next : (at[key] = {});
    }
    const last = path.at(-1) ?? '';
    if (before === undefined) Reflect.deleteProperty(at, last);
    else at[last] = before;
  }
  return copy;
}

/** An entry led through a tunnel, and how that is undone. */
export function routed(tool: DatabaseTool, entry: Entry, route: Route): { entry: Entry; changes: Change[] } {
  const after = tool.route(entry, route);
  const view = tool.view ?? ((each: Entry): Entry => each);
  return { entry: after, changes: changesBetween(view(entry), view(after)) };
}

/** The entry that was {@link routed}, as it was. */
export function restored(tool: DatabaseTool, entry: Entry, changes: Change[]): Entry {
  return tool.view === undefined || tool.withView === undefined ? undo(entry, changes) : tool.withView(entry, undo(tool.view(entry), changes));
}
