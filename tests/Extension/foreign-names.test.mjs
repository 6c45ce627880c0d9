// Names that others gave (a file of the workspace, AWS, a database's owner) in lists, rows, questions and what is copied.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../../scripts/lib/paths.mjs';
import { fakeEditor, fakeMemory } from './fake-editor.mjs';
import { load } from './load.mjs';

const link = '[a](command:evil)';
// What is not seen, makes another line or turns a text.
const unfit = /\]\(command|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

describe('A name that somebody else gave', () => {
  it('is cleaned in what takes a while', async () => {
    const { vscode } = fakeEditor();
    /** @type {string[]} */
    const titles = [];
    Object.assign(vscode, { ProgressLocation: { Notification: 15 } });
    Object.assign(vscode.window, {
      withProgress: (/** @type {{ title: string }} */ { title }, /** @type {(...all: unknown[]) => unknown} */ run) => {
        titles.push(title);
        return Promise.resolve(run({}, 'cancellation'));
      },
    });
    const { notify, linkTo } = await load('ui/notify', vscode);
    assert.equal(
      await notify.progress(`Opening ${link}\n\u202E`, (/** @type {unknown} */ token) => Promise.resolve(token)),
      'cancellation',
    );
    assert.deepEqual(titles, ['Opening [a] (command:evil) \uFFFD']);
    assert.equal(linkTo('https://x/?a)[b](command:c) "d'), 'https://x/?a%29%5Bb%5D%28command:c%29%20%22d');
    assert.equal(linkTo('https://x/?a=1&b=%20#c'), 'https://x/?a=1&b=%20#c');
  });

  it('has no other way into a notification of progress', () => {
    const sources = readdirSync(join(root, 'extension/src'), { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
    const users = sources.filter(file => readFileSync(join(root, 'extension/src', file), 'utf8').includes('withProgress('));
    assert.deepEqual(users.sort(), [join('dialogs', 'signIn.ts'), join('ui', 'notify.ts')]);
  });

  it('is cleaned in a list, and what is chosen is what it was', async () => {
    const { vscode, user } = fakeEditor();
    const { pick } = await load('ui/steps', vscode);
    const item = { label: `${link}\u202E`, description: 'a\nb', detail: '\u001B[31m', data: {} };
    user.pick = ({ items, title }) => {
      assert.doesNotMatch(
        JSON.stringify([items.map(({ label, description, detail }) => [label, description, detail]), title]),
        /\\u|\\n|\]\(/,
      );
      return items[0];
    };
    assert.equal(await pick({ title: `${link}\n`, items: [item] }), item);
  });

  it('is cleaned in the rows of the databases', async () => {
    const { vscode } = fakeEditor();
    const { DatabaseTree } = await load('views/databaseTree', {
      ...vscode,
      TreeItem: /** @this {any} @param {string} label */ function (label) {
        this.label = label;
      },
      ThemeIcon: Object,
      TreeItemCollapsibleState: { Collapsed: 1 },
      MarkdownString: class {
        appendText() {
          return this;
        }
      },
    });
    const tree = new DatabaseTree({ tunnels: { onChanged: () => () => undefined }, globalMemory: fakeMemory() });
    const name = 'orders\u202Egpj\n\u001B[2J\u2028';
    const profile = { name, accountId: name, roleName: name, kind: 'Sso', needsSignIn: false };
    const database = {
      id: 'a',
      name,
      role: 'Instance',
      engine: name,
      engineVersion: name,
      status: name,
      host: 'h',
      port: 1,
      tags: [],
      region: 'r',
    };
    for (const node of [
      { kind: 'profile', profile },
      { kind: 'region', profile, region: name },
      { kind: 'database', profile, database },
      { kind: 'jumpHost', parent: { kind: 'database', profile, database }, jumpHost: { target: 'i-1', name, reasons: [] }, note: name },
      { kind: 'message', text: name, detail: name, icon: 'warning' },
    ]) {
      const { label, description = '' } = tree.getTreeItem(node);
      assert.doesNotMatch(`${label}${description}`, unfit, node.kind);
    }
  });

  it('is text, and seen, on a page', async () => {
    const { html } = await load('views/html');
    assert.equal(html('<b>\u202E\u001B"x"\n'), '&#60;b&#62;\uFFFD\uFFFD&#34;x&#34;\n');
  });

  it('hides nothing of what a tunnel does: a long one is asked about in a list', async () => {
    const { vscode } = fakeEditor();
    const { Consent } = await load('workspace/consent', vscode);
    /** @type {string[]} */
    const asked = [];
    /** @type {any[]} */
    let listed = [];
    Object.assign(vscode.window, {
      showWarningMessage: (/** @type {string} */ message, /** @type {string} */ first) => {
        asked.push(message);
        return Promise.resolve(first);
      },
      showQuickPick: (/** @type {any[]} */ items) => {
        listed = items;
        return Promise.resolve(undefined);
      },
    });
    const consent = new Consent(fakeMemory());
    const host = `${'x'.repeat(60)}.${'y'.repeat(60)}.${'z'.repeat(60)}.example`;
    const short = { name: 'n'.repeat(256), host, port: 5432, localPort: 15432 };
    await consent.ask([short], () => Promise.resolve());
    assert.ok(asked[0]?.includes(`→ ${host}:5432`), asked[0]);
    assert.doesNotMatch(asked[0] ?? '', /…[^:]*$/);
    const long = { ...short, localPort: 15433, reason: 'r'.repeat(1_000), requestAccess: 'q'.repeat(1_000) };
    await consent.ask([long], () => Promise.resolve());
    assert.doesNotMatch(asked[1] ?? '', /→/);
    assert.ok(listed[0]?.label.includes(host) && listed[0].detail.includes(long.reason) && listed[0].detail.includes(long.requestAccess));
  });
});

describe('A file of the workspace', () => {
  it('is read only if it is a file, and a small one', async () => {
    const { vscode } = fakeEditor();
    let read = 0;
    /** @type {{ type: number, size: number }} */
    let stat = { type: 1, size: 5 };
    Object.assign(vscode.workspace.fs, {
      stat: () => Promise.resolve(stat),
      readFile: () => {
        read++;
        return Promise.resolve(new TextEncoder().encode('hello'));
      },
    });
    const { readSmallFile } = await load('workspace/smallFile', vscode);
    assert.equal(await readSmallFile('uri'), 'hello');
    for (const type of [1, 65]) {
      stat = { type, size: 1 << 20 };
      assert.equal(await readSmallFile('uri'), 'hello');
    }
    // A pipe, a device, a link to one, a folder.
    for (const [type, size, said] of /** @type {const} */ ([
      [0, 0, /regular file/],
      [64, 0, /regular file/],
      [2, 4096, /regular file/],
      [1, (1 << 20) + 1, /larger than 1 MB/],
    ])) {
      stat = { type, size };
      await assert.rejects(readSmallFile('uri'), said);
    }
    assert.equal(read, 3);
  });

  it('has no other way into the extension', () => {
    const sources = readdirSync(join(root, 'extension/src'), { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
    const users = sources.filter(file => readFileSync(join(root, 'extension/src', file), 'utf8').includes('workspace.fs.readFile('));
    assert.deepEqual(users, [join('workspace', 'smallFile.ts')]);
  });
});

describe('What is copied for another program', () => {
  const evil = [
    'x$(touch pwned)',
    "x';touch pwned;'",
    '`touch pwned`',
    'x" --host=evil "',
    '--init-command=drop',
    'a&useSsl=false',
    'a?sslMode=disable',
    'a@tcp(evil:1)/b',
    'a;Server=evil',
    "a' host=evil '",
    'a\nhost=evil',
    'a\u2028host=evil',
    'a|host=evil',
    'a"b\\',
    'a#b',
    ' a ',
    '}};x={',
    '<x/>',
  ];
  const engines = ['postgres', 'aurora-mysql', 'mariadb', 'sqlserver-ex', 'redis', 'docdb'];

  it('leads nowhere else, whatever user and database are called', async () => {
    const { connectionDetails } = await load('databaseTools/connectionDetails', fakeEditor().vscode);
    for (const name of evil)
      for (const engine of engines)
        for (const login of [undefined, 'tls']) {
          const way = {
            name,
            host: 'fe80::1%$(touch${IFS}pwned)',
            port: 5432,
            localPort: 15432,
            ...(login === undefined ? {} : { login }),
          };
          for (const { name: form, text } of connectionDetails(way, { engine, authority: '/a.pem', user: name, database: name })) {
            const where = `${engine} ${form} ${JSON.stringify(name)}: ${text}`;
            // A line of a file is ours, or one of the code.
            if (/\.conf|\.cnf|^URL|^DATABASE_URL|^JDBC|^\.NET|^SQLAlchemy|^PG\*|psql|mysql$/.test(form))
              assert.doesNotMatch(text, /^host=evil/m, where);
            const address =
              /<jdbc-url>(jdbc:mariadb.*)<\/jdbc-url>/.exec(text)?.[1] ?? (/^(JDBC \(MariaDB|Go \(go-sql)/.test(form) ? text : '');
            assert.doesNotMatch(address, /\?.*\?|\?[^?]*useSsl=false|@tcp\(evil/, where);
            if (/^(psql|mysql|redis-cli|sqlcmd|mongosh|DBeaver)/.test(form)) {
              // As a shell reads it: the words, and nothing run.
              const words = execFileSync('sh', ['-c', `set -- ${text}\nprintf '%s\\n' "$#"`], { cwd: '/', encoding: 'utf8' });
              assert.ok(Number(words) > 1 && Number(words) < 12, where);
              assert.doesNotMatch(text, / --init-command/, where);
            }
          }
        }
  });

  it('keeps forms that can quote, for names of any kind', async () => {
    const { connectionDetails } = await load('databaseTools/connectionDetails', fakeEditor().vscode);
    const formsOf = (/** @type {string} */ user) =>
      connectionDetails(
        { name: 'x', host: 'h', port: 3306, localPort: 1 },
        { engine: 'mysql', authority: '/a.pem', user, database: 'shop' },
      ).map((/** @type {{ name: string }} */ { name }) => name);
    const all = formsOf('jane@corp.example');
    const some = formsOf('o"neil&x');
    assert.ok(all.includes('JDBC (MariaDB Connector/J)') && all.includes('Go (go-sql-driver)'));
    assert.ok(!some.includes('JDBC (MariaDB Connector/J)') && some.includes('mysql') && some.includes('SQLAlchemy'));
  });
});
