import * as vscode from 'vscode';
import type { AgentConsent, CallAgentToolResult } from '../sidecar/contract';
import type { Sidecar } from '../sidecar/sidecar';
import { plain } from '../ui/plain';
import { accessOfAgents, refusal } from './access';
import { askPerson, questionTitle } from './askPerson';

/** Questions whose answer the editor has not reported: it tells of a confirmation only, by running the tool. */
const maxOpenQuestions = 16;

/** One of the editor's language model tools. What it does, and what an agent may know of it, is the sidecar's business. */
export class AgentTool implements vscode.LanguageModelTool<object> {
  /** What the editor was given to confirm, by input. */
  private readonly confirming = new Map<string, string>();

  /** @param name as the sidecar calls it */
  constructor(
    private readonly sidecar: Pick<Sidecar, 'request'>,
    private readonly name: string,
  ) {}

  /** The editor asks for a confirmation where that is enough; it may have been told not to ask. */
  async prepareInvocation(
    { input }: vscode.LanguageModelToolInvocationPrepareOptions<object>,
    token: vscode.CancellationToken,
  ): Promise<vscode.PreparedToolInvocation | undefined> {
    // Without an answer, opening a tunnel has no effect; other tools would already do what they do.
    if (this.name !== 'open_tunnel' || accessOfAgents() !== 'tools') return undefined;
    const { question, needsDialog } = await this.call(input, token);
    if (question === undefined || needsDialog === true) return undefined;
    this.remember(JSON.stringify(input), question);
    const { host } = input as { host?: unknown };
    return {
      invocationMessage: new vscode.MarkdownString().appendText(vscode.l10n.t('Opening a tunnel to {0}', plain(String(host)))),
      confirmationMessages: { title: questionTitle(), message: new vscode.MarkdownString().appendText(question) },
    };
  }

  async invoke(
    { input }: vscode.LanguageModelToolInvocationOptions<object>,
    token: vscode.CancellationToken,
  ): Promise<vscode.LanguageModelToolResult> {
    const why = refusal();
    if (why !== undefined) throw new Error(why);
    const key = JSON.stringify(input);
    const confirmed = this.confirming.get(key);
    this.confirming.delete(key);
    let result = await this.call(input, token, confirmed, 'Confirmed');
    if (result.question !== undefined) result = await this.call(input, token, result.question, await askPerson(result.question, token));
    if (result.answer !== undefined) return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(result.answer)]);
    throw new Error(
      result.error ?? vscode.l10n.t('The database or the AWS identity changed while you were asked, so nothing was opened. Try again.'),
    );
  }

  private call(input: object, token: vscode.CancellationToken, question?: string, consent?: AgentConsent): Promise<CallAgentToolResult> {
    return this.sidecar.request(
      'agent/call',
      {
        tool: this.name,
        // Editors do not say which agent it is.
        client: `${vscode.env.appName} ${vscode.version}`,
        arguments: JSON.stringify(input),
        ...(question === undefined || consent === undefined ? {} : { question, consent }),
      },
      token,
    );
  }

  private remember(key: string, question: string): void {
    this.confirming.delete(key);
    this.confirming.set(key, question);
    for (const oldest of this.confirming.keys()) {
      if (this.confirming.size <= maxOpenQuestions) break;
      this.confirming.delete(oldest);
    }
  }
}
