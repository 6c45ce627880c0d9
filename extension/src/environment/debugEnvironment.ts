import type { DebugConfiguration } from 'vscode';

/** Types whose configurations have the program's environment as an object, by names. */
const withObject = new Set([
  'clr',
  'coreclr',
  'debugpy',
  'extensionHost',
  'go',
  'java',
  'lldb',
  'node',
  'node-terminal',
  'php',
  'pwa-extensionHost',
  'pwa-node',
  'python',
  'rdbg',
]);

/** Those that have it as a list of names and values. */
const withList = new Set(['cppdbg', 'cppvsdbg']);

/** Whether the program that it starts can be given variables; one that is attached to has its environment. */
export const takesVariables = ({ type, request, program }: DebugConfiguration): boolean =>
  request === 'launch' && (withObject.has(type) || withList.has(type)) && !(type === 'php' && program === undefined);

/**
 * With variables that neither the configuration nor its files set: what a user has written is never another afterwards.
 * @param inFiles names that its `envFile` sets
 */
export function withVariables(
  configuration: DebugConfiguration,
  values: ReadonlyMap<string, string>,
  inFiles: ReadonlySet<string>,
  platform: NodeJS.Platform = process.platform,
): DebugConfiguration {
  const key = withList.has(configuration.type) ? 'environment' : 'env';
  const before: unknown = configuration[key];
  const isList = key === 'environment';
  if (before !== undefined && before !== null && (typeof before !== 'object' || Array.isArray(before) !== isList)) return configuration;
  // Windows means the same by other letters.
  const norm = (name: string): string => (platform === 'win32' ? name.toUpperCase() : name);
  const names = isList ? ((before ?? []) as unknown[]).map(nameOf) : Object.keys(before ?? {});
  const taken = new Set([...names, ...inFiles].map(norm));
  const added = [...values].filter(([name]) => !taken.has(norm(name)));
  return {
    ...configuration,
    [key]: isList
      ? [...((before ?? []) as unknown[]), ...added.map(([name, value]) => ({ name, value }))]
      : { ...(before ?? {}), ...Object.fromEntries(added) },
  };
}

const nameOf = (item: unknown): string =>
  typeof item === 'object' && item !== null && 'name' in item && typeof item.name === 'string' ? item.name : '';

/** `export NAME=value`, `NAME: value`: what all readers of such files take for a name. */
export const namesIn = (text: string): Set<string> =>
  new Set([...text.matchAll(/^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*[=:]/gm)].map(([, name = '']) => name));

/** The files that a configuration names, with its variables replaced. */
export const envFilesOf = ({ envFile }: DebugConfiguration): string[] =>
  (Array.isArray(envFile) ? (envFile as unknown[]) : [envFile]).filter((each): each is string => typeof each === 'string' && each !== '');
