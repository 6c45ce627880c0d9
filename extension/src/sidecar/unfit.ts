import * as vscode from 'vscode';
import type { Program } from './program';

/** How a sidecar failed: the system's error when it was to be started (ENOENT, …), or the last lines that it wrote. */
export interface SidecarFailure {
  errorCode?: string | undefined;
  lastLines: string[];
}

/**
 * What to do about a sidecar that this computer cannot run, or that finds something missing here.
 * @returns undefined when something else is the matter
 */
export function adviceFor({ command }: Program, { errorCode, lastLines }: SidecarFailure): string | undefined {
  const text = lastLines.join('\n');
  // .NET has no TLS of its own on Linux, and ends the process when it first needs it.
  if (text.includes('libssl'))
    return vscode.l10n.t('OpenSSL is missing. Install libssl3 (Debian, Ubuntu, Alpine) or openssl-libs (Red Hat, Fedora).');
  if (command === 'dotnet') {
    // Where .NET is, but an older one, its host points to the download.
    return errorCode === 'ENOENT' || text.includes('https://aka.ms/dotnet')
      ? vscode.l10n.t('The portable package requires .NET 10. Install .NET 10, or the package for your platform.')
      : undefined;
  }
  if (/GLIBC_[\d.]+\W? not found/.test(text)) {
    return vscode.l10n.t("This system's C library (glibc) is older than 2.28. Install the portable package and .NET 10.");
  }
  // The program is there, but not the loader that it names, or it is for another processor.
  return errorCode === 'ENOENT' || errorCode === 'ENOEXEC' || errorCode === 'EFTYPE' || errorCode === 'UNKNOWN'
    ? vscode.l10n.t('This package is for another platform. Install the one for your platform, or the portable package and .NET 10.')
    : undefined;
}
