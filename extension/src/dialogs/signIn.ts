import * as vscode from 'vscode';
import type { AuthorizationRequest, SsoReference } from '../sidecar/contract';
import { setContext } from '../ui/contexts';
import { linkTo, notify } from '../ui/notify';
import { plain } from '../ui/plain';
import type { Backend } from './backend';

const signedIn = new vscode.EventEmitter<undefined>();

/** What needed a sign-in can be tried again. */
export const onDidSignIn = signedIn.event;

/**
 * Signs in through IAM Identity Center, in the browser, with progress and a way to cancel.
 * @throws what the sidecar says, or a CancellationError
 */
export async function signIn({ sidecar, log }: Backend, session: SsoReference): Promise<void> {
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Signing in to AWS'), cancellable: true },
    async (progress, cancellation) => {
      const show = ({ url, userCode }: AuthorizationRequest): void => {
        progress.report({
          message:
            userCode === undefined
              ? vscode.l10n.t('Continue in the browser')
              : vscode.l10n.t('Confirm code {0} in the browser', plain(userCode)),
        });
        vscode.env.openExternal(vscode.Uri.parse(url, true)).then(
          isOpen => {
            if (!isOpen)
              progress.report({ message: vscode.l10n.t("The browser didn't open. Open [this page]({0}) to continue", linkTo(url)) });
          },
          (error: unknown) => {
            log.warn(String(error));
          },
        );
      };
      try {
        // In a remote window the browser runs on another machine than the port that it would come back to.
        const { isShared } = await sidecar.requestWithProgress(
          'sso/signIn',
          { session, flow: vscode.env.remoteName === undefined ? 'Auto' : 'DeviceCode' },
          show,
          cancellation,
        );
        setContext('isSignedOut', false);
        signedIn.fire(undefined);
        if (isShared === false) {
          void notify.warning(
            vscode.l10n.t("You are signed in for this window only, because ~/.aws/sso/cache can't be written. The log says why."),
          );
        }
      } catch (error) {
        if (cancellation.isCancellationRequested) throw new vscode.CancellationError();
        throw error;
      }
    },
  );
}

/** Asks for the code of a multi-factor device whenever a role needs one. */
export function answerMfaRequests({ sidecar }: Pick<Backend, 'sidecar'>): () => void {
  return sidecar.answer('mfa/askCode', async ({ profile, serialNumber }, token) => {
    const code = await vscode.window.showInputBox(
      {
        title: vscode.l10n.t('MFA code for {0}', profile),
        prompt: vscode.l10n.t('Code from {0}', serialNumber),
        ignoreFocusOut: true,
        validateInput: text => (/^\d{6}$/.test(text) ? undefined : vscode.l10n.t('Enter the six digits')),
      },
      token,
    );
    return code === undefined ? {} : { code };
  });
}
