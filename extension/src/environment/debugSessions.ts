import { isAbsolute, resolve } from 'node:path';
import * as vscode from 'vscode';
import { tellFailure } from '../dialogs/help';
import { isCancelled } from '../errors';
import type { Services } from '../services';
import { listen } from '../workspace/listen';
import { readSmallFile } from '../workspace/smallFile';
import type { Meant } from './choices';
import { envFilesOf, namesIn, takesVariables, withVariables } from './debugEnvironment';
import type { ProgramVariables } from './programVariables';
import { notify } from '../ui/notify';

/** Debug sessions find the databases: their tunnels are opened first, and the program starts when the databases answer. */
export class DebugSessions implements vscode.DebugConfigurationProvider {
  constructor(
    private readonly services: Services,
    private readonly variables: ProgramVariables,
  ) {}

  /** The last to be asked: what other extensions make of a configuration counts, and `env` holds what they have read from files. */
  async resolveDebugConfigurationWithSubstitutedVariables(
    folder: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
    token?: vscode.CancellationToken,
  ): Promise<vscode.DebugConfiguration | undefined> {
    if (!takesVariables(configuration)) return configuration;
    await this.services.workspaceTunnels.settled();
    const meant = this.variables.choices.all.filter(
      each =>
        (each.folder === undefined || folder === undefined || isSame(each.folder, folder)) &&
        // A choice of before opens nothing that nobody agrees to any more.
        (this.variables.tunnelOf(each.request) !== undefined || !this.services.workspaceTunnels.isWithheld(each.request)),
    );
    if (meant.length === 0) return configuration;
    for (const each of meant) if (!(await this.isReady(each, token))) return undefined;
    const address = folder?.uri.toString();
    const values = new Map(
      this.variables.kept
        .filter(set => set.folder === undefined || address === undefined || set.folder === address)
        .flatMap(set => [...set.values]),
    );
    return withVariables(configuration, values, await this.namesInFiles(folder, configuration));
  }

  /** @returns false when it has failed, which is shown, or somebody has given up: then no session starts */
  private async isReady({ request, choice }: Meant, token: vscode.CancellationToken | undefined): Promise<boolean> {
    const name = request.name ?? request.host ?? request.target ?? '';
    try {
      await notify.progress(vscode.l10n.t('Waiting for {0} before the debug session starts', name), async cancellation => {
        const either = new vscode.CancellationTokenSource();
        const stops = [cancellation, token].map(each =>
          each?.onCancellationRequested(() => {
            either.cancel();
          }),
        );
        try {
          const tunnel = this.variables.tunnelOf(request) ?? (await listen(this.services, request));
          await this.variables.wait(tunnel, choice, either.token);
          if ([cancellation, token].some(each => each?.isCancellationRequested === true)) throw new vscode.CancellationError();
        } finally {
          for (const stop of stops) stop?.dispose();
          either.dispose();
        }
      });
      return true;
    } catch (error) {
      if (!isCancelled(error)) void tellFailure(this.services, error, { request });
      return false;
    }
  }

  private async namesInFiles(folder: vscode.WorkspaceFolder | undefined, configuration: vscode.DebugConfiguration): Promise<Set<string>> {
    const names = new Set<string>();
    for (const file of envFilesOf(configuration)) {
      const path = isAbsolute(file) || folder === undefined ? file : resolve(folder.uri.fsPath, file);
      try {
        for (const name of namesIn(await readSmallFile(vscode.Uri.file(path)))) names.add(name);
      } catch (error) {
        // Whoever starts the program says so, too, or does without.
        this.services.log.warn(`${path} cannot be read: ${String(error)}`);
      }
    }
    return names;
  }
}

const isSame = (a: vscode.WorkspaceFolder, b: vscode.WorkspaceFolder): boolean => a.uri.toString() === b.uri.toString();
