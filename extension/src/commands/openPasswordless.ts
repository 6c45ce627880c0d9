import * as vscode from 'vscode';
import type { OpenTunnelParams } from '../sidecar/contract';
import type { Services } from '../services';
import { canSignIn, engineOf } from '../state/engines';
import { knownDatabase } from '../state/knownDatabases';
import type { Login, LoginKind } from '../state/login';
import { back, pick, skipped, walk, type Question, type Step } from '../ui/steps';
import { askUser } from '../dialogs/databaseUser';
import { chooseTunnel, openAndShow } from './openTunnel';
import { pickSecret } from './pickSecret';

/** Opens a tunnel that signs in to its database. @param chosen asked for when it is left out */
export async function openPasswordless(services: Services, chosen?: OpenTunnelParams): Promise<void> {
  const request = chosen ?? (await chooseTunnel(services));
  if (request === undefined) return;
  if (request.host === undefined)
    throw new Error(vscode.l10n.t('This tunnel leads to the jump host itself. Only a tunnel to a database can sign in.'));
  const engine = engineOf(services.globalMemory, request);
  if (!canSignIn(engine))
    throw new Error(vscode.l10n.t('A tunnel can sign in to PostgreSQL, MySQL and Redis databases, not to {0}.', engine));
  const login = await chooseLogin(services, request);
  if (login !== undefined && login !== back) await openAndShow(services, { ...request, ...login });
}

async function chooseLogin(services: Services, request: OpenTunnelParams): Promise<Step<Login>> {
  const title = vscode.l10n.t('Open without a password');
  const kind: Question<Login> = async (_, at) => {
    const picked = await pick({
      ...at,
      title,
      placeholder: vscode.l10n.t('How should the tunnel sign in to {0}?', request.name ?? request.host ?? ''),
      items: kindsFor(services, request),
    });
    return picked === undefined || picked === back ? picked : { login: picked.means };
  };
  const whose: Question<Login> = async (known, at) => {
    if (known.login === 'tls') return skipped;
    const answer = known.login === 'iam' ? await askUser(services, request, at) : await pickSecret(services, request, { ...at, title });
    return answer === undefined || answer === back ? answer : known.login === 'iam' ? { user: answer } : { secretId: answer };
  };
  return await walk<Login>({}, [kind, whose], { canLeave: false });
}

/** What is known to work with this database first. */
function kindsFor({ globalMemory }: Services, { host = '' }: OpenTunnelParams): (vscode.QuickPickItem & { means: LoginKind })[] {
  const database = knownDatabase(globalMemory, host);
  const iam = {
    means: 'iam' as const,
    label: `$(shield) ${vscode.l10n.t('IAM database authentication')}`,
    ...(database?.supportsIamAuthentication === false ? { description: vscode.l10n.t('off for this database') } : {}),
    detail: vscode.l10n.t('A fresh token for each connection. Nothing is stored.'),
  };
  const secret = {
    means: 'secret' as const,
    label: `$(key) ${vscode.l10n.t('Secret in Secrets Manager')}`,
    detail: vscode.l10n.t('User and password come from the secret. Nothing is stored.'),
  };
  const tls = {
    means: 'tls' as const,
    label: `$(lock) ${vscode.l10n.t('TLS only')}`,
    detail: vscode.l10n.t("Your tool signs in. The tunnel encrypts, and checks the database's certificate."),
  };
  return database?.supportsIamAuthentication === false ? [secret, iam, tls] : [iam, secret, tls];
}
