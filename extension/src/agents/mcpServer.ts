import * as vscode from 'vscode';
import { isUnwanted, type Program } from '../sidecar/program';
import { accessOfAgents, setting } from './access';

/** What the server is started with. */
export interface Shipped {
  program: () => Program;
  version: string;
  /** What its environment has beside the editor's. */
  environment: () => NodeJS.ProcessEnv;
}

/** Offers `rds-tunnel mcp` to the editor while the setting says so; its tunnels are its own, and end with it. */
export class McpServer implements vscode.McpServerDefinitionProvider<vscode.McpStdioServerDefinition>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: { dispose: () => unknown }[];

  readonly onDidChangeMcpServerDefinitions = this.changed.event;

  constructor(private readonly shipped: Shipped) {
    const tell = (): void => {
      this.changed.fire();
    };
    this.subscriptions = [
      this.changed,
      vscode.workspace.onDidGrantWorkspaceTrust(tell),
      vscode.workspace.onDidChangeConfiguration(change => {
        if (change.affectsConfiguration(setting)) tell();
      }),
    ];
  }

  provideMcpServerDefinitions(): vscode.McpStdioServerDefinition[] {
    if (accessOfAgents() !== 'mcp') return [];
    const { command, args } = this.shipped.program();
    const removed = Object.keys(process.env).filter(isUnwanted);
    return [
      new vscode.McpStdioServerDefinition(
        'RDS Tunnel',
        command,
        [...args, 'mcp'],
        {
          ...(Object.fromEntries(removed.map(name => [name, null])) as Record<string, null>),
          ...(this.shipped.environment() as Record<string, string>),
        },
        this.shipped.version,
      ),
    ];
  }

  /** The setting may have changed since it was offered. */
  resolveMcpServerDefinition(server: vscode.McpStdioServerDefinition): vscode.McpStdioServerDefinition | undefined {
    return accessOfAgents() === 'mcp' ? server : undefined;
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}
