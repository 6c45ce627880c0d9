/** One word for a POSIX shell. */
export const inShell = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** A value of libpq's `name=value` pairs. */
export const inLibpq = (text: string): string => (/^[^\s'\\]+$/.test(text) ? text : `'${text.replaceAll(/['\\]/g, each => `\\${each}`)}'`);

/** A value of .NET's connection strings. */
export const inDotNet = (text: string): string => (/[;"'=]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A text of Go's or Python's. */
export const inCode = (text: string): string => JSON.stringify(text);

/** What can be no part of a name, and would begin another line of a file: such a name is that of no database and no user. */
export const isLine = (text: string): boolean => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text);

/** Whether a form that has no way to quote can hold a user: nothing in it ends the value. */
export const isPlainUser = (text: string): boolean => /^[\p{L}\p{N}_.@$+ -]*$/u.test(text);

/** Likewise a database, whose name may stand behind what leads there. */
export const isPlainDatabase = (text: string): boolean => /^[\p{L}\p{N}_.$+ -]*$/u.test(text);

/** Whether a path can hold it as it is written. */
export const isPathPart = (text: string): boolean => !/[?#/\\]/.test(text);
