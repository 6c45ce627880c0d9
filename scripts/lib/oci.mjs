// An image of containers as a file (an OCI image layout in a tar), written without an engine. The same files are the same bytes.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

/**
 * What stands in a layer or an archive: a file with its bytes, a link with its target, or else a folder.
 * @typedef {{ path: string, mode?: number, bytes?: Uint8Array | string, link?: string, owner?: number }} Entry
 */
/** @typedef {{ mediaType: string, digest: string, size: number }} Descriptor */
/** @typedef {{ architecture: string, config: object, annotations: Record<string, string>, version: string, created: Date }} About */

const block = 512;

/** @param {string} kind */
const mediaType = kind => `application/vnd.oci.image.${kind}`;

/** @param {Uint8Array} bytes */
const digestOf = bytes => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/**
 * @param {Entry[]} entries in their order: a folder before what lies in it
 * @param {Date} time
 */
export function tarOf(entries, time) {
  const parts = entries.flatMap(({ path, mode, bytes, link, owner = 0 }) => {
    const content = Buffer.from(bytes ?? '');
    const type = link !== undefined ? 'SymbolicLink' : bytes === undefined ? 'Directory' : 'File';
    const header = new Header({
      path: type === 'Directory' ? `${path}/` : path,
      mode: mode ?? { SymbolicLink: 0o777, Directory: 0o755, File: 0o644 }[type],
      uid: owner,
      gid: owner,
      size: content.length,
      mtime: time,
      type,
      linkpath: link ?? '',
    });
    if (header.encode()) throw new Error(`${path} is too long for a plain tar.`);
    return [/** @type {Buffer} */ (header.block), content, Buffer.alloc((block - (content.length % block)) % block)];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

/**
 * @param {string} path of the file, which engines load as it is
 * @param {Entry[][]} layers the lowest first
 * @param {About} about
 */
export async function writeImage(path, layers, { architecture, config, annotations, version, created }) {
  /** @type {Entry[]} */
  const blobs = [];
  /** @param {string} type @param {Uint8Array} bytes @returns {Descriptor} */
  const add = (type, bytes) => {
    const digest = digestOf(bytes);
    blobs.push({ path: `blobs/${digest.replace(':', '/')}`, bytes });
    return { mediaType: type, digest, size: bytes.length };
  };
  /** @param {object} value */
  const json = value => Buffer.from(JSON.stringify(value));
  const tars = layers.map(entries => tarOf(entries, created));
  const descriptors = tars.map(tar => add(mediaType('layer.v1.tar+gzip'), gzipSync(tar, { level: 9 })));
  const manifest = add(
    mediaType('manifest.v1+json'),
    json({
      schemaVersion: 2,
      mediaType: mediaType('manifest.v1+json'),
      config: add(
        mediaType('config.v1+json'),
        json({
          created: created.toISOString(),
          architecture,
          os: 'linux',
          config,
          rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
          history: tars.map(() => ({ created: created.toISOString(), created_by: 'scripts/image.mjs' })),
        }),
      ),
      layers: descriptors,
      annotations,
    }),
  );
  const index = {
    schemaVersion: 2,
    mediaType: mediaType('index.v1+json'),
    manifests: [{ ...manifest, platform: { architecture, os: 'linux' }, annotations: { 'org.opencontainers.image.ref.name': version } }],
  };
  const layout = tarOf(
    [
      { path: 'oci-layout', bytes: JSON.stringify({ imageLayoutVersion: '1.0.0' }) },
      { path: 'index.json', bytes: json(index) },
      { path: 'blobs' },
      { path: 'blobs/sha256' },
      ...blobs,
    ],
    created,
  );
  await writeFile(path, layout);
  return { size: descriptors.reduce((sum, { size }) => sum + size, 0), digest: manifest.digest };
}
