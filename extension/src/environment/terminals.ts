import type * as vscode from 'vscode';
import { plain } from '../ui/plain';
import type { VariableSet } from './names';

type Collection = Pick<vscode.EnvironmentVariableCollection, 'replace' | 'delete' | 'clear' | 'persistent' | 'description'>;

/** All that this needs of the editor's. */
export type Collections = Collection & { getScoped: (scope: { workspaceFolder: vscode.WorkspaceFolder }) => Collection };

/**
 * What terminals and tasks get. Only what has changed is written: with every change the editor marks the terminals that have
 * other values. Nothing is kept for the next window: the tunnels are not open then.
 */
export class Terminals {
  /** By the folder's address; empty for what all have. */
  private readonly shown = new Map<string, Map<string, string>>();

  constructor(private readonly collections: Collections) {}

  show(sets: readonly VariableSet[], folders: readonly vscode.WorkspaceFolder[]): void {
    this.showIn(
      '',
      this.collections,
      sets.filter(({ folder }) => folder === undefined),
    );
    for (const workspaceFolder of folders) {
      const address = workspaceFolder.uri.toString();
      const own = sets.filter(({ folder }) => folder === address);
      if (own.length > 0 || this.shown.has(address)) this.showIn(address, this.collections.getScoped({ workspaceFolder }), own);
    }
  }

  private showIn(address: string, collection: Collection, sets: readonly VariableSet[]): void {
    let shown = this.shown.get(address);
    if (shown === undefined) {
      shown = new Map();
      this.shown.set(address, shown);
      collection.persistent = false;
      collection.clear();
    }
    const wanted = new Map(sets.flatMap(({ values }) => [...values]));
    const description = sets.map(({ name, localPort }) => plain(`${name} (127.0.0.1:${localPort})`)).join(', ');
    if (collection.description !== description && description !== '') collection.description = description;
    for (const name of [...shown.keys()].filter(each => !wanted.has(each))) {
      shown.delete(name);
      collection.delete(name);
    }
    for (const [name, value] of wanted) {
      if (shown.get(name) === value) continue;
      shown.set(name, value);
      collection.replace(name, value);
    }
  }
}
