import * as vscode from 'vscode';
import { codeOf, isCancelled, needsSignIn } from '../errors';
import type { Profile, SsoAccount, SsoReference, SsoSession } from '../sidecar/contract';
import { signIn } from './signIn';
import { listProfiles } from './profiles';
import { back, input, pick, skipped, walk, type Question, type Step } from '../ui/steps';
import { regionProblem } from './anotherRegion';
import type { Backend } from './backend';
import { regionOfStartUrl, startUrlOf } from './startUrl';

const title = (): string => vscode.l10n.t('New AWS profile');

interface Session {
  reference: SsoReference;
  region: string;
}

interface Answers {
  startUrl?: string;
  session?: Session;
  account?: { id: string; name: string };
  roleName?: string;
  region?: string;
  name?: string;
}

/** Start page, sign-in, account, role: then a profile for them in the AWS CLI's own file. */
export async function createProfile(backend: Backend, sessions: readonly SsoSession[]): Promise<Step<Profile>> {
  const answers = await walk<Answers>({}, [
    pickSession(sessions),
    askStartUrl,
    askSsoRegion(sessions),
    signInAndPickAccount(backend),
    pickRole(backend),
    askRegion,
    askName(backend),
  ]);
  if (answers === undefined || answers === back) return answers;
  const { session, account, roleName = '', region = '', name = '' } = answers;
  if (session === undefined || account === undefined) return undefined;
  return backend.sidecar.request('profile/create', { name, sso: session.reference, accountId: account.id, roleName, region });
}

const pickSession =
  (sessions: readonly SsoSession[]): Question<Answers> =>
  async (_, at) => {
    if (sessions.length === 0) return skipped;
    const another = { label: `$(add) ${vscode.l10n.t('Another start URL…')}`, session: undefined };
    const picked = await pick({
      ...at,
      title: title(),
      placeholder: vscode.l10n.t('Choose where to sign in'),
      items: [...sessions.map(session => ({ label: session.name ?? session.startUrl, description: session.startUrl, session })), another],
    });
    if (picked === undefined || picked === back) return picked;
    if (picked.session === undefined) return {};
    const { name, startUrl, region } = picked.session;
    return { session: { reference: name === undefined ? { startUrl, region } : { ssoSession: name }, region } };
  };

const askStartUrl: Question<Answers> = async ({ session }, at) => {
  if (session !== undefined) return skipped;
  const typed = await input({
    ...at,
    title: title(),
    prompt: vscode.l10n.t('Start URL of your AWS access portal, for example acme.awsapps.com'),
    problem: text => (startUrlOf(text) === undefined ? vscode.l10n.t('Enter a web address, for example acme.awsapps.com') : undefined),
  });
  return typed === undefined || typed === back ? typed : { startUrl: startUrlOf(typed) ?? typed };
};

const askSsoRegion =
  (sessions: readonly SsoSession[]): Question<Answers> =>
  async ({ session, startUrl = '' }, at) => {
    if (session !== undefined) return skipped;
    const region = await input({
      ...at,
      title: title(),
      prompt: vscode.l10n.t('Region of IAM Identity Center'),
      value: regionOfStartUrl(startUrl) ?? sessions[0]?.region ?? 'us-east-1',
      problem: regionProblem,
    });
    return region === undefined || region === back ? region : { session: { reference: { startUrl, region }, region } };
  };

const signInAndPickAccount =
  (backend: Backend): Question<Answers> =>
  async ({ session }, at) => {
    if (session === undefined) return undefined;
    const accounts = await accountsOf(backend, session.reference);
    if (accounts === undefined) return undefined;
    const account = await pick({
      ...at,
      title: title(),
      placeholder: accounts.length === 0 ? vscode.l10n.t('No account is assigned to you') : vscode.l10n.t('Choose an account'),
      items: accounts.map(each => ({
        label: each.accountName,
        description: each.accountId,
        ...(each.emailAddress === undefined ? {} : { detail: each.emailAddress }),
        accountId: each.accountId,
      })),
    });
    return account === undefined || account === back ? account : { account: { id: account.accountId, name: account.label } };
  };

/** Signs in first when that is needed. @returns undefined when the sign-in was cancelled */
async function accountsOf(backend: Backend, session: SsoReference): Promise<SsoAccount[] | undefined> {
  const list = async (): Promise<SsoAccount[]> => (await backend.sidecar.request('sso/listAccounts', { session })).accounts;
  try {
    return await list();
  } catch (error) {
    if (!needsSignIn(codeOf(error))) throw error;
  }
  try {
    await signIn(backend, session);
  } catch (error) {
    if (isCancelled(error)) return undefined;
    throw error;
  }
  return list();
}

const pickRole =
  ({ sidecar }: Backend): Question<Answers> =>
  async ({ session, account }, at) => {
    if (session === undefined || account === undefined) return undefined;
    const { roleNames } = await sidecar.request('sso/listRoles', { session: session.reference, accountId: account.id });
    const role = await pick({
      ...at,
      title: title(),
      placeholder: vscode.l10n.t('Choose a role'),
      items: roleNames.map(label => ({ label })),
    });
    return role === undefined || role === back ? role : { roleName: role.label };
  };

const askRegion: Question<Answers> = async ({ session }, at) => {
  const region = await input({
    ...at,
    title: title(),
    prompt: vscode.l10n.t('Region of your databases'),
    value: session?.region ?? '',
    problem: regionProblem,
  });
  return region === undefined || region === back ? region : { region };
};

const askName =
  (backend: Backend): Question<Answers> =>
  async ({ account, roleName }, at) => {
    const { profiles } = await listProfiles(backend);
    const taken = new Set(profiles.map(profile => profile.name));
    const name = await input({
      ...at,
      title: title(),
      prompt: vscode.l10n.t('Profile name, also for the AWS CLI'),
      value: suggestion(`${account?.name ?? ''}-${roleName ?? ''}`, taken),
      problem: text =>
        !/^[\w.@-]+$/.test(text)
          ? vscode.l10n.t('Use letters, digits and . _ @ -')
          : taken.has(text)
            ? vscode.l10n.t('This profile already exists')
            : undefined,
    });
    return name === undefined || name === back ? name : { name };
  };

/** acme-production-developer, with a number if there is one already. */
function suggestion(text: string, taken: ReadonlySet<string>): string {
  const wanted = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  for (let i = 1; ; i++) {
    const name = i === 1 ? wanted : `${wanted}-${i}`;
    if (!taken.has(name)) return name;
  }
}
