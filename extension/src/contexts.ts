import * as vscode from 'vscode';
import { databaseTools } from './databaseTools/all';
import { isInstalled } from './databaseTools/lists';
import { hasRoutings } from './databaseTools/routing';
import type { ProgramVariables } from './environment/programVariables';
import type { Services } from './services';
import { setContext } from './ui/contexts';

/** Keeps what `when` clauses know in step with what is so. */
export function keepContexts(services: Services, { choices }: ProgramVariables): vscode.Disposable {
  const { tunnels } = services;
  const show = (): void => {
    setContext('hasTunnels', tunnels.all.length > 0);
    setContext(
      'needsSignIn',
      tunnels.all.some(tunnel => tunnel.state === 'NeedsSignIn'),
    );
    setContext('hasDatabaseTool', databaseTools.some(isInstalled));
    setContext('hasClosedTunnels', services.workspaceTunnels.dormant.length > 0);
    setContext('hasConsents', services.workspaceTunnels.consent.isGiven);
    setContext('hasRoutings', hasRoutings(services));
    setContext('hasEnvironments', choices.all.length > 0);
  };
  show();
  const stop = tunnels.onChanged(show);
  // Settings change when a connection is routed; consent is followed by a tunnel.
  return vscode.Disposable.from(
    { dispose: stop },
    services.workspaceTunnels.onDidChange(show),
    choices.onDidChange(show),
    vscode.extensions.onDidChange(show),
    vscode.workspace.onDidChangeConfiguration(show),
  );
}
