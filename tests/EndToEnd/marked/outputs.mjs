// All that the sidecar puts out: standard output and error to the byte, at the lowest level of its
// log, and what other users of this machine see of it.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sidecarCommand } from '../../../scripts/lib/paths.mjs';
import { run } from '../../../scripts/lib/processes.mjs';
import { startSidecar, withoutAws } from '../sidecar.mjs';

/** @typedef {Awaited<ReturnType<typeof serve>>} Serving */

/**
 * A sidecar of an editor. `said` gives what it has put out since the last time.
 * @param {NodeJS.ProcessEnv} env @param {(profile: string) => string} [codeOf] the code of a profile's multi-factor device
 */
export async function serve(env, codeOf) {
  const sidecar = await startSidecar(env, { codeOf });
  let text = '';
  for (const stream of [sidecar.running.child.stdout, sidecar.running.child.stderr])
    stream?.on('data', (/** @type {Buffer} */ bytes) => {
      text += bytes.toString();
    });
  await sidecar.request('log/setLevel', { level: 'Trace' });
  return {
    ...sidecar,
    said: () => {
      const said = text;
      text = '';
      return said;
    },
    commandLine: () => readFile(`/proc/${sidecar.running.pid}/cmdline`, 'utf8').catch(() => ''),
  };
}

/** A command that a person types. @param {NodeJS.ProcessEnv} env @param {string[]} args @returns {Promise<string>} what it has put out */
export async function command(env, ...args) {
  /** @type {string[]} */
  const lines = [];
  const { code } = await run(sidecarCommand.file, [...sidecarCommand.args, ...args, '--log-level', 'Trace'], {
    env: { ...withoutAws, ...env },
    onLine: line => {
      lines.push(line);
    },
  });
  return [...lines, `ended with ${code}`].join('\n');
}

/** The text of all files below a folder, by path. @param {string} folder @returns {Promise<Map<string, string>>} */
export async function filesBelow(folder) {
  /** @type {Map<string, string>} */
  const texts = new Map();
  for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    if (file.isFile()) texts.set(path, await readFile(path, 'utf8'));
  }
  return texts;
}
