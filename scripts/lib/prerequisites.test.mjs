import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkNode, MissingPrerequisite } from './prerequisites.mjs';

describe('checkNode', () => {
  for (const version of ['20.19.0', '20.20.2', '22.0.0', '24.4.1']) {
    it(`accepts ${version}`, () => {
      checkNode(version);
    });
  }

  for (const version of ['18.20.0', '20.18.3']) {
    it(`refuses ${version} and says where to get a newer one`, () => {
      assert.throws(
        () => {
          checkNode(version);
        },
        error => error instanceof MissingPrerequisite && error.message.includes('https://nodejs.org'),
      );
    });
  }
});
