// What the editor of the demo finds: a profile that needs a sign-in, a team's file, a database in a private network.
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { startCodeServer } from '../../tests/Editor/code-server.mjs';
import { startEmulator } from '../../tests/EndToEnd/emulator.mjs';
import { databaseHost, freePort, temporaryFolder } from '../../tests/EndToEnd/peers.mjs';
import { ssoProfile } from '../../tests/EndToEnd/profiles.mjs';
import { atEnd } from './endings.mjs';
import { stillRunning } from './processes.mjs';
import { startDatabase } from './sample-database.mjs';
import { chapter } from './steps.mjs';
import { bold, cyan, say } from './terminal.mjs';

const readerHost = 'orders.cluster-ro-abc123.eu-central-1.rds.amazonaws.com';

/** @param {string} psql @param {number} port */
const guide = (psql, port) => `# RDS Tunnel, to click through

Everything here runs on your machine: "AWS" is a local one, and the database a real PostgreSQL that plays \`${databaseHost}\`.

1. A notification asks whether this workspace may use your AWS identity, since its file \`.vscode/rds-tunnels.json\` names a tunnel. Press **Allow**: port ${port} listens now.
2. Open a terminal (Terminal: New Terminal) and connect. It waits, and a notification asks you to sign in: press **Sign in**, open the page, allow it there, and the prompt appears.

   \`\`\`
   ${psql}
   \`\`\`

3. Press F1 and run **RDS Tunnel: Open tunnel…**: choose the profile, then a database. A jump host is selected automatically; the details say why.
4. The icon on the left shows tunnels, databases and jump hosts. Select a tunnel for its details; **RDS Tunnel: Check tunnel** tests the whole chain.
5. End the sidecar from the terminal (\`pkill -f "rds-tunnel.*serve"\`), and see the tunnels come back on their ports.
`;

/** @param {{ pglite: boolean }} options */
export async function openEditor({ pglite }) {
  atEnd(() =>
    chapter(
      'Nothing is left',
      () => {
        const processes = stillRunning();
        return processes.length === 0 ? Promise.resolve() : Promise.reject(new Error(`Left behind: processes ${processes.join(', ')}.`));
      },
      () => 'no process',
    ),
  );
  const database = await chapter(
    'Database',
    () => startDatabase(pglite),
    ({ name, port }) => `${name} on 127.0.0.1:${port}, in the role of ${bold(databaseHost)}`,
  );
  const address = `127.0.0.1:${database.port}`;
  const emulator = await chapter(
    'Local AWS',
    () => startEmulator({ world: true, databaseAddress: address, alsoResolve: { [readerHost]: address } }),
    ({ endpoint }) => endpoint,
  );
  const home = await temporaryFolder('demo-editor');
  await writeFile(`${home}/config`, ssoProfile('work'));
  const localPort = await freePort();
  const editor = await chapter(
    'Editor',
    () =>
      startCodeServer({
        env: { AWS_CONFIG_FILE: `${home}/config`, AWS_ENDPOINT_URL: emulator.endpoint, AWS_EC2_METADATA_DISABLED: 'true' },
        settings: { 'workbench.startupEditor': 'readme', 'workbench.editorAssociations': { '*.md': 'vscode.markdown.preview.editor' } },
        files: {
          'README.md': guide(database.psql(localPort), localPort),
          '.vscode/rds-tunnels.json': `{\n  // What everybody in the team needs.\n  "tunnels": [\n    { "name": "orders", "host": "${databaseHost}", "port": 5432, "localPort": ${localPort}, "profile": "work" }\n  ]\n}\n`,
        },
      }),
    ({ url }) => cyan(url),
  );
  say(`\nOpen ${bold(editor.url)} in a browser, if it has not opened by itself.`);
  openInBrowser(editor.url);
}

/** Where there is a desktop. @param {string} url */
function openInBrowser(url) {
  const opener =
    process.platform === 'darwin'
      ? 'open'
      : process.env.DISPLAY !== undefined || process.env.WAYLAND_DISPLAY !== undefined
        ? 'xdg-open'
        : undefined;
  if (opener === undefined) return;
  const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
  // The address stands above.
  child.on('error', () => undefined);
  child.unref();
}
