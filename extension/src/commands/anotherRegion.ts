import * as vscode from 'vscode';
import type { Services } from '../services';
import { addRegion } from '../state/regions';
import { back, input, type Step } from '../ui/steps';

/** What is wrong with the name of a region; undefined when nothing is. */
export const regionProblem = (text: string): string | undefined =>
  /^[a-z]{2}(-[a-z]+)+-\d$/.test(text) ? undefined : vscode.l10n.t('A region, such as eu-central-1');

/** Asks for one more region in which a profile's databases are looked for from now on. */
export async function showAnotherRegion({ globalMemory }: Services, profile: string, { canGoBack = false } = {}): Promise<Step<string>> {
  const region = await input({ title: vscode.l10n.t('Databases of {0}', profile), prompt: vscode.l10n.t('A region'), placeholder: 'eu-west-1', problem: regionProblem, canGoBack });
  if (region !== undefined && region !== back) await addRegion(globalMemory, profile, region);
  return region;
}
