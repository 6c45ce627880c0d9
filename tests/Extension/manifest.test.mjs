// package.json is what an editor reads of the extension: it and the code have to say the same.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { root } from '../../scripts/lib/paths.mjs';

const text = await readFile(`${root}package.json`, 'utf8');
const manifest = JSON.parse(text);
const { commands, menus, views, walkthroughs, configuration } = manifest.contributes;
const strings = JSON.parse(await readFile(`${root}package.nls.json`, 'utf8'));

describe('The manifest', () => {
  it('names one repository, and so does whatever else links to it', async () => {
    const { repository, bugs, homepage } = manifest;
    const own = repository.url.replace(/\.git$/, '');
    assert.deepEqual([bugs.url, homepage], [`${own}/issues`, `${own}#readme`]);
    const contact = await readFile(`${root}.github/ISSUE_TEMPLATE/config.yml`, 'utf8');
    assert.ok(contact.includes(`${own}/security/advisories/new`));
  });

  it('names the commands that the extension registers, and no others', async () => {
    const source = await readFile(`${root}extension/src/commands/all.ts`, 'utf8');
    const registered = [...source.matchAll(/\b(?:command|onTunnel|onDatabase)\('(\w+)'/g)].map(([, name = '']) => `rdsTunnel.${name}`);
    assert.ok(registered.length > 20);
    assert.deepEqual(commands.map((/** @type {any} */ each) => each.command).sort(), registered.sort());
  });

  it('puts commands into menus that exist, and hides from the palette what needs an item of a view', () => {
    const known = new Set(commands.map((/** @type {any} */ each) => each.command));
    for (const entry of Object.values(menus).flat()) assert.ok(known.has(entry.command), entry.command);
    const hidden = menus.commandPalette
      .filter((/** @type {any} */ each) => each.when === 'false')
      .map((/** @type {any} */ each) => each.command);
    const onTunnels = new Set(
      menus['view/item/context']
        .filter((/** @type {any} */ { when }) => /tunnel/i.test(when.split('&&')[0]))
        .map((/** @type {any} */ each) => each.command),
    );
    // Without an item this one asks for one.
    const asking = ['rdsTunnel.openPasswordless'];
    for (const { command } of menus['view/item/context'])
      if (!onTunnels.has(command) && !asking.includes(command)) assert.ok(hidden.includes(command), command);
  });

  it('shows in the palette only what can do something: a command on a tunnel needs one', () => {
    const shownAlways = commands
      .map((/** @type {any} */ each) => each.command)
      .filter((/** @type {string} */ name) => !menus.commandPalette.some((/** @type {any} */ each) => each.command === name));
    assert.deepEqual(
      shownAlways,
      [
        'openTunnel',
        'showTunnels',
        'showLog',
        'openPasswordless',
        'showPermissions',
        'refreshDatabases',
        'filterDatabases',
        'addProfile',
      ].map(name => `rdsTunnel.${name}`),
    );
  });

  it('has in each context menu whatever the row has as an icon', () => {
    const items = menus['view/item/context'];
    const inMenu = items.filter((/** @type {any} */ { group }) => !group.startsWith('inline'));
    for (const { command, when, group } of items.filter((/** @type {any} */ each) => each.group.startsWith('inline'))) {
      const same = inMenu.some(
        (/** @type {any} */ each) =>
          each.command === command && (each.when === when || (/\^tunnel/.test(each.when) && /tunnel/.test(when))),
      );
      assert.ok(same, `${command} (${when}, ${group})`);
    }
  });

  it('offers for a tunnel to the jump host itself nothing that needs a database', () => {
    const offered = (/** @type {string} */ value) =>
      [
        ...new Set(
          menus['view/item/context']
            .filter((/** @type {any} */ { when }) => isShown(when, value))
            .map((/** @type {any} */ each) => each.command.replace('rdsTunnel.', '')),
        ),
      ].sort();
    const always = ['checkTunnel', 'closeTunnel', 'copyAddress', 'restartTunnel', 'showDetails'];
    const ofAny = ['addToTool', 'chooseJumpHost', 'copyDetails', 'copyIamToken', 'copyPassword'];
    const ofDatabases = [...ofAny, 'useEnvironment'];
    assert.deepEqual(offered('tunnel.toJumpHost'), always);
    assert.deepEqual(offered('tunnel.toJumpHost.needsSignIn'), [...always, 'signIn'].sort());
    for (const value of ['tunnel', 'tunnel.needsJumpHost']) assert.deepEqual(offered(value), [...always, ...ofDatabases].sort());
    assert.deepEqual(offered('tunnel.needsSignIn'), [...always, ...ofDatabases, 'signIn'].sort());
    // One that programs use offers to stop that, and all the rest.
    for (const value of ['tunnel.used', 'tunnel.used.needsJumpHost'])
      assert.deepEqual(offered(value), [...always, ...ofAny, 'stopEnvironment'].sort());
    assert.deepEqual(offered('tunnel.used.needsSignIn'), [...always, ...ofAny, 'stopEnvironment', 'signIn'].sort());
    assert.deepEqual(offered('closedTunnel'), ['reopenTunnel']);
  });

  it('asks in its conditions for what the extension sets, and for all of that', async () => {
    const [, names = ''] = /export type Context =\s*([^;]+);/.exec(await readFile(`${root}extension/src/ui/contexts.ts`, 'utf8')) ?? [];
    const asked = [...text.matchAll(/"when": "([^"]*)"/g)].flatMap(([, when = '']) =>
      [...when.matchAll(/rdsTunnel\.(is\w+|has\w+|needs\w+)/g)].map(([, name]) => name),
    );
    assert.deepEqual([...new Set(asked)].sort(), [...names.matchAll(/'(\w+)'/g)].map(([, name]) => name).sort());
  });

  it('has an example for each setting', () => {
    for (const [name, property] of Object.entries(configuration.properties))
      assert.ok(/** @type {any} */ (property).examples?.length > 0, name);
    for (const [name, property] of Object.entries(configuration.properties['rdsTunnel.tunnels'].items.properties))
      assert.ok(/** @type {any} */ (property).examples?.length > 0, name);
  });

  it('has words for all that it names, and no others', () => {
    const used = [...text.matchAll(/"%([\w.]+)%"/g)].map(([, key = '']) => key);
    assert.deepEqual([...new Set(used)].sort(), Object.keys(strings).sort());
  });

  it('says what views there are in words for who sees them empty', () => {
    const welcomed = manifest.contributes.viewsWelcome.map((/** @type {any} */ each) => each.view);
    assert.deepEqual(
      welcomed.sort(),
      Object.values(views)
        .flat()
        .map(each => each.id)
        .sort(),
    );
  });

  it('lets no workspace that is not trusted decide on a setting', () => {
    assert.deepEqual(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations, Object.keys(configuration.properties));
  });

  it('shows pictures and pages that are there', () => {
    for (const { media } of walkthroughs.flatMap((/** @type {any} */ each) => each.steps)) {
      for (const theme of ['light', 'dark', 'hc', 'hcLight']) assert.ok(existsSync(`${root}${media.image[theme]}`), JSON.stringify(media));
    }
  });
});

/** Whether a row has a command, whose other conditions hold. @param {string} when @param {string} value */
function isShown(when, value) {
  const [, equal, pattern = ''] = /viewItem (?:== ([\w.]+)|=~ \/(.+?)\/(?= |$))/.exec(when) ?? [];
  return equal === undefined ? new RegExp(pattern).test(value) : equal === value;
}
