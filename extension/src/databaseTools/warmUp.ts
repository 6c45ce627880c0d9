import * as vscode from 'vscode';
import type { Tunnel } from '../sidecar/contract';
import { warmUp, type Listening } from '../workspace/listen';
import { identityOf, sqltools } from './sqltools';
import { isObject, type Entry } from './tool';

/** As SQLTools exports it. Its hooks are called before a command, and not waited for. */
interface SqlTools {
  addBeforeCommandHook: (command: string, hook: (event: { args?: unknown[] }) => void) => unknown;
}

/** When somebody chooses a connection of SQLTools, the session of its tunnel, or the sign-in that it needs, begins a little earlier. */
export function warmUpFor(services: Listening): vscode.Disposable {
  let isHooked = false;
  const hook = async (): Promise<void> => {
    const extension = vscode.extensions.getExtension<unknown>(sqltools.extensionId);
    // It is started for this only where one of its connections leads into a tunnel.
    if (isHooked || extension === undefined || !connections().some(connection => tunnelOf(services, connection) !== undefined)) return;
    isHooked = true;
    const api = await extension.activate();
    if (!isSqlTools(api)) return;
    api.addBeforeCommandHook('selectConnection', ({ args }) => {
      const tunnel = tunnelOf(services, chosenIn(args ?? [], connections()));
      if (tunnel?.state === 'Listening') void warmUp(services, tunnel.id);
    });
  };
  const tryToHook = (): void => {
    hook().catch((error: unknown) => {
      services.log.warn(`SQLTools: ${String(error)}`);
    });
  };
  tryToHook();
  const stop = services.tunnels.onChanged(tryToHook);
  return vscode.Disposable.from(
    { dispose: stop },
    vscode.extensions.onDidChange(tryToHook),
    vscode.workspace.onDidChangeConfiguration(change => {
      if (change.affectsConfiguration(`${sqltools.section}.${sqltools.key}`)) tryToHook();
    }),
  );
}

const isSqlTools = (value: unknown): value is SqlTools => isObject(value) && typeof value.addBeforeCommandHook === 'function';

const connections = (): Entry[] => {
  const list: unknown = vscode.workspace.getConfiguration(sqltools.section).get(sqltools.key);
  return Array.isArray(list) ? list.filter(isObject) : [];
};

const tunnelOf = ({ tunnels }: Listening, connection: Entry | undefined): Tunnel | undefined => {
  const port = connection === undefined ? undefined : sqltools.localPort(connection);
  return port === undefined ? undefined : tunnels.all.find(({ localPort }) => localPort === port);
};

/** What is chosen: an item of its view, or the id of a connection. */
function chosenIn([chosen]: readonly unknown[], all: readonly Entry[]): Entry | undefined {
  if (typeof chosen === 'string') return all.find(each => identityOf(each) === chosen);
  return isObject(chosen) && isObject(chosen.conn) ? chosen.conn : undefined;
}
