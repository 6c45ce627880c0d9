import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { releaseNotes } from './changelog.mjs';

const changelog =
  '# Changelog\n\n## [Unreleased]\n\n- Later.\n\n## [0.2.0] - 2027-01-02\n\n### Added\n\n- This.\n\n## [0.1.0]\n\n- First.\n\n[0.1.0]: https://example.com\n';

describe('The notes of a release', () => {
  it('are its own section of the changelog', () => {
    assert.equal(releaseNotes(changelog, '0.2.0'), '### Added\n\n- This.');
    assert.equal(releaseNotes(changelog, '0.1.0'), '- First.');
  });

  it('have to be there', () => {
    assert.throws(() => releaseNotes(changelog, '0.3.0'), /no section for 0\.3\.0/);
    assert.throws(() => releaseNotes('## [0.3.0]\n\n## [0.2.0]\n\n- This.', '0.3.0'), /is empty/);
  });
});
