// The image for containers: a layout that engines accept, and its program, run in it as an engine would.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, readFile, stat } from 'node:fs/promises';
import { before, describe, it } from 'node:test';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { makeImage, mostImageBytes } from '../../scripts/lib/image.mjs';
import { artifacts, root } from '../../scripts/lib/paths.mjs';
import { ownPlatform, programName, publishedFolder } from '../../scripts/lib/publish.mjs';
import { startEmulator } from '../EndToEnd/emulator.mjs';
import { databaseHost, freePort, temporaryFolder } from '../EndToEnd/peers.mjs';
import { hangMs, startEcho } from '../EndToEnd/ports.mjs';

const run = promisify(execFile);
const { version } = /** @type {{ version: string }} */ (JSON.parse(await readFile(`${root}package.json`, 'utf8')));
const platform = ownPlatform ?? '';
const image = `${artifacts}/cli/rds-tunnel-${version}-${platform}.oci.tar`;
const user = 65532;
const { PATH } = process.env;
const skip = existsSync(image) ? false : 'no image was made here';
const noEngine = process.getuid?.() === 0 && process.platform === 'linux' ? false : 'needs Linux, and root for its namespaces';

/** @typedef {{ mediaType: string, digest: string, size: number, platform?: object, annotations?: Record<string, string> }} Descriptor */

/** @param {string} text @returns {any} */
const parse = text => JSON.parse(text);

describe('The image for containers', { skip }, () => {
  let layout = '';

  before(async () => {
    layout = await temporaryFolder('image');
    await run('tar', ['-xf', image, '-C', layout]);
  });

  /** @param {Descriptor} descriptor @param {string} [expected] its media type */
  async function blob({ mediaType, digest, size }, expected = mediaType) {
    const bytes = await readFile(`${layout}/blobs/${digest.replace(':', '/')}`);
    assert.deepEqual([mediaType, size, digest], [expected, bytes.length, digestOf(bytes)]);
    return bytes;
  }

  async function contents() {
    const index = parse(await readFile(`${layout}/index.json`, 'utf8'));
    assert.equal(index.manifests.length, 1);
    const manifest = parse(String(await blob(index.manifests[0], 'application/vnd.oci.image.manifest.v1+json')));
    const config = parse(String(await blob(manifest.config, 'application/vnd.oci.image.config.v1+json')));
    return { index, manifest, config, layers: /** @type {Descriptor[]} */ (manifest.layers) };
  }

  it('is a layout whose digests and sizes are right', async () => {
    assert.deepEqual(parse(await readFile(`${layout}/oci-layout`, 'utf8')), { imageLayoutVersion: '1.0.0' });
    const { index, manifest, config, layers } = await contents();
    for (const each of [index, manifest]) assert.equal(each.schemaVersion, 2);
    assert.deepEqual(index.manifests[0].platform, { architecture: config.architecture, os: config.os });
    const diffs = [];
    for (const layer of layers) diffs.push(digestOf(gunzipSync(await blob(layer, 'application/vnd.oci.image.layer.v1.tar+gzip'))));
    assert.deepEqual(config.rootfs, { type: 'layers', diff_ids: diffs });
    assert.equal(config.history.length, layers.length);
  });

  it('runs the program as a user without rights, and says what it is', async () => {
    const { config, manifest } = await contents();
    assert.equal(config.config.User, `${user}:${user}`);
    assert.deepEqual(config.config.Entrypoint, ['/usr/bin/rds-tunnel']);
    assert.equal(config.config.Labels['org.opencontainers.image.version'], version);
    assert.equal(config.config.Labels['org.opencontainers.image.licenses'], 'MIT');
    assert.deepEqual(manifest.annotations, config.config.Labels);
  });

  it(`is smaller than ${mostImageBytes / 1e6} MB`, async () => {
    const { layers } = await contents();
    const size = layers.reduce((sum, layer) => sum + layer.size, 0);
    assert.ok(size < mostImageBytes, `${size} bytes`);
  });

  it('is the same bytes when it is made again', async () => {
    const folder = await temporaryFolder('image-again');
    const published = publishedFolder(platform, 'native');
    const again = await makeImage(
      { platform, form: 'native', folder: published, program: `${published}/${programName(platform)}` },
      { version, folder, time: new Date('1980-01-01T00:00:00Z') },
    );
    assert.equal(digestOf(await readFile(again)), digestOf(await readFile(image)));
  });

  describe('unpacked as an engine would', { skip: noEngine }, () => {
    let system = '';

    before(async () => {
      system = await temporaryFolder('image-root');
      await chmod(system, 0o755);
      for (const { digest } of (await contents()).layers)
        await run('tar', ['-xzpf', `${layout}/blobs/${digest.replace(':', '/')}`, '--same-owner', '-C', system]);
      // As engines do.
      await run('mkdir', [`${system}/proc`, `${system}/dev`]);
      await run('mknod', ['--mode=666', `${system}/dev/null`, 'c', '1', '3']);
      await run('mknod', ['--mode=666', `${system}/dev/urandom`, 'c', '1', '9']);
    });

    /** The program in namespaces of its own, as its user. @param {string[]} args */
    const inside = args => [
      '--mount',
      '--pid',
      '--ipc',
      '--uts',
      '--fork',
      '--kill-child',
      `--root=${system}`,
      '--mount-proc',
      '--setgroups=allow',
      `--setgid=${user}`,
      `--setuid=${user}`,
      '/usr/bin/rds-tunnel',
      ...args,
    ];

    it('has files of root that nobody else can change, and a home of the user', async () => {
      assert.equal(
        (await run('find', [system, '-type', 'c', '-o', '-perm', '/022', '!', '-type', 'l', '-print'])).stdout,
        `${system}/tmp\n`,
      );
      assert.equal((await stat(`${system}/home/nonroot`)).uid, user);
      assert.equal((await run('find', [system, '-user', String(user)])).stdout, `${system}/home/nonroot\n`);
    });

    it('has every library that the program and its libraries name', async () => {
      const { stdout } = await run('find', [
        `${system}/usr/lib`,
        `${system}/usr/bin`,
        '-type',
        'f',
        '(',
        '-name',
        '*.so*',
        '-o',
        '-name',
        'rds-tunnel',
        ')',
      ]);
      for (const file of stdout.trim().split('\n')) {
        const dynamic = (await run('readelf', ['--dynamic', '--wide', file])).stdout;
        for (const [, name = ''] of dynamic.matchAll(/\(NEEDED\).*\[(.+)\]/g)) assert.ok(stdout.includes(`/${name}\n`), `${file}: ${name}`);
      }
    });

    it('trusts the authorities of its package', async () => {
      const file = `${system}/etc/ssl/certs/ca-certificates.crt`;
      const count = (await readFile(file, 'utf8')).match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0;
      assert.ok(count > 100, `${count} authorities`);
      assert.match((await run('openssl', ['storeutl', '-noout', '-certs', file])).stdout, new RegExp(`Total found: ${count}\n`));
    });

    it('answers with its version', async () => {
      assert.equal((await run('unshare', inside(['--version']), { env: { PATH } })).stdout.trim(), version);
    });

    it('carries bytes, and ends at SIGTERM as the first process of its system', { timeout: hangMs }, async () => {
      const [echo, emulator, port] = await Promise.all([startEcho(), startEmulator({ unpaced: true }), freePort()]);
      const container = spawn(
        'unshare',
        inside(['open', '--target', emulator.target, '--host', databaseHost, '--port', String(echo.port), '--local-port', String(port)]),
        { env: { PATH, ...emulator.env, AWS_REGION: emulator.region, AWS_ENDPOINT_URL: emulator.endpoint, HOME: '/home/nonroot' } },
      );
      const program = async () =>
        Number((await readFile(`/proc/${String(container.pid)}/task/${String(container.pid)}/children`, 'utf8')).trim());
      try {
        let said = '';
        container.stderr.on('data', part => (said += String(part)));
        for await (const line of createInterface(container.stdout)) if ((said = line).startsWith('Listening')) break;
        assert.match(said, /^Listening/);
        // Of the same user: a connection of another one would be refused.
        const client = `const socket = require('node:net').connect(${port}, '127.0.0.1', () => socket.write('echo')).on('data', data => { process.stdout.write(data); socket.destroy(); })`;
        assert.equal((await run(process.execPath, ['--eval', client], { uid: user, gid: user })).stdout, 'echo');
        const ended = once(container, 'exit');
        process.kill(await program(), 'SIGTERM');
        assert.deepEqual(await ended, [0, null]);
      } finally {
        // A container that has not ended yet ends with its first process.
        if (container.exitCode === null) process.kill(await program(), 'SIGKILL');
        echo.stop();
        await emulator.stop();
      }
    });
  });
});

/** @param {Uint8Array} bytes */
const digestOf = bytes => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
