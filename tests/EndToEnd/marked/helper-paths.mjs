// Secrets that a helper program (credential_process) prints, says when it fails, or gets as an argument.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @param {import('./marks.mjs').Marks} marks @param {string} home @returns {Promise<import('./file-paths.mjs').LocalPath[]>} */
export async function helperPaths(marks, home) {
  /** @type {import('./file-paths.mjs').LocalPath[]} */
  const paths = [];
  const add = (/** @type {string} */ profile, /** @type {string} */ commandLine, /** @type {RegExp} */ says, secrets = commandLine) => {
    paths.push({ profile, config: `[profile ${profile}]\nregion = eu-central-1\ncredential_process = ${commandLine}\n`, says, secrets });
  };
  const program = async (/** @type {string} */ name, /** @type {string} */ script) => {
    await writeFile(join(home, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return join(home, name);
  };
  const text = (/** @type {string} */ said) => `cat <<'END'\n${said}\nEND`;

  for (const [how, print, says] of /** @type {[string, (secret: string) => string, RegExp][]} */ ([
    ['half', secret => `{"Version":1,"AccessKeyId":"A","SecretAccessKey":"${secret}`, /did not print credentials in JSON/],
    ['text', secret => secret, /did not print credentials in JSON/],
    ['list', secret => `["${secret}"]`, /did not print credentials in JSON/],
    ['version', secret => `{"Version":2,"AccessKeyId":"A","SecretAccessKey":"${secret}"}`, /without .*Version.*: 1/],
    ['version-text', secret => `{"Version":"${secret}","AccessKeyId":"A","SecretAccessKey":"${secret}"}`, /without .*Version.*: 1/],
    ['no-id', secret => `{"Version":1,"SecretAccessKey":"${secret}"}`, /without AccessKeyId/],
    ['no-secret', secret => `{"Version":1,"AccessKeyId":"A","SessionToken":"${secret}"}`, /without SecretAccessKey/],
    ['object', secret => `{"Version":1,"AccessKeyId":"A","SecretAccessKey":{"a":"${secret}"}}`, /SecretAccessKey isn't a string/],
    [
      'expiration',
      secret => `{"Version":1,"AccessKeyId":"A","SecretAccessKey":"${secret}","Expiration":"${secret}"}`,
      /an invalid Expiration/,
    ],
    [
      'over',
      secret => `{"Version":1,"AccessKeyId":"A","SecretAccessKey":"${secret}","Expiration":"2020-01-01T00:00:00Z"}`,
      /expired credentials/,
    ],
  ])) {
    const printed = print(marks.word(`prints ${how}`));
    add(`prints-${how}`, await program(`prints-${how}`, text(printed)), says, printed);
    const told = print(marks.key(`prints ${how}, and says it`));
    add(
      `repeats-${how}`,
      await program(`repeats-${how}`, `${text(told)}\n${text(told).replace('cat', 'cat >&2')}\nexit 3`),
      /ended with code 3/,
      told,
    );
  }

  for (const [how, say] of /** @type {[string, (marks: { secret: string, word: string }) => string][]} */ ([
    ['property', ({ secret }) => `aws_secret_access_key = ${secret}`],
    ['variable', ({ secret }) => `+ export AWS_SECRET_ACCESS_KEY=${secret}`],
    ['json', ({ secret, word }) => `{\n  "SecretAccessKey": "${secret}",\n  "SessionToken":\n    "${word}"\n}`],
    ['json-in-json', ({ secret, word }) => `{"message":"{\\"SecretAccessKey\\":\\"${word}\\",\\"Token\\": \\"${secret}\\"}"}`],
    ['python', ({ secret, word }) => `KeyError: {'secret_key': '${word}', 'Token': b'${secret}'}`],
    [
      'xml',
      ({ secret, word }) => `<Credentials><SecretAccessKey>${word}</SecretAccessKey><SessionToken>${secret}</SessionToken></Credentials>`,
    ],
    ['header', ({ secret }) => `> Authorization: Bearer ${secret}`],
    ['query', ({ word }) => `GET https://sts.example.com/?token=${word}&x=1 failed`],
    ['userinfo', ({ word }) => `cannot reach https://jane:p@ss/${word}@vault.example.com/v1`],
    ['sentence', ({ word }) => `the password ${word} is wrong`],
    ['quoted', ({ word }) => `the password '${word}' is wrong`],
    ['code', ({ word }) => `OTP ${word} was used before`],
    ['bare', ({ secret }) => secret],
    ['key-file', ({ secret }) => `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`],
    ['coloured', ({ secret, word }) => `\u001b[31mtoken=\u001b[1m${word}\u001b[0m ${secret}`],
  ])) {
    const said = say({
      get secret() {
        return marks.key(`says ${how}`);
      },
      get word() {
        return marks.word(`says ${how} word`);
      },
    });
    add(`says-${how}`, await program(`says-${how}`, `${text(said).replace('cat', 'cat >&2')}\nexit 4`), /ended with code 4/, said);
  }

  // The last 4,096 characters are kept: here, all from after the name of the secret on, of which a
  // terminal would show nothing but the secret.
  const cut = marks.word('says much');
  add(
    'says-much',
    await program(
      'says-much',
      `printf '"secret": "%s" x' ${cut} >&2\nawk 'BEGIN { for (i = 0; i < 1018; i++) printf "\\033[0m" }' >&2\nexit 4`,
    ),
    /ended with code 4/,
    cut,
  );

  const repeats = await program('repeats', 'echo "usage: not $*" >&2; printf "%s " "$@" >&2; exit 5');
  add('argument', `${repeats} ${marks.word('argument')}`, /ended with code 5/);
  add('argument-option', `${repeats} --pass=${marks.word('argument-option')} -p${marks.word('argument-short')}`, /ended with code 5/);
  add('argument-script', `/bin/sh -c 'echo "use ${marks.word('argument-script')} now" >&2; exit 5'`, /ended with code 5/);
  add('missing', `no-such-helper ${marks.word('missing')}`, /names a program that doesn't exist/);
  add('missing-secret', marks.key('missing-secret'), /names a program that doesn't exist/);
  add('unclosed', `${repeats} "${marks.word('unclosed')}`, /has an unclosed quote/);
  add('no-program', `/etc/passwd ${marks.word('no-program')}`, /aren't allowed to run/);
  add('folder', `/tmp/ ${marks.word('folder')}`, /aren't allowed to run|can't be run/);
  add('shell', `VAULT_TOKEN=${marks.word('shell')} helper`, /names a program that doesn't exist/);
  return paths;
}
