// Commands where something around them is odd: folders that are gone, disks that are full, descriptors that are closed, somebody
// else's server. Each says what is wrong and what to do, or goes on.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { atEnd } from '../../scripts/lib/endings.mjs';
import { sidecarCommand } from '../../scripts/lib/paths.mjs';
import { startEmulator } from './emulator.mjs';
import { databaseHost, freePort, temporaryFolder } from './peers.mjs';
import { connectAndEcho, eventually, isListening, startEcho } from './ports.mjs';
import { stateFolder, withoutAws } from './sidecar.mjs';

const skip = process.platform !== 'linux' && '/dev/full, and the shell of Linux';

describe('Commands in odd surroundings', { skip }, () => {
  /** @type {Awaited<ReturnType<typeof startEcho>>} */
  let echo;
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {NodeJS.ProcessEnv} */
  let env;

  before(async () => {
    echo = await startEcho();
    emulator = await startEmulator({ unpaced: true });
    env = {
      ...process.env,
      ...withoutAws,
      ...emulator.env,
      XDG_STATE_HOME: await stateFolder(),
      AWS_REGION: emulator.region,
      AWS_ENDPOINT_URL: emulator.endpoint,
    };
  });

  after(async () => {
    echo.stop();
    await emulator.stop();
  });

  /**
   * Started by a shell, which sets up what is odd.
   * @param {string} shell `"$@"` is the program
   * @param {string[]} args
   * @param {string} [cwd]
   */
  function startIn(shell, args, cwd) {
    const child = spawn('sh', ['-c', shell, 'sh', sidecarCommand.file, ...sidecarCommand.args, ...args], {
      env,
      cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const stop = atEnd(() => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
      return Promise.resolve();
    });
    const exited = once(child, 'exit').then(([code]) => /** @type {number} */ (code));
    return { child, stop, exited, output: textOf(child.stdout), error: textOf(child.stderr) };
  }

  /** To its end. @param {string} shell @param {string[]} args @param {string} [cwd] */
  async function runIn(shell, args, cwd) {
    const { child, exited, output, error, stop } = startIn(shell, args, cwd);
    child.stdin.end();
    const code = await exited;
    await stop();
    return { code, output: await output, error: await error };
  }

  const tunnel = () => ['--host', databaseHost, '--port', String(echo.port), '--target', emulator.target];

  it('a folder that was deleted is told, and only where one is needed', async () => {
    const gone = join(await temporaryFolder('gone'), 'folder');
    const from = async (/** @type {string[]} */ args) => {
      await mkdir(gone);
      return runIn(`rmdir ${gone}; exec "$@"`, args, gone);
    };
    const byName = await from(['exec', '--name', 'orders', '--', 'true']);
    assert.equal(byName.code, 1, byName.error);
    assert.match(byName.error, /^rds-tunnel: The current folder was deleted.*Change to another folder\.\n$/);
    const missing = await from(['exec', ...tunnel(), '--', './missing']);
    assert.equal(missing.code, 127, missing.error);
    assert.match(missing.error, /^rds-tunnel: \.\/missing: command not found\.\n$/);
  });

  for (const [what, path, said] of /** @type {const} */ ([
    ['no name', '', /it isn't a file path/],
    ['a folder', '/tmp', /it is a folder/],
    ['nothing', '/nonexistent/tunnels.json', /doesn't exist|does not exist|part of its path/],
    ['a device without an end', '/dev/zero', /every user of this machine can change it/],
    ['a device that is empty', '/dev/null', /every user of this machine can change it/],
  ]))
    it(`a file of tunnels that is ${what} is told`, async () => {
      const { code, error } = await runIn('exec "$@"', ['serve', '--config', path]);
      assert.equal(code, 2, error);
      assert.match(error, said);
      assert.doesNotMatch(error, /\bat RdsTunnel\./);
    });

  it('a terminal that takes no more keeps a tunnel as it is', async () => {
    const localPort = await freePort();
    const { child, exited, stop } = startIn('exec "$@" >/dev/full 2>/dev/full', ['open', ...tunnel(), '--local-port', String(localPort)]);
    assert.ok(await eventually(async () => child.exitCode !== null || (await isListening(localPort))));
    const socket = await connectAndEcho(localPort);
    socket.destroy();
    assert.equal(child.exitCode, null);
    child.kill('SIGTERM');
    assert.equal(await exited, 0);
    await stop();
  });

  it('a log that takes no more ends no program that runs with a tunnel', async () => {
    // Whatever answers passes for a database that speaks no PostgreSQL: the program is run.
    const { code, output } = await runIn('exec "$@" 2>/dev/full', [
      'exec',
      ...tunnel(),
      '--engine',
      'mongodb',
      '--wait',
      '5',
      '--',
      'sh',
      '-c',
      'echo ran',
    ]);
    assert.ok(code === 0 ? output === 'ran\n' : code === 1, `${code} ${output}`);
  });

  it('streams that are closed, or open the other way, end the process in order', async () => {
    for (const streams of ['<&-', '0>/dev/null', '>&-', '1</dev/null', '<&- >&- 2>&-']) {
      const { code, error } = await runIn(`exec "$@" ${streams}`, ['serve', '--stdio']);
      assert.ok(code === 0 || code === 1, `${streams}: ${code} ${error}`);
      assert.doesNotMatch(error, /Unhandled exception/, streams);
    }
  });

  /** A server of somebody else's, on whose port `wait` asks. @param {(socket: import('node:net').Socket) => void} serve */
  async function somebodyElse(serve) {
    const server = createServer(socket => {
      socket.on('error', () => undefined);
      serve(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    return { port, server };
  }

  for (const [what, answer, said] of /** @type {const} */ ([
    [
      'a character set that nobody knows',
      'HTTP/1.1 503 X\r\nContent-Type: text/plain; charset=nonsense\r\nContent-Length: 4\r\n\r\nbusy',
      /503, busy/,
    ],
    [
      'what a terminal would obey',
      'HTTP/1.1 503 X\r\nContent-Length: 22\r\n\r\n\u001b[2Ja\nForged: b\u202e!!!!',
      /503, \[2Ja Forged: b !!!!/,
    ],
    ['more than it should', `HTTP/1.1 503 X\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(200_000)}`, /too long|closed/],
    ['nothing that is HTTP', 'SSH-2.0-OpenSSH_9.9\r\n', /isn't HTTP|closed/],
    ['half of an answer', 'HTTP/1.1 503 X\r\nContent-Length: 10\r\n\r\nab', /closed|ended|connection/],
    ['an address elsewhere', 'HTTP/1.1 302 X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n', /302/],
  ]))
    it(`wait bears a server that answers with ${what}`, async () => {
      const { port, server } = await somebodyElse(socket => {
        socket.once('data', () => socket.end(answer));
      });
      const { code, error } = await runIn('exec "$@"', ['wait', '--max', '2s', '--http-port', String(port)]);
      server.close();
      assert.equal(code, 1, error);
      assert.match(error, said);
      // eslint-disable-next-line no-control-regex
      assert.doesNotMatch(error, /\bat RdsTunnel\.|[\u0000-\u0009\u000b-\u001f\u202e]/);
      assert.equal(error.trimEnd().split('\n').length, 1, error);
    });

  it('wait asks again where a server hangs, and succeeds with the next answer', async () => {
    let asked = 0;
    const { port, server } = await somebodyElse(socket => {
      if (++asked > 1) socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n'));
    });
    const { code, error } = await runIn('exec "$@"', ['wait', '--max', '10m', '--http-port', String(port)]);
    server.close();
    assert.equal(code, 0, error);
  });

  it('serve --config goes on while its log is on a full disk, and then tells how many lines are missing', async () => {
    const folder = await temporaryFolder('full');
    const [file, log, localPort, httpPort] = [join(folder, 'tunnels.json'), join(folder, 'log'), await freePort(), await freePort()];
    await writeFile(
      file,
      JSON.stringify({ tunnels: [{ name: 'orders', host: databaseHost, port: echo.port, target: emulator.target, localPort }] }),
    );
    const args = ['serve', '--config', file, '--health-check', '--http-port', String(httpPort)];
    const { child, exited, stop } = startIn(`trap '' XFSZ; exec "$@" 2>>${log}`, args);
    const written = () => readFile(log, 'utf8').catch(() => '');
    const limit = (/** @type {string} */ bytes) => {
      execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:unlimited`]);
    };
    assert.ok(await eventually(async () => child.exitCode !== null || (await written()).includes('orders is ready')));
    // To the process, a file that may grow no more is on a disk that is full.
    limit('1');
    const before = await written();
    const refused = await fetch(`http://127.0.0.1:${httpPort}/readiness`, { headers: { Origin: 'http://example.com' } });
    assert.equal(refused.status, 403); // which is logged
    (await connectAndEcho(localPort)).destroy();
    assert.equal(await written(), before);
    limit('unlimited');
    child.kill('SIGTERM');
    assert.equal(await exited, 0);
    assert.match((await written()).slice(before.length), /^\n?\(\d+ older lines dropped.*\n.*Received SIGTERM/);
    await stop();
  });
});
