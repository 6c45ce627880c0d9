import * as vscode from 'vscode';
import type { Placed } from './lists';

/** What a tool can't verify of a connection that is led through a tunnel: its users know before they agree, and afterwards. */
export function weaknessOf({ tool, entry }: Pick<Placed, 'tool' | 'entry'>): string | undefined {
  switch (tool.weakness?.(entry)) {
    case 'PlainText':
      return vscode.l10n.t(
        "{0} can't check the certificate of SQL Server, and connects without encryption when TLS fails. Use the SQL Server (mssql) extension instead.",
        tool.name,
      );
    case 'Unverified':
      return vscode.l10n.t("{0} can't check the database's certificate through a tunnel.", tool.name);
    case 'VerifiedByTunnelOnly':
      return vscode.l10n.t(
        "{0} can't check the database's certificate through a tunnel. To have the tunnel check it, open it without a password.",
        tool.name,
      );
    case undefined:
      return undefined;
  }
}
