import * as vscode from 'vscode';
import type { Scope, SecretName } from '../sidecar/contract';
import { scopeOf } from '../sidecar/scope';
import type { Services } from '../services';
import { knownDatabase } from '../state/knownDatabases';
import { filling } from '../ui/filling';
import { back, input, pick, rows, type Position, type Step } from '../ui/steps';

/** The database whose secret is asked for, and who asks. */
type OfDatabase = Scope & { host?: string };
type Asked = Partial<Position> & { title: string; canGoBack?: boolean };
type Item = vscode.QuickPickItem & { secretId?: string };

/** The database's own secret first, then the account's as they are listed; any other can be typed. */
export async function pickSecret(services: Services, database: OfDatabase, asked: Asked): Promise<Step<string>> {
  for (;;) {
    const picked = await pick<Item>({
      ...asked,
      placeholder: vscode.l10n.t('Choose a secret'),
      items: [],
      fill: quickPick => fill(services, database, quickPick),
    });
    if (picked === undefined || picked === back) return picked;
    const secretId =
      picked.secretId ??
      (await input({
        ...asked,
        prompt: vscode.l10n.t('Name or ARN of the secret in Secrets Manager'),
        canGoBack: true,
        problem: text => (text === '' ? vscode.l10n.t('Enter a name or an ARN') : undefined),
      }));
    if (secretId !== back) return secretId;
  }
}

/** A list that may not be read is no obstacle: the reason is logged, and a name can be typed. */
function fill({ sidecar, globalMemory, log }: Services, database: OfDatabase, quickPick: vscode.QuickPick<Item>): vscode.Disposable {
  const own = database.host === undefined ? undefined : knownDatabase(globalMemory, database.host)?.masterSecretArn;
  const show = (secrets: readonly SecretName[]): void => {
    quickPick.items = rows([
      ...(own === undefined
        ? []
        : [{ label: `$(key) ${vscode.l10n.t('Master user')}`, description: own.split(':').at(-1) ?? own, secretId: own }]),
      ...secrets
        .filter(({ arn }) => arn !== own)
        .map(({ arn, name, description }) => ({
          label: `$(lock) ${name}`,
          ...(description === undefined ? {} : { description }),
          secretId: arn,
        })),
      { label: `$(edit) ${vscode.l10n.t('Enter a name or an ARN…')}`, alwaysShow: true },
    ]);
  };
  show([]);
  return filling(
    quickPick,
    async token => {
      const { secrets } = await sidecar.request('password/listSecrets', { scope: scopeOf(database) }, token);
      if (!token.isCancellationRequested) show(secrets);
    },
    message => {
      log.warn(message);
    },
  );
}
