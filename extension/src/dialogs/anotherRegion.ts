import * as vscode from 'vscode';
import { addRegion } from '../state/regions';
import { back, input, type Step } from '../ui/steps';

/** What is wrong with the name of a region; undefined when nothing is. */
export const regionProblem = (text: string): string | undefined =>
  /^[a-z]{2}(-[a-z]+)+-\d$/.test(text) ? undefined : vscode.l10n.t('Enter a region, for example eu-central-1');

/** Asks for one more region in which to look for a profile's databases. */
export async function showAnotherRegion(
  { globalMemory }: { globalMemory: vscode.Memento },
  profile: string,
  { canGoBack = false } = {},
): Promise<Step<string>> {
  const region = await input({
    title: vscode.l10n.t('Add a region for {0}', profile),
    prompt: vscode.l10n.t('Region, for example eu-west-1'),
    problem: regionProblem,
    canGoBack,
  });
  if (region !== undefined && region !== back) await addRegion(globalMemory, profile, region);
  return region;
}
