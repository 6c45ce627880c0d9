// The editor's tools for agents are those of `rds-tunnel mcp`: package.json has to repeat what an agent is told of them.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { root } from '../../scripts/lib/paths.mjs';
import { startMcp } from './mcp.mjs';
import { stateFolder, withoutAws } from './sidecar.mjs';

/** @param {string} name */
const json = async name => JSON.parse(await readFile(`${root}${name}`, 'utf8'));

it("package.json says of each of the editor's tools what rds-tunnel mcp says", async () => {
  const [manifest, words] = await Promise.all([json('package.json'), json('package.nls.json')]);
  const mcp = await startMcp({ ...process.env, ...withoutAws, XDG_STATE_HOME: await stateFolder() });
  const { tools } = await mcp.client.listTools();
  await mcp.end();
  assert.deepEqual(
    manifest.contributes.languageModelTools.map((/** @type {any} */ { name, displayName, modelDescription, inputSchema }) => ({
      name,
      title: words[displayName.slice(1, -1)],
      description: modelDescription,
      inputSchema,
    })),
    tools.map(({ name, title, description, inputSchema }) => ({ name: `rds_tunnel_${name}`, title, description, inputSchema })),
  );
});
