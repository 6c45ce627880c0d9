import * as vscode from 'vscode';
import { isCancelled } from '../errors';
import { tellFailure } from '../dialogs/help';
import type { Services } from '../services';
import { requestOf } from '../state/requests';
import { notify } from '../ui/notify';
import { Choices } from './choices';
import { DebugSessions } from './debugSessions';
import { suggestPrefix, type Clash } from './names';
import { ProgramVariables } from './programVariables';
import { Terminals, type Collections } from './terminals';

/** Terminals, tasks and debug sessions of this window find the databases of the tunnels that are meant. */
export function registerEnvironment(services: Services, collections: Collections): [ProgramVariables, vscode.Disposable] {
  const choices = new Choices(services.memory, services.workspaceTunnels);
  const variables = new ProgramVariables(services, choices);
  const terminals = new Terminals(collections);
  const told = new Set<string>();
  const show = (): void => {
    terminals.show(variables.kept, vscode.workspace.workspaceFolders ?? []);
    for (const clash of variables.clashes) {
      const key = JSON.stringify([clash.set.name, clash.with.name, clash.name]);
      if (told.has(key)) continue;
      told.add(key);
      tellOfClash(services, variables, clash).catch((error: unknown) => {
        if (!isCancelled(error)) void tellFailure(services, error);
      });
    }
  };
  show();
  const registered = vscode.Disposable.from(
    variables,
    choices,
    variables.onDidChange(show),
    vscode.workspace.onDidChangeWorkspaceFolders(show),
    vscode.debug.registerDebugConfigurationProvider('*', new DebugSessions(services, variables)),
  );
  return [variables, registered];
}

/** Two tunnels that set the same: nothing of the second one is set until it has a prefix. */
async function tellOfClash(services: Services, variables: ProgramVariables, { set, with: other, name }: Clash): Promise<void> {
  const prefix = suggestPrefix(set.name, each => !variables.kept.some(({ values }) => values.has(`${each}${name}`)));
  const [use, stop] = [vscode.l10n.t('Use {0}', `${prefix}${name}`), vscode.l10n.t('Stop using {0}', set.name)];
  const pressed = await notify.warning(
    vscode.l10n.t(
      '{0} and {1} both set {2}. Terminals and debug sessions get it from {1} only. Give the variables of {0} a prefix?',
      set.name,
      other.name,
      name,
    ),
    use,
    stop,
  );
  const tunnel = services.tunnels.find(set.id);
  if (tunnel === undefined) return;
  const request = requestOf(services, tunnel);
  const meant = variables.choices.of(request);
  if (meant === undefined) return;
  if (pressed === use) await variables.choices.choose(request, { ...meant.choice, prefix });
  if (pressed === stop) await variables.choices.takeBack(request);
}
