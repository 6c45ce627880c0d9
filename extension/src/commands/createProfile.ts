import * as vscode from 'vscode';
import { isCancelled } from '../errors';
import type { Profile, SsoReference, SsoSession } from '../sidecar/contract';
import { signIn } from '../signIn';
import type { Services } from '../services';
import { back, input, pick, type Step } from '../ui/steps';
import { regionProblem } from './anotherRegion';

const title = (): string => vscode.l10n.t('New AWS profile');

/** For who has no profile yet: start page, sign-in, account, role, and a profile for them in the AWS CLI's own file. */
export async function createProfile(services: Services, sessions: readonly SsoSession[]): Promise<Step<Profile>> {
  const sso = await pickSession(sessions);
  if (sso === undefined || sso === back) return sso;
  try {
    await signIn(services, sso.reference);
  } catch (error) {
    if (isCancelled(error)) return undefined;
    throw error;
  }
  const account = await pickAccount(services, sso);
  if (account === undefined || account === back) return account;
  const region = await input({ title: title(), prompt: vscode.l10n.t('The region of the databases'), value: sso.region, problem: regionProblem, canGoBack: true });
  if (region === undefined || region === back) return region;
  const { profiles } = await services.sidecar.request('profile/list', undefined);
  const taken = new Set(profiles.map(profile => profile.name));
  const name = await input({
    title: title(), prompt: vscode.l10n.t('A name for the profile, here and in the AWS CLI'), value: suggestion(account, taken), canGoBack: true,
    problem: text => !/^[\w.@-]+$/.test(text) ? vscode.l10n.t('Letters, digits, and . _ @ -')
      : taken.has(text) ? vscode.l10n.t('There is such a profile already') : undefined,
  });
  if (name === undefined || name === back) return name;
  return services.sidecar.request('profile/create', { name, sso: sso.reference, accountId: account.accountId, roleName: account.roleName, region });
}

interface Session { reference: SsoReference; region: string }

async function pickSession(sessions: readonly SsoSession[]): Promise<Step<Session>> {
  if (sessions.length > 0) {
    const another = { label: `$(add) ${vscode.l10n.t('Another start URL…')}`, session: undefined };
    const picked = await pick({
      title: title(), placeholder: vscode.l10n.t('Where you sign in'), canGoBack: true,
      items: [...sessions.map(session => ({ label: session.name ?? session.startUrl, description: session.startUrl, session })), another],
    });
    if (picked === undefined || picked === back) return picked;
    if (picked.session !== undefined) {
      const { name, startUrl, region } = picked.session;
      return { reference: name === undefined ? { startUrl, region } : { ssoSession: name }, region };
    }
  }
  const startUrl = await input({
    title: title(), prompt: vscode.l10n.t('The start URL of your organization\'s AWS access portal'), placeholder: 'https://acme.awsapps.com/start', canGoBack: true,
    problem: text => /^https:\/\/[^\s/]+\S*$/.test(text) ? undefined : vscode.l10n.t('An https address'),
  });
  if (startUrl === undefined || startUrl === back) return startUrl;
  const region = await input({ title: title(), prompt: vscode.l10n.t('The region of IAM Identity Center'), placeholder: 'eu-central-1', problem: regionProblem, canGoBack: true });
  return region === undefined || region === back ? region : { reference: { startUrl, region }, region };
}

interface Account { accountId: string; accountName: string; roleName: string }

async function pickAccount({ sidecar }: Services, { reference: session }: Session): Promise<Step<Account>> {
  const { accounts } = await sidecar.request('sso/listAccounts', { session });
  for (;;) {
    const account = await pick({
      title: title(), placeholder: accounts.length === 0 ? vscode.l10n.t('No account is assigned to you') : vscode.l10n.t('Account'), canGoBack: true,
      items: accounts.map(each => ({ label: each.accountName, description: each.accountId, ...each.emailAddress === undefined ? {} : { detail: each.emailAddress }, accountId: each.accountId })),
    });
    if (account === undefined || account === back) return account;
    const { roleNames } = await sidecar.request('sso/listRoles', { session, accountId: account.accountId });
    const role = await pick({ title: title(), placeholder: vscode.l10n.t('Role'), canGoBack: true, items: roleNames.map(label => ({ label })) });
    if (role !== back) return role === undefined ? undefined : { accountId: account.accountId, accountName: account.label, roleName: role.label };
  }
}

/** acme-production-developer, with a number if there is one already. */
function suggestion({ accountName, roleName }: Account, taken: ReadonlySet<string>): string {
  const wanted = `${accountName}-${roleName}`.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
  for (let i = 1; ; i++) {
    const name = i === 1 ? wanted : `${wanted}-${i}`;
    if (!taken.has(name)) return name;
  }
}
