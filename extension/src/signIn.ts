import * as vscode from 'vscode';
import type { AuthorizationRequest, SsoReference } from './sidecar/contract';
import type { Services } from './services';

const signedIn = new vscode.EventEmitter<undefined>();

/** Somebody has signed in: what needed it can be asked again. */
export const onDidSignIn = signedIn.event;

/**
 * Signs in through IAM Identity Center, in the browser, with progress and a way to cancel.
 * @throws what the sidecar says, or a CancellationError
 */
export async function signIn({ sidecar, log }: Services, session: SsoReference): Promise<void> {
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Signing in to AWS'), cancellable: true },
    async (progress, cancellation) => {
      const show = ({ url, userCode }: AuthorizationRequest): void => {
        progress.report({
          message: userCode === undefined ? vscode.l10n.t('finish it in the browser') : vscode.l10n.t('compare the code {0} in the browser', userCode),
        });
        vscode.env.openExternal(vscode.Uri.parse(url, true)).then(
          isOpen => { if (!isOpen) progress.report({ message: vscode.l10n.t('the browser was not opened; it waits for [this page]({0})', url) }); },
          (error: unknown) => { log.warn(String(error)); });
      };
      try {
        // In a remote window the browser runs on another machine than the port that it would come back to.
        const { isShared } = await sidecar.requestWithProgress(
          'sso/signIn', { session, flow: vscode.env.remoteName === undefined ? 'Auto' : 'DeviceCode' }, show, cancellation);
        signedIn.fire(undefined);
        if (isShared === false) {
          void vscode.window.showWarningMessage(vscode.l10n.t(
            'You are signed in, but this could not be saved in ~/.aws/sso/cache. Other programs, such as the AWS CLI, cannot use it, and it ends with this window. The log says why.'));
        }
      } catch (error) {
        if (cancellation.isCancellationRequested) throw new vscode.CancellationError();
        throw error;
      }
    });
}

/** Asks for the code of a multi-factor device whenever a role needs one. */
export function answerMfaRequests({ sidecar }: Services): () => void {
  return sidecar.answer('mfa/askCode', async ({ profile, serialNumber }, token) => {
    const code = await vscode.window.showInputBox({
      title: vscode.l10n.t('AWS multi-factor code for {0}', profile),
      prompt: serialNumber,
      ignoreFocusOut: true,
      validateInput: text => /^\d{6}$/.test(text) ? undefined : vscode.l10n.t('Six digits'),
    }, token);
    return code === undefined ? {} : { code };
  });
}
