import * as vscode from 'vscode';

/** The step before this one is wanted. */
export const back = Symbol('back');

/** What a person has chosen; `back`; or undefined for whoever has given up. */
export type Step<T> = T | typeof back | undefined;

interface Common {
  title: string;
  placeholder?: string;
  /** There is a step before this one. */
  canGoBack?: boolean;
}

export interface Pick<T extends vscode.QuickPickItem> extends Common {
  items: readonly T[];
  /** What cannot be chosen is only read. */
  canChoose?: (item: T) => boolean;
  /** Fills the list for as long as it is shown; what it returns stops that. */
  fill?: (quickPick: vscode.QuickPick<T>) => vscode.Disposable;
}

export function pick<T extends vscode.QuickPickItem>({ items, canChoose = () => true, fill, ...common }: Pick<T>): Promise<Step<T>> {
  const quickPick = vscode.window.createQuickPick<T>();
  quickPick.items = items;
  quickPick.matchOnDescription = true;
  quickPick.matchOnDetail = true;
  quickPick.keepScrollPosition = true;
  const filling = fill?.(quickPick);
  return show<T>(quickPick, common, choose => quickPick.onDidAccept(() => {
    const [item] = quickPick.selectedItems;
    if (item !== undefined && canChoose(item)) choose(item);
  })).finally(() => { filling?.dispose(); });
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
  inputBox.onDidChangeValue(text => { inputBox.validationMessage = text === '' ? undefined : problem(text.trim()); });
  return show<string>(inputBox, common, choose => inputBox.onDidAccept(() => {
    const text = inputBox.value.trim();
    inputBox.validationMessage = problem(text);
    if (inputBox.validationMessage === undefined) choose(text);
  }));
}

function show<T>(
  quickInput: vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox, { title, placeholder, canGoBack }: Common, onAccept: (choose: (value: T) => void) => vscode.Disposable,
): Promise<Step<T>> {
  quickInput.title = title;
  quickInput.placeholder = placeholder;
  if (canGoBack === true) quickInput.buttons = [vscode.QuickInputButtons.Back];
  return new Promise<Step<T>>(resolve => {
    const end = (value: Step<T>): void => {
      resolve(value);
      quickInput.hide();
    };
    onAccept(end);
    quickInput.onDidTriggerButton(() => { end(back); });
    quickInput.onDidHide(() => { resolve(undefined); });
    quickInput.show();
  }).finally(() => { quickInput.dispose(); });
}
