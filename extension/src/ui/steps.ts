import * as vscode from 'vscode';
import { plain } from './plain';

/** The user wants the previous step. */
export const back = Symbol('back');

/** What the user chose; `back`; or undefined when they gave up. */
export type Step<T> = T | typeof back | undefined;

/** Where a step stands in its sequence: shown as "(2/4)". */
export interface Position {
  step: number;
  totalSteps: number;
}

interface Common extends Partial<Position> {
  title: string;
  placeholder?: string;
  canGoBack?: boolean;
  /** Stays when the user goes elsewhere, for instance to copy something. */
  ignoreFocusOut?: boolean;
}

export interface Pick<T extends vscode.QuickPickItem> extends Common {
  items: readonly T[];
  /** An item that can't be chosen is for reading only. */
  canChoose?: (item: T) => boolean;
  /** Fills the list while it is shown; disposed of when it closes. */
  fill?: (quickPick: vscode.QuickPick<T>) => vscode.Disposable;
  /** The item for a text that no item has: it is offered above them. */
  itemFor?: (text: string) => T;
}

/** All that a tunnel of a file may do, in words. */
const maxRowChars = 4_000;

const originals = new WeakMap<vscode.QuickPickItem, vscode.QuickPickItem>();

/** Items as they are shown: what they say comes from files, tools and AWS, so it is cleaned. {@link pick} gives the item itself. */
export const rows = <T extends vscode.QuickPickItem>(items: readonly T[]): T[] =>
  items.map(item => {
    const { label, description, detail } = item;
    const row = {
      ...item,
      label: plain(label, maxRowChars),
      ...(description === undefined ? {} : { description: plain(description, maxRowChars) }),
      ...(detail === undefined ? {} : { detail: plain(detail, maxRowChars) }),
    };
    originals.set(row, item);
    return row;
  });

const originalOf = <T extends vscode.QuickPickItem>(row: T): T => (originals.get(row) as T | undefined) ?? row;

export function pick<T extends vscode.QuickPickItem>({
  items,
  canChoose = () => true,
  fill,
  itemFor,
  ...common
}: Pick<T>): Promise<Step<T>> {
  const quickPick = vscode.window.createQuickPick<T>();
  quickPick.items = rows(items);
  quickPick.matchOnDescription = true;
  quickPick.matchOnDetail = true;
  quickPick.keepScrollPosition = true;
  const filling = fill?.(quickPick);
  const typed = (): T | undefined => {
    const text = quickPick.value.trim();
    return itemFor === undefined || text === '' || items.some(({ label }) => label === text) ? undefined : itemFor(text);
  };
  if (itemFor !== undefined) {
    quickPick.onDidChangeValue(() => {
      const item = typed();
      quickPick.items = rows(item === undefined ? items : [{ ...item, alwaysShow: true }, ...items]);
    });
  }
  return show<T>(quickPick, common, choose =>
    quickPick.onDidAccept(() => {
      // Whoever types fast is ahead of the list.
      const row = quickPick.selectedItems[0] ?? typed();
      const item = row === undefined ? undefined : originalOf(row);
      if (item !== undefined && canChoose(item)) choose(item);
    }),
  ).finally(() => {
    filling?.dispose();
  });
}

export interface Input extends Common {
  prompt: string;
  value?: string;
  /** What is wrong with a text; undefined when nothing is. */
  problem: (text: string) => string | undefined;
}

export function input({ prompt, value, problem, ...common }: Input): Promise<Step<string>> {
  const inputBox = vscode.window.createInputBox();
  inputBox.prompt = prompt;
  if (value !== undefined) inputBox.value = value;
  inputBox.onDidChangeValue(text => {
    inputBox.validationMessage = text === '' ? undefined : problem(text.trim());
  });
  return show<string>(inputBox, { ignoreFocusOut: true, ...common }, choose =>
    inputBox.onDidAccept(() => {
      const text = inputBox.value.trim();
      inputBox.validationMessage = problem(text);
      if (inputBox.validationMessage === undefined) choose(text);
    }),
  );
}

/** Returned by a question that needs no answer after all. */
export const skipped = Symbol('skipped');

/** One step of {@link walk}: adds to what is known so far. */
export type Question<S> = (known: S, at: Position & { canGoBack: boolean }) => Promise<Step<Partial<S>> | typeof skipped>;

/** The last question, after others that the caller has asked and that `back` leads to. */
export const lastAfter = (stepsBefore: number): Position & { canGoBack: boolean } => ({
  step: stepsBefore + 1,
  totalSteps: stepsBefore + 1,
  canGoBack: stepsBefore > 0,
});

/**
 * Asks one question after another. `back` returns to the previous one that was asked, with what was
 * known then, and from the first one to the caller.
 * @param options `stepsBefore`: how many questions the caller has asked before
 */
export async function walk<S extends object>(
  start: S,
  questions: readonly Question<S>[],
  { canLeave = true, stepsBefore = 0 } = {},
): Promise<Step<S>> {
  const asked = [{ index: 0, known: start }];
  for (;;) {
    const now = asked.at(-1);
    if (now === undefined) return back;
    const question = questions[now.index];
    if (question === undefined) return now.known;
    const before = asked.length - 1;
    const answer = await question(now.known, {
      step: stepsBefore + before + 1,
      totalSteps: stepsBefore + before + questions.length - now.index,
      canGoBack: canLeave || before > 0,
    });
    if (answer === undefined) return undefined;
    if (answer === back) asked.pop();
    else if (answer === skipped) now.index++;
    else asked.push({ index: now.index + 1, known: { ...now.known, ...answer } });
  }
}

function show<T>(
  quickInput: vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox,
  { title, placeholder, canGoBack, step, totalSteps, ignoreFocusOut = false }: Common,
  onAccept: (choose: (value: T) => void) => vscode.Disposable,
): Promise<Step<T>> {
  quickInput.title = plain(title);
  quickInput.placeholder = placeholder;
  // The only question needs no number.
  if (totalSteps !== 1) Object.assign(quickInput, { step, totalSteps });
  quickInput.ignoreFocusOut = ignoreFocusOut;
  if (canGoBack === true) quickInput.buttons = [vscode.QuickInputButtons.Back];
  return new Promise<Step<T>>(resolve => {
    const end = (value: Step<T>): void => {
      resolve(value);
      quickInput.hide();
    };
    onAccept(end);
    quickInput.onDidTriggerButton(() => {
      end(back);
    });
    quickInput.onDidHide(() => {
      resolve(undefined);
    });
    quickInput.show();
  }).finally(() => {
    quickInput.dispose();
  });
}
