import type * as vscode from 'vscode';

/** A key that moves the highlight takes less than this until the extension hears of it. */
export const restMs = 250;

/**
 * Shows what a list has got meanwhile, once nobody has moved its highlight for a moment. The editor
 * puts the highlight of a new list to where the extension believed it to be: a key that was
 * pressed just before would be lost, and the next one would choose another row.
 */
export class RestingList implements vscode.Disposable {
  private readonly moved: vscode.Disposable;
  private resting: NodeJS.Timeout | undefined;
  private done: (() => void)[] = [];

  constructor(
    private readonly quickPick: Pick<vscode.QuickPick<vscode.QuickPickItem>, 'onDidChangeActive' | 'activeItems'>,
    private readonly show: () => void,
  ) {
    this.moved = quickPick.onDidChangeActive(() => {
      if (this.resting !== undefined || this.isWithoutHighlight) this.rest();
    });
  }

  /** What was typed while a list was on its way hides the row that the list was to highlight: Enter would do nothing. */
  private get isWithoutHighlight(): boolean {
    return this.quickPick.activeItems.length === 0;
  }

  /** @returns when it is shown, or the list is gone */
  async refresh(): Promise<void> {
    await new Promise<void>(resolve => {
      this.done.push(resolve);
      if (this.resting === undefined) this.rest();
    });
  }

  dispose(): void {
    this.moved.dispose();
    this.end();
  }

  private rest(): void {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      if (this.done.length > 0 || this.isWithoutHighlight) this.show();
      this.end();
    }, restMs);
  }

  private end(): void {
    clearTimeout(this.resting);
    this.resting = undefined;
    const { done } = this;
    this.done = [];
    for (const each of done) each();
  }
}
