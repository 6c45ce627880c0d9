// The action's first step: the command line of a release, here from a release that this machine serves.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';
import { archive, writeChecksums } from '../../scripts/lib/archives.mjs';
import { root } from '../../scripts/lib/paths.mjs';
import { programName } from '../../scripts/lib/publish.mjs';
import { findProgram, temporaryFolder } from '../EndToEnd/peers.mjs';

const { version } = /** @type {{ version: string }} */ (JSON.parse(await readFile(`${root}package.json`, 'utf8')));
const skip = process.platform === 'win32' ? 'needs the tools of Unix' : false;

describe('The action installs rds-tunnel', { skip }, () => {
  /** Of the release, by path. @type {Map<string, Buffer>} */
  const served = new Map();
  /** Those that the release answers once with an error. @type {string[]} */
  let busy = [];
  /** @type {string[]} */
  let requests = [];
  /** Where it sends those who ask, if anywhere. */
  let elsewhere = '';
  const server = createServer(({ url = '' }, response) => {
    requests.push(url);
    const file = served.get(url);
    const isBusy = busy.includes(url);
    busy = busy.filter(each => each !== url);
    if (elsewhere !== '') response.writeHead(302, { location: elsewhere + url }).end();
    else response.writeHead(isBusy ? 503 : file === undefined ? 404 : 200).end(isBusy ? '' : file);
  });
  let releases = '';
  /** The runner's folder for what is gone after a job, with a blank in its name. */
  let temporary = '';

  /** @param {string} file @param {Buffer | string} content @param {string} [of] version */
  const serve = (file, content, of = version) => served.set(`/v${of}/${file}`, Buffer.from(content));
  const checksums = async () => {
    serve('SHA256SUMS', await readFile(`${release}/SHA256SUMS`));
  };
  let release = '';

  before(async () => {
    const folder = await temporaryFolder('release');
    release = `${folder}/cli`;
    const files = [];
    for (const platform of ['linux-x64', 'linux-arm64', 'alpine-x64', 'darwin-x64', 'darwin-arm64', 'win32-x64']) {
      const program = `${folder}/${programName(platform)}`;
      await writeFile(program, `#!/bin/sh\n[ "$1" = --version ] && echo ${version}+${platform}\n`);
      await chmod(program, 0o755);
      // Not native, as far as it is concerned: no package for Debian.
      files.push(...(await archive({ platform, form: 'readytorun', folder, program }, release)));
    }
    await writeChecksums(files);
    for (const name of await readdir(release)) serve(name, await readFile(`${release}/${name}`));
    await checksums();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    releases = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
  });

  beforeEach(async () => {
    [busy, requests, elsewhere] = [[], [], ''];
    temporary = `${await temporaryFolder('runner')}/a folder`;
    await mkdir(temporary);
  });

  after(() => server.close());

  /**
   * @param {NodeJS.ProcessEnv} [env]
   * @returns {Promise<{ code: number, said: string, path: string }>} `path`: what the steps that follow find programs in
   */
  async function install(env = {}) {
    const path = `${temporary}/path`;
    const { code, said } = await new Promise((/** @type {(ended: { code: number, said: string }) => void} */ resolve) => {
      execFile(
        'bash',
        [`${root}scripts/action/install.sh`, releases],
        {
          env: {
            ...process.env,
            RUNNER_OS: 'Linux',
            RUNNER_ARCH: 'X64',
            RUNNER_TEMP: temporary,
            GITHUB_PATH: path,
            INPUT_VERSION: '',
            no_proxy: '127.0.0.1',
            ...env,
          },
        },
        (error, stdout, stderr) => {
          resolve({ code: error === null ? 0 : Number(error.code), said: stdout + stderr });
        },
      );
    });
    return { code, said, path: existsSync(path) ? await readFile(path, 'utf8') : '' };
  }

  /** @param {{ code: number, said: string, path: string }} ended @param {RegExp} why */
  async function assertRefused({ code, said, path }, why) {
    assert.equal(code, 1, said);
    assert.match(said, why);
    assert.match(said, /^::error title=RDS Tunnel::[A-Z]/m);
    assert.equal(path, '');
    assert.deepEqual(await readdir(temporary), [], 'left behind');
  }

  for (const [system, processor, platform] of [
    ['Linux', 'X64', 'linux-x64'],
    ['Linux', 'ARM64', 'linux-arm64'],
    ['macOS', 'X64', 'darwin-x64'],
    ['macOS', 'ARM64', 'darwin-arm64'],
    ['Windows', 'X64', 'win32-x64'],
  ]) {
    it(`for ${String(platform)}, of the action's own version`, async () => {
      const { code, said, path } = await install({ RUNNER_OS: system, RUNNER_ARCH: processor });
      assert.equal(code, 0, said);
      assert.equal(said, `Installed rds-tunnel ${version}+${String(platform)} (${String(platform)})\n`);
      assert.equal(path, `${temporary}/rds-tunnel-${version}-${String(platform)}\n`);
      assert.deepEqual(await readdir(path.trim()), ['LICENSE', programName(String(platform))]);
      assert.deepEqual((await readdir(temporary)).sort(), ['path', `rds-tunnel-${version}-${String(platform)}`], 'left behind');
    });
  }

  describe('in a container of Alpine', () => {
    /** A machine with musl's ldd. */
    async function musl() {
      const tools = await temporaryFolder('musl');
      await writeFile(`${tools}/ldd`, '#!/bin/sh\necho "musl libc (x86_64)" >&2\nexit 1\n');
      await chmod(`${tools}/ldd`, 0o755);
      return { PATH: `${tools}:${process.env.PATH ?? ''}` };
    }

    it('as the program for musl', async () => {
      const { said, path } = await install(await musl());
      assert.match(said, /\(alpine-x64\)/);
      assert.match(path, /-alpine-x64\n$/);
    });

    it('and says so where there is none', async () => {
      await assertRefused(await install({ ...(await musl()), RUNNER_ARCH: 'ARM64' }), /no rds-tunnel for Alpine on ARM64/);
    });
  });

  it('not for a system that has no program, and asks for nothing', async () => {
    await assertRefused(await install({ RUNNER_ARCH: 'ARM' }), /There is no rds-tunnel for Linux on ARM\. Use a runner with /);
    await assertRefused(await install({ RUNNER_OS: 'Windows', RUNNER_ARCH: 'ARM64' }), /no rds-tunnel for Windows on ARM64/);
    assert.deepEqual(requests, []);
  });

  it('of another version, with or without its v', async () => {
    const name = 'rds-tunnel-9.8.7-linux-x64.tar.gz';
    await assertRefused(
      await install({ INPUT_VERSION: '9.8.7' }),
      /Couldn't download SHA256SUMS of version 9\.8\.7\. Check that this release exists/,
    );
    serve('SHA256SUMS', `${'0'.repeat(64)}  ${name}\n`, '9.8.7');
    await assertRefused(await install({ INPUT_VERSION: 'v9.8.7' }), /Couldn't download rds-tunnel-9\.8\.7-linux-x64\.tar\.gz/);
    assert.deepEqual(requests, ['/v9.8.7/SHA256SUMS', '/v9.8.7/SHA256SUMS', `/v9.8.7/${name}`]);
  });

  it("not of something that isn't a version, which is never printed", async () => {
    for (const wrong of [
      'latest',
      '1',
      '../../../evil/releases/download/v1.0.0',
      '1.0.0/..',
      '1.0.0\n::stop-commands::secret',
      '$(id)',
      '1.0.0 2',
    ]) {
      const ended = await install({ INPUT_VERSION: wrong });
      await assertRefused(ended, /must be a version such as 0\.2\.0/);
      assert.equal(ended.said.split('\n').length, 2, ended.said);
    }
    assert.deepEqual(requests, []);
  });

  it('not when its checksum is wrong', async () => {
    const file = `rds-tunnel-${version}-linux-x64.tar.gz`;
    const whole = await readFile(`${release}/${file}`);
    try {
      serve(file, Buffer.concat([whole, Buffer.of(0)]));
      await assertRefused(await install(), /The checksum of rds-tunnel-.*-linux-x64\.tar\.gz is wrong\. Nothing was installed\./);
      serve(file, whole.subarray(0, -10));
      await assertRefused(await install(), /checksum .* is wrong/);
    } finally {
      serve(file, whole);
    }
  });

  it('not when its checksum is missing: that of another file does not count', async () => {
    const sums = await readFile(`${release}/SHA256SUMS`, 'utf8');
    try {
      serve('SHA256SUMS', sums.replace('linux-x64.tar.gz', 'linux-x64.tar.gz.sig').replace('-darwin-x64', '/-linux-x64'));
      await assertRefused(
        await install(),
        /SHA256SUMS of version .* has no checksum for rds-tunnel-.*-linux-x64\.tar\.gz\. Nothing was installed\./,
      );
    } finally {
      await checksums();
    }
  });

  it('not from an address without https that the release leads to', async () => {
    elsewhere = `${releases}/elsewhere`;
    await assertRefused(await install(), /Couldn't download SHA256SUMS/);
    assert.deepEqual(requests, [`/v${version}/SHA256SUMS`]);
  });

  it('when the release is busy for a moment', async () => {
    busy = [`/v${version}/rds-tunnel-${version}-linux-x64.tar.gz`];
    const { code, said } = await install();
    assert.equal(code, 0, said);
    assert.equal(requests.length, 3);
  });

  it('once, for all the steps of a job', async () => {
    await install();
    const { code, path } = await install();
    assert.equal(code, 0);
    assert.equal(requests.length, 2);
    assert.equal(path, `${temporary}/rds-tunnel-${version}-linux-x64\n`.repeat(2));
  });

  it('with the checksums of macOS, which has no sha256sum', async () => {
    const tools = await temporaryFolder('macos');
    // All that it needs, and nothing else.
    for (const name of ['bash', 'curl', 'dirname', 'gzip', 'mktemp', 'mv', 'rm', 'sed', 'tar'])
      await symlink(String(findProgram(name)), `${tools}/${name}`);
    const sha256 = findProgram('sha256sum') ?? `${String(findProgram('shasum'))} -a 256`;
    await writeFile(`${tools}/shasum`, `#!/bin/sh\n[ "$*" = "-a 256" ] && exec ${sha256}\n`);
    await chmod(`${tools}/shasum`, 0o755);
    const { code, said } = await install({ RUNNER_OS: 'macOS', PATH: tools });
    assert.equal(code, 0, said);
    assert.match(said, /darwin-x64/);
  });
});
