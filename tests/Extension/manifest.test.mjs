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
  it('names the commands that the extension registers, and no others', async () => {
    const source = await readFile(`${root}extension/src/commands/all.ts`, 'utf8');
    const registered = [...source.matchAll(/\b(?:command|onTunnel)\('(\w+)'/g)].map(([, name = '']) => `rdsTunnel.${name}`);
    assert.ok(registered.length > 20);
    assert.deepEqual(commands.map((/** @type {any} */ each) => each.command).sort(), registered.sort());
  });

  it('puts commands into menus that exist, and hides from the palette what needs an item of a view', () => {
    const known = new Set(commands.map((/** @type {any} */ each) => each.command));
    for (const entry of Object.values(menus).flat()) assert.ok(known.has(entry.command), entry.command);
    const hidden = menus.commandPalette.filter((/** @type {any} */ each) => each.when === 'false').map((/** @type {any} */ each) => each.command);
    for (const { command, when } of menus['view/item/context']) {
      if (!/^viewItem =~ \/\^tunnel|tunnel\.needs(SignIn|JumpHost)|closedTunnel/.test(when)) assert.ok(hidden.includes(command), command);
    }
  });

  it('has words for all that it names, and no others', () => {
    const used = [...text.matchAll(/"%([\w.]+)%"/g)].map(([, key = '']) => key);
    assert.deepEqual([...new Set(used)].sort(), Object.keys(strings).sort());
  });

  it('says what views there are in words for who sees them empty', () => {
    const welcomed = manifest.contributes.viewsWelcome.map((/** @type {any} */ each) => each.view);
    assert.deepEqual(welcomed.sort(), Object.values(views).flat().map(each => each.id).sort());
  });

  it('lets no workspace that is not trusted decide on a setting', () => {
    assert.deepEqual(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations, Object.keys(configuration.properties));
  });

  it('shows pictures and pages that are there', () => {
    for (const { media } of walkthroughs.flatMap((/** @type {any} */ each) => each.steps)) {
      assert.ok(existsSync(`${root}${media.image ?? media.markdown}`), JSON.stringify(media));
    }
  });
});
