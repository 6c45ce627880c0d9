// How every script begins and ends.
import { endAll } from './endings.mjs';
import { MissingPrerequisite } from './prerequisites.mjs';
import { red } from './terminal.mjs';

/**
 * Runs a script; whatever it started is ended before the process is. A failure is one readable message and exit code 1.
 * @param {() => Promise<void>} script
 */
export async function main(script) {
  try {
    await script();
  } catch (error) {
    const missing = error instanceof MissingPrerequisite;
    process.stderr.write(`\n${red(missing ? 'Something is missing on this machine.' : 'Failed.')} ${messageOf(error)}\n`);
    process.exitCode = 1;
  } finally {
    await endAll();
  }
}

/** @param {unknown} error */
const messageOf = error =>
  process.env.DEBUG !== undefined && error instanceof Error ? error.stack : error instanceof Error ? error.message : String(error);
