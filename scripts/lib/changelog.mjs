// The notes of a release are its section of the changelog.

/**
 * @param {string} changelog in the format of Keep a Changelog
 * @param {string} version such as 0.2.0
 * @returns {string} what stands below the version's heading
 */
export function releaseNotes(changelog, version) {
  const lines = changelog.split('\n');
  const first = lines.findIndex(line => line.startsWith(`## [${version}]`)) + 1;
  if (first === 0) throw new Error(`CHANGELOG.md has no section for ${version}. Rename "Unreleased" to "[${version}] - date".`);
  const length = lines.slice(first).findIndex(line => /^(?:## |\[[^\]]+\]: )/.test(line));
  const notes = lines
    .slice(first, length === -1 ? undefined : first + length)
    .join('\n')
    .trim();
  if (notes === '') throw new Error(`The section for ${version} in CHANGELOG.md is empty.`);
  return notes;
}
