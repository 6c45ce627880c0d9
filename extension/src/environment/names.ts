import { environmentPrefix } from '../workspace/entries';

/** The variables of one tunnel; of two that set the same, the first counts. */
export interface VariableSet {
  /** The tunnel's. */
  id: string;
  name: string;
  localPort: number;
  values: ReadonlyMap<string, string>;
  /** The only folder whose programs are meant, by address; undefined for all. */
  folder?: string | undefined;
}

export interface Clash {
  set: VariableSet;
  with: VariableSet;
  /** What both would set. */
  name: string;
}

/** Those that can stand beside each other, the lowest port first, and what keeps the others away: they set nothing at all. */
export function separate(sets: readonly VariableSet[]): { kept: VariableSet[]; clashes: Clash[] } {
  const [kept, clashes]: [VariableSet[], Clash[]] = [[], []];
  for (const set of [...sets].sort((a, b) => a.localPort - b.localPort)) {
    const clash = clashOf(set, kept);
    if (clash === undefined) kept.push(set);
    else clashes.push(clash);
  }
  return { kept, clashes };
}

export function clashOf(set: VariableSet, others: readonly VariableSet[]): Clash | undefined {
  for (const other of others) {
    if (set.folder !== undefined && other.folder !== undefined && set.folder !== other.folder) continue;
    const name = [...set.values.keys()].find(each => other.values.has(each));
    if (name !== undefined) return { set, with: other, name };
  }
  return undefined;
}

/** `orders (test)` → `ORDERS_TEST_`, and another if that one is taken. */
export function suggestPrefix(name: string, isFree: (prefix: string) => boolean = () => true): string {
  const words = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, '_')
    .replaceAll(/^[_0-9]+|_+$/g, '')
    .slice(0, 28);
  const base = words === '' ? 'DB' : words.replace(/_$/, '');
  for (let n = 1; ; n++) {
    const prefix = n === 1 ? `${base}_` : `${base}_${n}_`;
    if (environmentPrefix.test(prefix) && (n > 50 || isFree(prefix))) return prefix;
  }
}
