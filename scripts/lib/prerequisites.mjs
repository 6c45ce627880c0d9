// What a machine must have before anything else can be installed for it.
import { execFileSync } from 'node:child_process';
import { root } from './paths.mjs';

const minimumNode = [20, 19];

/** Something is missing; the message says what, and how to get it. */
export class MissingPrerequisite extends Error {}

export function checkNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [minMajor = 0, minMinor = 0] = minimumNode;
  if (major > minMajor || (major === minMajor && minor >= minMinor)) return;
  throw new MissingPrerequisite(
    `Node.js ${minimumNode.join('.')} or newer is needed; this is ${version}.\n` +
      'Get it from https://nodejs.org/en/download, or with a version manager: nvm install 22',
  );
}

export function checkDotnet() {
  try {
    // In this folder, dotnet answers with the SDK that global.json selects, or fails.
    execFileSync('dotnet', ['--version'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
  } catch (error) {
    throw new MissingPrerequisite(
      `${isMissing(error) ? 'The .NET SDK was not found on PATH' : `No .NET 10 SDK is installed (${installedSdks()})`}: version 10 is needed.\n` +
        'Get it from https://dotnet.microsoft.com/download/dotnet/10.0, or without administrator rights:\n' +
        '  curl -sSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0 && export PATH="$HOME/.dotnet:$PATH"',
      { cause: error },
    );
  }
}

/** @param {unknown} error */
const isMissing = error => error instanceof Error && 'code' in error && error.code === 'ENOENT';

function installedSdks() {
  const listed = execFileSync('dotnet', ['--list-sdks'], { encoding: 'utf8' }).trim();
  const versions = listed
    .split('\n')
    .map(line => line.split(' ')[0])
    .filter(version => version !== '');
  return versions.length === 0 ? 'only a runtime is' : `found: ${versions.join(', ')}`;
}
