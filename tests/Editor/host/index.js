// Runs inside the extension host of a real editor, which calls run(): what only the editor's own API can tell of the packaged extension.
// What came of each test is written, a line each, into the file that RDS_TUNNEL_HOST_RESULTS names.
const assert = require('node:assert/strict');
const { appendFileSync, existsSync, readdirSync, readFileSync, readlinkSync } = require('node:fs');
const { connect } = require('node:net');

/** Only what hangs takes so long; less than whoever waits for these tests does. */
const hangMs = 240_000;
const databaseHost = 'orders.cluster-abc123.eu-central-1.rds.amazonaws.com';
const database = { host: databaseHost, port: 5432, profile: 'work', region: 'eu-central-1' };
const { EMULATOR: emulator, FREE_PORTS: freePorts = '' } = process.env;
const [firstPort, secondPort, thirdPort] = freePorts.split(' ').map(Number);

const answers = port =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('error', () => {
      resolve(false);
    });
  });

/** Sockets of the extension's processes: what other programs of the machine do is nobody's business here. */
const ownSockets = () =>
  new Set(
    readdirSync('/proc/self/task')
      .flatMap(task =>
        readFileSync(`/proc/self/task/${task}/children`, 'utf8')
          .split(' ')
          .filter(pid => pid !== ''),
      )
      .flatMap(pid => {
        try {
          return readdirSync(`/proc/${pid}/fd`).map(fd => readlinkSync(`/proc/${pid}/fd/${fd}`));
        } catch {
          return []; // it has ended, or has closed that file meanwhile
        }
      }),
  );

/** The ports of 127.0.0.1 that those listen on: `sl local_address rem_address st …`, in hexadecimal. */
const listening = () => {
  const own = ownSockets();
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .flatMap(line => {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      return state === '0A' && local.startsWith('0100007F:') && own.has(`socket:[${inode}]`) ? [parseInt(local.slice(9), 16)] : [];
    });
};

async function eventually(isSo, what) {
  const end = Date.now() + hangMs;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`It did not happen: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

const activeSessions = async () =>
  (await (await fetch(`${emulator}/_emulator/sessions`)).json()).filter(({ state }) => state === 'active').length;

/** @param {string} file one JSON value a line */
const linesOf = file =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
    : [];
/** What the log of agents' actions says so far. */
const actions = () => linesOf(`${process.env.XDG_STATE_HOME}/rds-tunnel/agents.jsonl`);

exports.tests = vscode => {
  const setting = (section, key, value) => vscode.workspace.getConfiguration(section).update(key, value, vscode.ConfigurationTarget.Global);
  const extension = () => vscode.extensions.getExtension('rds-tunnel.rds-tunnel');
  const api = () => extension().activate();
  const teamFile = () => vscode.Uri.joinPath(vscode.workspace.workspaceFolders[0].uri, '.vscode', 'rds-tunnels.json');
  /** All that agents were answered. */
  const told = [];
  /** As an agent of the editor calls a tool. */
  const agent = async (tool, input = {}, token = undefined) => {
    const { content } = await vscode.lm.invokeTool(`rds_tunnel_${tool}`, { input, toolInvocationToken: undefined }, token);
    const text = content.map(({ value }) => value).join('');
    told.push(text);
    return JSON.parse(text);
  };
  const write = text => vscode.workspace.fs.writeFile(teamFile(), new TextEncoder().encode(text));

  return {
    'registers the commands that its manifest names': async () => {
      await api();
      const known = new Set(await vscode.commands.getCommands(true));
      const { commands } = extension().packageJSON.contributes;
      assert.deepEqual(
        commands.map(({ command }) => command).filter(command => !known.has(command)),
        [],
      );
    },

    'opens and closes a tunnel for another extension': async () => {
      const { version, openTunnel } = await api();
      assert.equal(version, 1);
      const { host, port, dispose } = await openTunnel({ endpoint: databaseHost, port: 5432, profile: 'work', region: 'eu-central-1' });
      assert.equal(host, '127.0.0.1');
      assert.equal(await answers(port), true);
      dispose();
      await eventually(async () => !(await answers(port)), 'the port is released');
    },

    'says to another extension why a tunnel cannot be opened': async () => {
      const { openTunnel } = await api();
      await assert.rejects(openTunnel({ endpoint: databaseHost, port: 70_000 }), /port is 70000; it must be 1 to 65535/);
    },

    'listens as the setting says, and follows its changes': async () => {
      await setting('rdsTunnel', 'tunnels', [{ ...database, localPort: firstPort }]);
      await eventually(() => answers(firstPort), 'the first port listens');
      await setting('rdsTunnel', 'tunnels', [{ ...database, localPort: secondPort }]);
      await eventually(async () => !(await answers(firstPort)) && answers(secondPort), 'the second port listens in its place');
      await setting('rdsTunnel', 'tunnels', undefined);
      await eventually(async () => !(await answers(secondPort)), 'none listens');
    },

    'listens on the same port again where the setting names none': async () => {
      const before = new Set(listening());
      const added = () => listening().filter(port => !before.has(port));
      await setting('rdsTunnel', 'tunnels', [database]);
      await eventually(() => added().length > 0, 'it listens');
      const first = added();
      await setting('rdsTunnel', 'tunnels', undefined);
      await eventually(() => added().length === 0, 'it does not listen any more');
      await setting('rdsTunnel', 'tunnels', [database]);
      await eventually(() => added().length === first.length, 'it listens again');
      assert.deepEqual(added(), first);
      await setting('rdsTunnel', 'tunnels', undefined);
      await eventually(() => added().length === 0, 'none listens');
    },

    'restarts a tunnel whose session cannot be opened: it listens, and opens with the next connection': async () => {
      await setting('rdsTunnel', 'tunnels', [{ ...database, localPort: firstPort }]);
      // A connection would open its session.
      await eventually(() => listening().includes(firstPort), 'it listens');
      const before = await activeSessions();
      await fetch(`${emulator}/_emulator/api-faults`, {
        method: 'POST',
        body: JSON.stringify({ operation: 'StartSession', code: 'AccessDeniedException' }),
      });
      await vscode.commands.executeCommand('rdsTunnel.restartTunnel');
      assert.equal(await activeSessions(), before);
      assert.ok(listening().includes(firstPort));
      await vscode.commands.executeCommand('rdsTunnel.restartTunnel');
      assert.equal(await activeSessions(), before + 1);
      await setting('rdsTunnel', 'tunnels', undefined);
      await eventually(async () => (await activeSessions()) === before, 'it is ended with the tunnel');
    },

    'opens the session of a tunnel when a connection of SQLTools is chosen': async () => {
      await setting('rdsTunnel', 'tunnels', [{ ...database, localPort: thirdPort }]);
      await setting('sqltools', 'connections', [
        { name: 'the orders.db', driver: 'PostgreSQL', server: '127.0.0.1', port: thirdPort, database: 'orders' },
      ]);
      // It is started, since one of its connections leads into a tunnel.
      await eventually(
        async () => vscode.extensions.getExtension('mtxr.sqltools').isActive && (await vscode.commands.executeCommand('standIn.isHooked')),
        'the hook is there',
      );
      const before = await activeSessions();
      const select = chosen => vscode.commands.executeCommand('sqltools.selectConnection', chosen);
      for (const chosen of [undefined, 'another|PostgreSQL|127:0:0:1|x', { conn: { server: '127.0.0.1', port: 1 } }]) await select(chosen);
      assert.equal(await activeSessions(), before);
      await eventually(async () => {
        const selected = await select('the orders:db|PostgreSQL|127:0:0:1|orders');
        assert.equal(selected.port, thirdPort);
        return (await activeSessions()) === before + 1;
      }, 'a session is open before anything connects');
      await setting('rdsTunnel', 'tunnels', undefined);
      await setting('sqltools', 'connections', undefined);
      await eventually(async () => (await activeSessions()) === before, 'it is ended with the tunnel');
    },

    "reads the team's file with comments, completes it, and says what is wrong with it": async () => {
      await write('{\n  // Ours.\n  "tunnels": [\n    { "host": "x", "port": 5432,  }\n  ]\n}\n');
      const document = await vscode.workspace.openTextDocument(teamFile());
      assert.equal(document.languageId, 'jsonc');
      const offset = document.getText().indexOf(',  }') + 2;
      await eventually(async () => {
        const { items } = await vscode.commands.executeCommand(
          'vscode.executeCompletionItemProvider',
          teamFile(),
          document.positionAt(offset),
        );
        return items.some(({ label }) => String(label.label ?? label).includes('localPort'));
      }, 'localPort is proposed');

      const ours = () =>
        vscode.languages.getDiagnostics(teamFile()).filter(({ message }) => message.includes('Another tunnel already uses local port'));
      await write(`{ "tunnels": [\n  { "host": "a", "port": 1, "localPort": 7 },\n  { "host": "b", "port": 1, "localPort": 7 }\n] }`);
      await eventually(() => ours().length === 1, 'the second of two with one port is marked');
      assert.equal(ours()[0].range.start.line, 2);
      await write('{ "tunnels": [] }');
      await eventually(() => ours().length === 0, 'the mark goes');
    },

    // An editor that runs tests confirms whatever it would ask before it runs a tool, and shows no dialog.
    'lets an agent find, check, open, look at and close a tunnel': async () => {
      const wanted = { ...database, reason: 'find the slow query', database: 'postgres' };
      const before = await activeSessions();
      const { databases } = await agent('list_databases', { profile: 'work', region: 'eu-central-1', filter: 'orders' });
      assert.deepEqual(
        databases.map(({ access }) => access),
        ['readOnly', 'readWrite'],
      );
      const { passed, steps } = await agent('check_tunnel', database);
      assert.equal(passed, true, JSON.stringify(steps));

      const opened = await agent('open_tunnel', wanted);
      assert.equal(await answers(opened.port), true);
      assert.equal(opened.environment.PGPORT, String(opened.port));
      assert.equal((await agent('open_tunnel', wanted)).alreadyOpen, true);
      const { tunnels } = await agent('tunnel_status');
      assert.deepEqual(
        tunnels.map(({ id, state, reason }) => [id, state, reason]),
        [[opened.id, 'Open', 'find the slow query']],
      );
      assert.equal((await agent('connection_details', { id: opened.id })).port, opened.port);
      assert.deepEqual(await agent('close_tunnel', { id: opened.id }), { closed: opened.id });
      assert.equal(await answers(opened.port), false);
      await eventually(async () => (await activeSessions()) === before, 'its session is ended');

      // A person closes it.
      const again = await agent('open_tunnel', wanted);
      await vscode.commands.executeCommand('rdsTunnel.closeTunnel', { id: again.id });
      assert.deepEqual(await agent('tunnel_status'), { tunnels: [] });
      await eventually(() => actions().at(-1).action === 'Closed', 'that is written down, too');
      assert.deepEqual(
        actions().map(({ action, consent }) => [action, consent]),
        [1, 2].flatMap(() => [
          ['Opening', 'editor'],
          ['Opened', 'editor'],
          ['Closed', undefined],
        ]),
      );
      assert.ok(actions().every(({ client, identity }) => client.startsWith(vscode.env.appName) && /^arn:aws:/.test(identity)));
      const secrets = (await (await fetch(`${emulator}/_emulator/secrets`)).json()).concat('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY');
      for (const secret of secrets) assert.ok(!told.join().includes(secret), 'no secret is told');
    },

    'opens nothing that needs more than a confirmation of the editor': async () => {
      const [before, written] = [await activeSessions(), actions().length];
      for (const given of [
        { login: 'iam', user: 'app' },
        { host: '10.0.0.5', port: 80 },
      ])
        await assert.rejects(agent('open_tunnel', { ...database, reason: 'x', ...given }), /dialog/i);
      assert.deepEqual([await activeSessions(), actions().length], [before, written]);
    },

    'gives up when an agent cancels': async () => {
      const source = new vscode.CancellationTokenSource();
      source.cancel();
      const before = await activeSessions();
      await assert.rejects(agent('open_tunnel', { ...database, reason: 'cancelled' }, source.token));
      assert.equal(await activeSessions(), before);
    },

    'refuses agents when the setting says so, though the editor still lists the tools': async () => {
      await setting('rdsTunnel', 'agents', 'off');
      const names = extension().packageJSON.contributes.languageModelTools.map(({ name }) => name);
      const listed = vscode.lm.tools.map(({ name }) => name);
      for (const name of names) {
        assert.ok(listed.includes(name), name);
        await assert.rejects(
          agent(name.replace('rds_tunnel_', ''), { ...database, reason: 'x', id: 'x' }),
          /turned off.*rdsTunnel\.agents/,
        );
      }
      await setting('rdsTunnel', 'agents', undefined);
      assert.deepEqual(await agent('tunnel_status'), { tunnels: [] });
    },

    "has left the workspace's settings and the editors alone in all of this": async () => {
      const { workspaceValue } = vscode.workspace.getConfiguration('rdsTunnel').inspect('tunnels');
      assert.equal(workspaceValue, undefined);
      assert.equal(vscode.window.visibleTextEditors.length, 0);
    },
  };
};

exports.run = async () => {
  const report = line => {
    appendFileSync(process.env.RDS_TUNNEL_HOST_RESULTS, `${JSON.stringify(line)}\n`);
  };
  for (const [name, test] of Object.entries(exports.tests(require('vscode')))) {
    try {
      await test();
      report({ name });
    } catch (error) {
      report({ name, error: error instanceof Error ? error.stack : String(error) });
    }
  }
  report({ name: 'end' });
};
