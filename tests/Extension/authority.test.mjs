// The authorities that the extension brings: those of the package they are taken from, written where other programs find them.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { authorities, authorityFile } from '../../scripts/lib/authorities.mjs';
import { root } from '../../scripts/lib/paths.mjs';
import { temporaryFolder } from '../EndToEnd/peers.mjs';
import { load } from './load.mjs';

const { hasAuthorityOf, writeAuthority } = await load('databaseTools/authority');

describe("The authorities of AWS's databases", () => {
  it('are those of the package, as `npm run certificates` writes them', async () => {
    assert.equal(await readFile(authorityFile, 'utf8'), authorities());
  });

  it('are good for decades', async () => {
    const certificates = (await readFile(authorityFile, 'utf8'))
      .split(/(?<=-----END CERTIFICATE-----\n)/)
      .map(text => new X509Certificate(text));
    assert.ok(certificates.length > 100);
    assert.ok(certificates.every(({ ca }) => ca));
    const lasting = certificates.filter(({ validTo }) => Date.parse(validTo) > Date.parse('2050-01-01')).map(({ subject }) => subject);
    for (const place of ['us-east-1', 'eu-central-1', 'ap-southeast-4', 'me-central-1'])
      assert.ok(
        lasting.some(subject => subject.includes(place)),
        place,
      );
  });

  it('are known to lack those of some regions', async () => {
    assert.equal(await hasAuthorityOf(authorityFile, 'eu-central-1'), true);
    assert.equal(await hasAuthorityOf(authorityFile, 'us-gov-west-1'), false);
    assert.equal(await hasAuthorityOf(authorityFile, 'eu-central-9'), false);
  });

  it('are written once, for others to read, and again when they differ', async () => {
    const folder = `${await temporaryFolder('authority')}/storage`;
    const file = await writeAuthority(root, folder);
    assert.equal(file, `${folder}/global-bundle.pem`);
    assert.equal(await readFile(file, 'utf8'), authorities());
    if (process.platform !== 'win32') assert.equal((await stat(file)).mode & 0o777, 0o644);
    const { mtimeMs } = await stat(file);
    await writeAuthority(root, folder);
    assert.equal((await stat(file)).mtimeMs, mtimeMs);
    await writeFile(file, 'of an older version');
    await writeAuthority(root, folder);
    assert.equal(await readFile(file, 'utf8'), authorities());
  });

  it('that cannot be written are an error, not a connection without them', async () => {
    const folder = await temporaryFolder('authority');
    await mkdir(`${folder}/global-bundle.pem`);
    await assert.rejects(writeAuthority(root, folder));
  });
});
