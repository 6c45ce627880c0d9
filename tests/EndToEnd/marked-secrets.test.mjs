// Whatever fails, no secret comes out: each failing path has secrets of its own, whoever is asked
// repeats them, and all that the sidecar puts out is searched for any part of them.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startEchoingAws } from './marked/echoing-aws.mjs';
import { environmentPaths } from './marked/environment-paths.mjs';
import { filePaths, strayLines } from './marked/file-paths.mjs';
import { helperPaths } from './marked/helper-paths.mjs';
import { Marks } from './marked/marks.mjs';
import { command, filesBelow, serve } from './marked/outputs.mjs';
import { check, codeOf, open, servicePaths } from './marked/service-paths.mjs';
import { temporaryFolder } from './peers.mjs';

const tunnel = ['--target', 'i-0123456789abcdef0', '--host', 'orders.cluster-abc123.eu-central-1.rds.amazonaws.com', '--port', '5432'];

/**
 * One after the other, several at a time.
 * @template T
 * @param {T[]} items
 * @param {number} atOnce
 * @param {(item: T) => Promise<unknown>} act
 */
async function each(items, atOnce, act) {
  const waiting = [...items];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await act(item);
    }),
  );
}

describe('Secrets', { skip: process.platform === 'win32' ? 'the helpers are shell scripts' : false }, () => {
  const marks = new Marks();
  /** @type {Awaited<ReturnType<typeof startEchoingAws>>} */
  let aws;

  before(async () => {
    aws = await startEchoingAws(marks);
  });

  after(() => {
    aws.stop();
  });

  /** @param {string} text */
  const assertNone = text => {
    const leaks = new Map(
      text
        .split('\n')
        .map(line => /** @type {const} */ ([String(marks.in(line)), line]))
        .filter(([names]) => names !== ''),
    );
    assert.equal(leaks.size, 0, [...leaks].map(([names, line]) => `${names}: ${line.slice(0, 1000)}`).join('\n'));
  };

  /** A home folder of its own. @returns {Promise<{ home: string, env: NodeJS.ProcessEnv }>} */
  const newHome = async () => {
    const home = await temporaryFolder('marked');
    await mkdir(join(home, '.aws'));
    return {
      home,
      env: { HOME: home, XDG_STATE_HOME: join(home, 'state'), AWS_EC2_METADATA_DISABLED: 'true', NO_PROXY: undefined, no_proxy: undefined },
    };
  };

  it('are found when they come out', () => {
    const scan = new Marks();
    const secrets = { key: scan.key('key'), token: scan.token('token'), word: scan.word('word'), jwt: scan.jwt('jwt') };
    for (const [name, secret] of Object.entries(secrets)) {
      for (const form of [secret, secret.slice(-16), secret.toLowerCase(), JSON.stringify({ a: secret }), encodeURIComponent(secret)])
        assert.deepEqual(scan.in(`said ${form}.`), [name], form);
    }
    assert.deepEqual(scan.in('nothing'), []);
    assert.equal(scan.unused.length, 4);
    scan.see(secrets.key);
    assert.equal(scan.unused.length, 3);
  });

  it('stay here when a call fails, whoever repeats them', async () => {
    const { home, env } = await newHome();
    const paths = await servicePaths(marks, aws.url, home);
    await writeFile(join(home, '.aws', 'config'), paths.map(({ config }) => config).join(''));
    const ours = await filesBelow(home);
    const sidecar = await serve(env, codeOf(marks));
    const ask = async (/** @type {import('./marked/service-paths.mjs').FailingPath} */ path) => {
      if (path.ask !== undefined) await path.ask(sidecar, path.profile);
      else await Promise.all([check(sidecar, path.profile), open(sidecar, path.profile)]);
    };
    await each(paths, 12, ask);
    // On a machine that stands still for two seconds a request ends before it is sent: files are read for no longer than that.
    await each(
      paths.filter(({ profile }) => marks.unused.some(name => name.startsWith(`${profile} `))),
      1,
      ask,
    );
    assertNone(await sidecar.commandLine());
    await sidecar.shutdown();
    assertNone(sidecar.said());
    await each(
      paths.filter(({ typed }) => typed),
      3,
      async ({ profile }) => {
        assertNone(await command(env, 'check', '--profile', profile, ...tunnel));
        assertNone(await command(env, 'open', '--open-now', '--profile', profile, ...tunnel));
        if (profile.startsWith('sso-')) assertNone(await command(env, 'sign-in', '--device-code', '--profile', profile));
      },
    );
    for (const [path, text] of await filesBelow(home)) {
      if (ours.get(path) !== text && !/\.aws\/(sso|cli|login)\/cache\//.test(path)) assertNone(`${path} ${text}`);
    }
  });

  it('stay here when a file cannot be used, or a helper fails', async () => {
    const { home, env } = await newHome();
    const paths = [...(await filePaths(marks, home)), ...(await helperPaths(marks, home))];
    const stray = strayLines(marks);
    await writeFile(join(home, '.aws', 'config'), stray.config + paths.map(({ config }) => config).join(''), 'latin1');
    await writeFile(join(home, '.aws', 'credentials'), stray.credentials);
    const sidecar = await serve(env);
    await each(paths, 4, async ({ profile, says, secrets }) => {
      const [checked] = await Promise.all([check(sidecar, profile), open(sidecar, profile)]);
      assert.match(JSON.stringify(checked), says, profile);
      marks.see(secrets);
    });
    const problems = JSON.stringify(await sidecar.request('profile/list'));
    for (const says of stray.says) assert.match(problems, says);
    marks.see(stray.config + stray.credentials);
    await sidecar.shutdown();
    assertNone(sidecar.said());
    const commands = [['check', ...tunnel], ['open', '--open-now', ...tunnel], ['sign-in']];
    await each(
      [...paths.entries()].filter(([i]) => i % 4 === 0),
      3,
      async ([i, { profile }]) => {
        assertNone(await command(env, ...(commands[(i / 4) % 3] ?? []), '--profile', profile));
      },
    );
  });

  it('stay here when the environment is wrong', async () => {
    const { home, env } = await newHome();
    const { paths, stop } = await environmentPaths(marks, aws.url, home);
    await each([...paths.entries()], 3, async ([i, path]) => {
      const all = { ...env, ...path.env };
      const checked = await command(all, 'check', ...tunnel);
      assert.match(checked, path.says, path.name);
      marks.see(JSON.stringify(path.env));
      assertNone(checked);
      if (i % 4 !== 0) return;
      const sidecar = await serve(all);
      await open(sidecar, undefined);
      await sidecar.shutdown();
      assertNone(sidecar.said());
    });
    stop();
    for (const file of ['container-lines', 'key.pem']) marks.see(await readFile(join(home, file), 'utf8'));
  });

  it('were all used', () => {
    assert.ok(marks.count > 400, String(marks.count));
    assert.deepEqual(marks.unused, []);
  });
});
