// Connection strings, cut so that what is not touched stays as it is, byte for byte: they may hold passwords, which are never kept.

/** `mongodb://jane:secret@` `a:27017,b:27017` `/shop` `tls=true`; or `Server=a,1433` `Database=shop`, which has options only. */
export interface Parts { separator: '&' | ';'; before: string; hosts: string; path: string; options: string[] }

/** What undoes a change of one: `options` as they were, null for each that was not touched; `ours`, those that took the place of the others. */
export interface StringChange { hosts: string; path: string; options: (string | null)[]; ours: string[] }

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
  return {
    hosts: old.hosts, path: old.path, options: old.options.map(each => now.options.includes(each) ? null : each), ours: now.options.filter(each => !old.options.includes(each)),
  };
}

/** The string before a change; what was changed since then stays. */
export function undone(text: string, { hosts, path, options, ours }: StringChange): string {
  const now = parse(text);
  if (now === undefined) return text;
  const others = now.options.filter(each => !ours.includes(each));
  const changedSince = new Set(others.slice(options.filter(each => each === null).length).map(nameOf));
  const restored = options.flatMap(each => each ?? others.shift() ?? []).filter(each => !changedSince.has(nameOf(each)));
  return join({ ...now, hosts, path, options: [...restored, ...others] });
}
