// Connection strings, cut so that what is not touched stays as it is, byte for byte: they may hold passwords, which are never kept.

/** `mongodb://jane:secret@` `a:27017,b:27017` `/shop` `tls=true`; or `Server=a,1433` `Database=shop`, which has options only. */
export interface Parts {
  separator: '&' | ';';
  before: string;
  hosts: string;
  path: string;
  options: string[];
}

/**
 * What undoes a change of one: `options` as they were, null for each that was not touched; `ours`,
 * those that took the place of the others; `paths` where the path was changed.
 */
export interface StringChange {
  hosts: string;
  paths?: { before: string; after: string };
  options: (string | null)[];
  ours: string[];
}

// scheme://user:password@hosts/path?options. The password may hold an @.
const url = /^([a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?)([^/?#@]*)([^?#]*)(?:\?(.*))?$/is;

export function parse(text: string): Parts | undefined {
  if (!text.includes('://')) return { separator: ';', before: '', hosts: '', path: '', options: semicolons(text) };
  const match = url.exec(text);
  if (match === null) return undefined;
  const [, before = '', hosts = '', path = '', options] = match;
  return { separator: '&', before, hosts, path, options: options?.split('&') ?? [] };
}

export const join = ({ separator, before, hosts, path, options }: Parts): string =>
  `${before}${hosts}${path}${separator === '&' && options.length > 0 ? '?' : ''}${options.join(separator)}`;

/** `Password="a;b";Server=c`: a value may begin with a quotation mark, and then ends with one. */
function semicolons(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const [, quote] = /^=\s*(["'])$/.exec(text.slice(text.lastIndexOf('=', i), i + 1)) ?? [];
    if (quote !== undefined) i = endOfQuoted(text, i, quote);
    else if (text[i] === ';') {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...parts, text.slice(from)];
}

/** A mark that stands twice is part of the value. */
function endOfQuoted(text: string, start: number, quote: string): number {
  for (let at = text.indexOf(quote, start + 1); at >= 0; at = text.indexOf(quote, at + 2)) if (text[at + 1] !== quote) return at;
  return text.length;
}

/** An option's name, as the tools compare them: Trust Server Certificate is trustservercertificate. */
export const nameOf = (option: string): string => (option.split('=', 1)[0] ?? '').replaceAll(/[\s_]/g, '').toLowerCase();

/** The value of the first of these options that is there, as it is written. */
export function valueOf({ options }: Parts, ...names: string[]): string | undefined {
  const option = options.find(each => names.includes(nameOf(each)));
  return option?.slice(option.indexOf('=') + 1).trim();
}

/** With these options in the place of the former ones of their names, else at the end; undefined takes one away. */
export function withOptions(parts: Parts, wanted: Record<string, string | undefined>): Parts {
  const options = [...parts.options];
  for (const [name, value] of Object.entries(wanted)) {
    const at = options.findIndex(each => nameOf(each) === nameOf(name));
    if (value === undefined) {
      if (at >= 0) options.splice(at, 1);
    } else if (at >= 0) options[at] = `${options[at]?.split('=', 1)[0] ?? name}=${value}`;
    else options.splice(options.at(-1) === '' ? -1 : options.length, options.length === 1 && options[0] === '' ? 1 : 0, `${name}=${value}`);
  }
  return { ...parts, options };
}

/** @returns how a changed string is undone; it holds none of what was not changed */
export function changeOf(before: string, after: string): StringChange | undefined {
  const [old, now] = [parse(before), parse(after)];
  if (old === undefined || now === undefined) return undefined;
  const ours = [...now.options];
  // From the end: of options that stand twice, the first is the one that was changed.
  const options = old.options
    .toReversed()
    .map(each => (takeFrom(ours, each) ? null : each))
    .toReversed();
  return { hosts: old.hosts, ...(old.path === now.path ? {} : { paths: { before: old.path, after: now.path } }), options, ours };
}

/**
 * The string before a change; what was changed since then stays.
 * @param keepsEdits false to take back also what was written otherwise since
 */
export function undone(text: string, { hosts, paths, options, ours }: StringChange, keepsEdits = true): string {
  const now = parse(text);
  if (now === undefined) return text;
  const others = [...now.options];
  for (const each of ours) takeFrom(others, each);
  const { edited, untouched } = sorted(others, options, ours);
  const isRemoved = (name: string): boolean =>
    keepsEdits && ours.some(each => nameOf(each) === name) && !now.options.some(each => nameOf(each) === name);
  const restored = options.flatMap((each): string | string[] => {
    if (each === null) return untouched.shift() ?? [];
    const edit = edited.find(other => nameOf(other) === nameOf(each));
    if (edit !== undefined) takeFrom(edited, edit);
    return keepsEdits && edit !== undefined ? edit : isRemoved(nameOf(each)) ? [] : each;
  });
  if (keepsEdits) restored.splice(restored.at(-1) === '' ? -1 : restored.length, 0, ...edited);
  return join({
    ...now,
    hosts,
    path: paths !== undefined && now.path === paths.after ? paths.before : now.path,
    options: [...restored, ...untouched],
  });
}

/** Which of the options that are not ours are ours with another value: more than were left untouched, with a name that was changed. */
function sorted(
  others: readonly string[],
  options: readonly (string | null)[],
  ours: readonly string[],
): { edited: string[]; untouched: string[] } {
  const names = new Set([...ours, ...options.filter(each => each !== null)].map(nameOf));
  const most = others.length - options.filter(each => each === null).length;
  const [edited, untouched]: [string[], string[]] = [[], []];
  for (const each of others) (names.has(nameOf(each)) && edited.length < most ? edited : untouched).push(each);
  return { edited, untouched };
}

/** @returns whether it was there */
function takeFrom(list: string[], wanted: string): boolean {
  const at = list.lastIndexOf(wanted);
  if (at >= 0) list.splice(at, 1);
  return at >= 0;
}
