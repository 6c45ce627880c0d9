import * as vscode from 'vscode';
import type { ProgramVariables } from '../environment/programVariables';
import type { Choice, Meant } from '../environment/choices';
import { clashOf, suggestPrefix } from '../environment/names';
import { askDatabaseName, askUser } from '../dialogs/databaseUser';
import type { Services } from '../services';
import type { Tunnel } from '../sidecar/contract';
import { engineOf, familyOf } from '../state/engines';
import { knownDatabase } from '../state/knownDatabases';
import { requestOf } from '../state/requests';
import { notify } from '../ui/notify';
import { back, input, pick, skipped, walk, type Question, type Step } from '../ui/steps';
import { environmentPrefix } from '../workspace/entries';

/** Families whose variables name a user and a database. */
const named = new Set(['postgres', 'mysql', 'sqlserver', 'docdb']);

/** How many names a message shows. */
const mostNames = 3;

/** Terminals, tasks and debug sessions of this workspace find the tunnel's database from now on. */
export async function useEnvironment(
  services: Services,
  variables: ProgramVariables,
  tunnel: Tunnel,
  stepsBefore = 0,
): Promise<typeof back | undefined> {
  const choice = await askChoice(services, variables, tunnel, stepsBefore);
  if (choice === undefined || choice === back) return choice;
  const values = await asking(tunnel, cancellation => variables.ask(tunnel, choice, { wait: false, cancellation }));
  if (values.size === 0) {
    void notify.information(vscode.l10n.t('{0}: programs for this kind of database have no environment variables in common.', tunnel.name));
    return undefined;
  }
  const request = { ...requestOf(services, tunnel), localPort: tunnel.localPort };
  await variables.choices.choose(request, choice);
  const names = [...values.keys()];
  const stop = vscode.l10n.t('Stop using');
  const shown = names.slice(0, mostNames).join(', ');
  const pressed = await notify.information(
    names.length > mostNames
      ? vscode.l10n.t(
          '{0}: new terminals, tasks and debug sessions get {1} and {2} more variables.',
          tunnel.name,
          shown,
          names.length - mostNames,
        )
      : vscode.l10n.t('{0}: new terminals, tasks and debug sessions get {1}.', tunnel.name, shown),
    stop,
  );
  if (pressed === stop) await variables.choices.takeBack(request);
  return undefined;
}

/** Asks for one of several, if none is given. */
export async function stopEnvironment(variables: ProgramVariables, given: Tunnel | undefined): Promise<void> {
  const meant = given === undefined ? await pickMeant(variables) : variables.meantBy(given);
  if (meant === undefined) return;
  await variables.choices.takeBack(meant.request);
  void notify.information(vscode.l10n.t('{0} is no longer used in terminals, tasks and debug sessions.', nameOf(meant)));
}

async function pickMeant({ choices }: ProgramVariables): Promise<Meant | undefined> {
  const { all } = choices;
  if (all.length === 0) {
    void notify.information(vscode.l10n.t('No tunnel is used in terminals and debug sessions.'));
    return undefined;
  }
  const picked = await pick({
    title: vscode.l10n.t('Stop using in terminals and debug sessions'),
    placeholder: vscode.l10n.t('Choose a tunnel'),
    items: all.map(meant => ({ label: nameOf(meant), description: meant.choice.prefix, meant })),
  });
  return picked === undefined || picked === back ? undefined : picked.meant;
}

const nameOf = ({ request: { name, host, target = '' } }: Meant): string => name ?? host ?? target;

const asking = <T>({ name }: Tunnel, run: (cancellation: vscode.CancellationToken) => Promise<T>): Thenable<T> =>
  notify.progress(vscode.l10n.t('Asking the database of {0}', name), run);

/** What is not known: the user, unless the tunnel signs in; the database's name; a prefix, if another tunnel has the names. */
async function askChoice(services: Services, variables: ProgramVariables, tunnel: Tunnel, stepsBefore: number): Promise<Step<Choice>> {
  const engine = engineOf(services.globalMemory, tunnel);
  const database = knownDatabase(services.globalMemory, tunnel.host ?? '')?.databaseName;
  const hasNames = named.has(familyOf(engine));
  const askForUser: Question<Choice> = async (_, at) => {
    const user = await askUser(services, tunnel, at);
    return user === undefined || user === back ? user : { user };
  };
  const askForDatabase: Question<Choice> = async (_, at) => {
    const chosen = await askDatabaseName(tunnel, engine, at);
    return chosen === undefined || chosen === back ? chosen : { database: chosen };
  };
  const askForPrefix: Question<Choice> = async (known, at) => {
    const values = await asking(tunnel, cancellation => variables.ask(tunnel, known, { wait: false, cancellation }));
    const others = variables.kept.filter(({ id }) => id !== tunnel.id);
    const set = { id: tunnel.id, name: tunnel.name, localPort: tunnel.localPort };
    const clash = clashOf({ ...set, values }, others);
    if (clash === undefined) return skipped;
    const problem = (prefix: string): string | undefined => {
      if (!environmentPrefix.test(prefix)) return vscode.l10n.t('Use capital letters, digits and _, as in ORDERS_');
      const prefixed = new Map([...values].map(([name, value]) => [`${prefix}${name}`, value]));
      const taken = clashOf({ ...set, values: prefixed }, others);
      return taken === undefined ? undefined : vscode.l10n.t('{0} already sets {1}.', taken.with.name, taken.name);
    };
    const prefix = await input({
      ...at,
      title: vscode.l10n.t('Variables of {0}', tunnel.name),
      prompt: vscode.l10n.t('{0} already sets {1}. Prefix for the variables of {2}', clash.with.name, clash.name, tunnel.name),
      value: suggestPrefix(tunnel.name, each => problem(each) === undefined),
      problem,
    });
    return prefix === undefined || prefix === back ? prefix : { prefix };
  };
  return await walk<Choice>(
    { prefix: '', ...(database === undefined ? {} : { database }) },
    [
      ...(tunnel.login === undefined && hasNames ? [askForUser] : []),
      ...(database === undefined && hasNames ? [askForDatabase] : []),
      askForPrefix,
    ],
    { canLeave: stepsBefore > 0, stepsBefore },
  );
}
