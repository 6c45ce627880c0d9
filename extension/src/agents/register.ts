import type { Sidecar } from '../sidecar/sidecar';
import { languageModels } from './access';
import { AgentTool } from './agentTool';
import { McpServer, type Shipped } from './mcpServer';

/** Tools of all extensions have different names; without this one, ours are those of `rds-tunnel mcp`. */
const prefix = 'rds_tunnel_';

/** What the manifest says of agents. */
interface Manifest {
  contributes: { languageModelTools: { name: string }[]; mcpServerDefinitionProviders: { id: string }[] };
}

/** Everything for AI agents, as far as the editor has it. The setting decides with each use what works. */
export function registerAgents(manifest: unknown, sidecar: Pick<Sidecar, 'request'>, shipped: Shipped): { dispose: () => unknown }[] {
  const { languageModelTools, mcpServerDefinitionProviders } = (manifest as Manifest).contributes;
  const registered: { dispose: () => unknown }[] = [];
  if (languageModels?.registerTool !== undefined)
    for (const { name } of languageModelTools)
      registered.push(languageModels.registerTool(name, new AgentTool(sidecar, name.slice(prefix.length))));
  if (languageModels?.registerMcpServerDefinitionProvider !== undefined) {
    const server = new McpServer(shipped);
    registered.push(server);
    for (const { id } of mcpServerDefinitionProviders) registered.push(languageModels.registerMcpServerDefinitionProvider(id, server));
  }
  return registered;
}
