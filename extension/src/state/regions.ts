import type * as vscode from 'vscode';

const key = 'regionsOfProfiles';

type Regions = Record<string, string[]>;

/** The regions of a profile that are looked at beside its own. */
export const addedRegions = (memory: vscode.Memento, profile: string): string[] => memory.get<Regions>(key, {})[profile] ?? [];

export async function addRegion(memory: vscode.Memento, profile: string, region: string): Promise<void> {
  await change(memory, profile, regions => [...new Set([...regions, region])]);
}

export async function removeRegion(memory: vscode.Memento, profile: string, region: string): Promise<void> {
  await change(memory, profile, regions => regions.filter(each => each !== region));
}

async function change(memory: vscode.Memento, profile: string, of: (regions: string[]) => string[]): Promise<void> {
  await memory.update(key, { ...memory.get<Regions>(key, {}), [profile]: of(addedRegions(memory, profile)) });
}
