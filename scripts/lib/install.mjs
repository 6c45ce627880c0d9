// npm's packages and the .NET build: done when something changed, and not otherwise.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { configuration, root } from './paths.mjs';
import { run } from './processes.mjs';
import { say } from './terminal.mjs';

/** MSBuild leaves no server behind. */
export const dotnetEnvironment = {
  DOTNET_CLI_TELEMETRY_OPTOUT: '1',
  DOTNET_NOLOGO: '1',
  DOTNET_CLI_USE_MSBUILD_SERVER: '0',
  MSBUILDDISABLENODEREUSE: '1',
};

/** Installs npm's packages when the lock file has changed since the last time. Nothing in them needs to run a script. */
export const installPackages = () =>
  whenLockChanged(root, () => {
    say('Installing npm packages');
    return ci(root);
  });

/**
 * @param {string} folder with a package-lock.json
 * @param {() => Promise<void>} install fills its node_modules
 */
export async function whenLockChanged(folder, install) {
  // Written into node_modules when it is complete.
  const stamp = `${folder}/node_modules/.installed-lock`;
  const digest = createHash('sha256')
    .update(await readFile(`${folder}/package-lock.json`))
    .digest('hex');
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === digest) return;
  await install();
  await writeFile(stamp, digest);
}

/** What a lock file names, without running any of it. @param {string} folder */
export async function ci(folder) {
  const { code, tail } = await run(...npm(['ci', '--ignore-scripts', '--no-progress', '--loglevel=error']), { cwd: folder });
  if (code !== 0) throw new Error(`npm ci failed:\n${tail.join('\n')}`);
}

export const everything = 'Sidecar.sln';
export const withoutTests = 'scripts/demo.slnf';

/**
 * Restores and builds a solution, or a part of it; what has not changed is not built again.
 * @param {string} solution
 * @param {import('./steps.mjs').Note} note
 */
export async function build(solution, note) {
  const args = ['build', solution, '--configuration', configuration, '--verbosity', 'minimal', '--nologo'];
  const { code, tail } = await run('dotnet', args, {
    cwd: root,
    env: dotnetEnvironment,
    onLine: line => {
      const built = /^\s*(\S+) -> /.exec(line)?.[1];
      if (built !== undefined) note(built);
    },
  });
  if (code !== 0) throw new Error(`dotnet build failed:\n${errorsOf(tail).join('\n')}`);
}

/** The compiler says each error twice, and much beside them. @param {string[]} lines */
function errorsOf(lines) {
  const errors = new Set(lines.map(line => line.trim()).filter(line => /\berror\b/.test(line)));
  return errors.size === 0 ? lines : [...errors];
}

/**
 * npm as the one that runs us, or the one on PATH.
 * @param {string[]} args
 * @returns {[string, string[]]}
 */
export function npm(args) {
  const running = process.env.npm_execpath;
  return running === undefined ? ['npm', args] : [process.execPath, [running, ...args]];
}
