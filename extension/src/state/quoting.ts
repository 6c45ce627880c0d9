/** One word for a POSIX shell. */
export const inShell = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** A value of libpq's `name=value` pairs. */
export const inLibpq = (text: string): string => (/^[^\s'\\]+$/.test(text) ? text : `'${text.replaceAll(/['\\]/g, each => `\\${each}`)}'`);

/** A value of .NET's connection strings. */
export const inDotNet = (text: string): string => (/[;"'=]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A text of Go's or Python's. */
export const inCode = (text: string): string => JSON.stringify(text);
