// Which packages of npm are shipped: those that the bundles contain.
import { build } from 'esbuild';
import { bundles } from './bundles.mjs';

/** @returns {Promise<Set<string>>} names of packages */
export async function bundledPackages() {
  const built = await Promise.all(bundles.map(each => build({ ...each, write: false, metafile: true })));
  const files = built.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  return new Set(files.flatMap(file => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []));
}

/** @typedef {{ 'name': string, 'bom-ref': string }} Component of CycloneDX; a scope is a part of the name */
/**
 * @typedef {{ components: Component[], dependencies: { ref: string, dependsOn?: string[] }[],
 * metadata: { component: { 'bom-ref': string } } }} Bom
 */

/**
 * The part of a bill of materials that is about these packages.
 * @param {Bom} bom
 * @param {Set<string>} names
 * @returns {Bom}
 */
export function ofPackages(bom, names) {
  const components = bom.components.filter(({ name }) => names.has(name));
  const missing = [...names].filter(name => !components.some(each => each.name === name));
  if (missing.length > 0) throw new Error(`The list of packages has none of these, which are in a bundle: ${missing.join(', ')}`);
  const kept = new Set([...components, bom.metadata.component].map(each => each['bom-ref']));
  const dependencies = bom.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map(each => ({ ...each, dependsOn: (each.dependsOn ?? []).filter(ref => kept.has(ref)) }));
  return { ...bom, components, dependencies };
}
