// A check of passwords that a database asks through PAM: it stands in for IAM's, which looks at a token in clear text.
import { chmod, writeFile } from 'node:fs/promises';
import { existsSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { atEnd } from '../../scripts/lib/endings.mjs';

/** False where a service of PAM can be made, or why not. PAM reads them from one folder of the machine's. */
export const pamMissing =
  process.getuid?.() === 0 && existsSync('/etc/pam.d') && existsSync('/bin/sh') ? false : 'only root can add a service to PAM';

/**
 * A service that takes what has the form of a token for this user, and nothing else. It is gone when this process ends.
 * @param {string} folder of this run, which the database's user can read
 * @param {string} user
 * @returns {Promise<string>} its name
 */
export async function createTokenService(folder, user) {
  const check = `${folder}/check-token`;
  await writeFile(
    check,
    `#!/bin/sh
token=$(tr -d '\\0')
for part in "/?" Action=connect "DBUser=${user}" X-Amz-Signature= X-Amz-Expires=900; do
  case "$token" in *"$part"*) ;; *) exit 1 ;; esac
done
`,
  );
  await chmod(check, 0o755);
  const name = basename(folder).toLowerCase(); // as PAM looks for it
  const file = `/etc/pam.d/${name}`;
  atEnd(() => {
    rmSync(file, { force: true });
  });
  await writeFile(file, `auth required pam_exec.so expose_authtok quiet ${check}\naccount required pam_permit.so\n`);
  return name;
}
