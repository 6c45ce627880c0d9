// JDBC's drivers as Debian packs them, asked through sqlline.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { text as textOf } from 'node:stream/consumers';
import { findProgram, skipWithout } from './peers.mjs';

const jars = ['sqlline', 'jline', 'postgresql', 'mariadb-java-client'].map(name => `/usr/share/java/${name}.jar`);
/** False where they are installed, or why not. */
export const jdbcMissing = skipWithout(
  findProgram('java') && jars.every(existsSync) ? jars[0] : undefined,
  'sqlline with the JDBC drivers of PostgreSQL and MariaDB',
);

/**
 * All that sqlline says.
 * @param {string} url @param {string} driver its class @param {string} sql @param {{ user: string, password: string }} as
 */
export async function askJdbc(url, driver, sql, { user, password }) {
  const running = spawn('java', ['-cp', jars.join(':'), 'sqlline.SqlLine', '--isolation=TRANSACTION_READ_COMMITTED']);
  running.stdin.end(`!connect "${url}" "${user}" "${password}" ${driver}\n${sql};\n!quit\n`);
  const [output, errors] = await Promise.all([textOf(running.stdout), textOf(running.stderr)]);
  return output + errors;
}
