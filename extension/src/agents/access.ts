import * as vscode from 'vscode';

/** How the editor's AI agents reach the tools: by one way at a time, so that none sees a tool twice. */
export type Access = 'off' | 'tools' | 'mcp';

/** The name of the setting in full. */
export const setting = 'rdsTunnel.agents';

/** What editors that are older than their version says, or have no agents, may lack. */
export const languageModels: Partial<typeof vscode.lm> | undefined = (vscode as { lm?: Partial<typeof vscode.lm> }).lm;

/** Nothing in a workspace that is not trusted: its files are what an agent reads first. */
export function accessOfAgents(): Access {
  if (!vscode.workspace.isTrusted) return 'off';
  switch (vscode.workspace.getConfiguration('rdsTunnel').get<string>('agents', 'tools')) {
    case 'tools':
      return languageModels?.registerTool === undefined ? 'mcp' : 'tools';
    case 'mcp':
      return 'mcp';
    default:
      return 'off';
  }
}

/** Why the editor's tools do nothing; undefined when they work. The editor lists them in either case. */
export function refusal(): string | undefined {
  if (!vscode.workspace.isTrusted) return vscode.l10n.t("AI agents can't use RDS Tunnel in an untrusted workspace. Only you can trust it.");
  switch (accessOfAgents()) {
    case 'off':
      return vscode.l10n.t('AI agents are turned off for RDS Tunnel ({0}). Only you can turn them on, in your settings.', setting);
    case 'mcp':
      return vscode.l10n.t('AI agents use the MCP server of RDS Tunnel instead ({0}).', setting);
    default:
      return undefined;
  }
}
