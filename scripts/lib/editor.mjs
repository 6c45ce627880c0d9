// A real editor, code-server, with the Node that it wants and what drives its browser: installed apart from everything else, and once.
import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import { ci, npm, whenLockChanged } from './install.mjs';
import { root } from './paths.mjs';
import { run } from './processes.mjs';

const folder = `${root}tests/Editor`;
const chromiumPrograms = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser in which the editor is shown. */
export const chromium = chromiumPrograms.find(existsSync);

/** Why the editor does not run here; undefined when it does. */
export const editorServerMissing = process.platform === 'win32' ? 'code-server does not run on Windows.' : undefined;

/** Why the editor cannot be tried here; undefined when it can. */
export const editorMissing =
  process.platform !== 'linux'
    ? 'The editor is tried on Linux only.'
    : chromium === undefined
      ? 'Chromium is not installed (on Debian: apt-get install chromium).'
      : undefined;

/**
 * A few minutes the first time: its native parts are built here.
 * @param {import('./steps.mjs').Note} note
 */
export const installEditor = note =>
  whenLockChanged(folder, async () => {
    const own = `${folder}/node_modules/node/bin`;
    note('packages');
    await ci(folder);
    // npm puts the Node that runs it before all others: its native parts are for the editor's own.
    for (const [what, args, nodeFolder] of /** @type {[string, string[], string | undefined][]} */ ([
      ['its Node', ['rebuild', 'node', '--loglevel=error'], undefined],
      ['its native parts, which takes two to five minutes', ['rebuild', '--loglevel=error'], own],
    ])) {
      note(what);
      const [command, argv] = npm(args);
      const { code, tail } = await run(nodeFolder !== undefined && command === process.execPath ? `${nodeFolder}/node` : command, argv, {
        cwd: folder,
        env:
          nodeFolder === undefined
            ? {}
            : {
                // Where one npm has started another, it would go on saying which Node the first one runs on.
                npm_config_user_agent: undefined,
                npm_node_execpath: undefined,
                NODE: undefined,
                PATH: `${nodeFolder}${delimiter}${process.env.PATH ?? ''}`,
              },
      });
      if (code !== 0)
        throw new Error(
          `npm ${args[0] ?? ''} failed for the editor (libkrb5-dev, a C++ compiler and Python are needed):\n${tail.slice(-20).join('\n')}`,
        );
    }
  });
