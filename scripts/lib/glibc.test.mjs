import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareVersions, exportsOf } from './glibc.mjs';
import { nativeTools } from './native.mjs';

const symbols = `
   Num:    Value          Size Type    Bind   Vis      Ndx Name
     1: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND __tls_get_addr@GLIBC_2.3 (2)
     2: 0000000000083b60   132 FUNC    GLOBAL DEFAULT   16 pthread_create@GLIBC_2.2.5
     3: 0000000000083b60   132 FUNC    GLOBAL DEFAULT   16 pthread_create@@GLIBC_2.34
     4: 0000000000003000    37 FUNC    WEAK   DEFAULT   16 pow@GLIBC_2.2.5
     5: 0000000000003040    37 FUNC    WEAK   DEFAULT   16 pow@GLIBC_2.4
     6: 0000000000003040    37 FUNC    WEAK   DEFAULT   16 pow@@GLIBC_2.29
     7: 0000000000004040    37 FUNC    GLOBAL DEFAULT   16 arc4random@@GLIBC_2.36
     8: 00000000001d2000     8 OBJECT  GLOBAL DEFAULT   33 stdout@@GLIBC_2.2.5
     9: 0000000000005040    37 FUNC    GLOBAL DEFAULT   16 __libc_early_init@@GLIBC_PRIVATE
`;

describe('The symbols of an older glibc', () => {
  it('are the newest versions that it had', () => {
    assert.deepEqual(
      exportsOf(symbols, '2.28').map(({ name, version, kind, bytes }) => [name, version, kind, bytes]),
      [
        ['pthread_create', '2.2.5', 'FUNC', 132],
        ['pow', '2.4', 'FUNC', 37],
        ['stdout', '2.2.5', 'OBJECT', 8],
      ],
    );
  });

  it('are compared by numbers', () => {
    assert.deepEqual(['2.28', '2.4', '2.34', '2.2.5'].sort(compareVersions), ['2.2.5', '2.4', '2.28', '2.34']);
  });
});

describe('Native code', () => {
  const machine = (/** @type {string[]} */ ...programs) => ({
    platform: 'linux',
    arch: 'x64',
    has: (/** @type {string} */ program) => programs.includes(program),
  });
  const own = ['gcc', 'objcopy', 'readelf'];

  it("is made with the machine's own tools for itself, and with cross tools for others", () => {
    assert.deepEqual(nativeTools('linux-x64', machine(...own)), { prefix: '' });
    assert.deepEqual(nativeTools('linux-arm64', machine(...own.map(tool => `aarch64-linux-gnu-${tool}`))), {
      prefix: 'aarch64-linux-gnu-',
    });
  });

  it('says what is missing, and how to get it', () => {
    assert.match(String(nativeTools('linux-x64', machine('objcopy')).missing), /^gcc, readelf not found .*apt-get install gcc libc6-dev/);
    assert.match(
      String(nativeTools('linux-arm64', machine(...own)).missing),
      /^aarch64-linux-gnu-gcc, .*apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross/,
    );
  });

  it('is made for no platform whose compiler .NET does not have, or whose linker is elsewhere', () => {
    for (const platform of ['alpine-x64', 'darwin-arm64', 'win32-x64', 'portable'])
      assert.notEqual(nativeTools(platform, machine(...own)).missing, undefined, platform);
  });
});
