import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const artifacts = `${root}artifacts`;
export const configuration = 'Release';

/** @param {string} project @param {string} assembly */
const assemblyOf = (project, assembly) => `${root}${project}/bin/${configuration}/net10.0/${assembly}.dll`;

/** Run with `dotnet <assembly>`: that works wherever the SDK is installed. */
const sidecarAssembly = assemblyOf('sidecar/Host', 'rds-tunnel');
export const emulatorAssembly = assemblyOf('tests/Emulator', 'rds-tunnel-emulator');
export const connectionStringsAssembly = assemblyOf('tests/ConnectionStrings', 'connection-strings');

/** The sidecar as a command: a published one when RDS_TUNNEL_PROGRAM names it, else what was built last. */
export const sidecarCommand =
  process.env.RDS_TUNNEL_PROGRAM === undefined
    ? { file: 'dotnet', args: [sidecarAssembly] }
    : { file: process.env.RDS_TUNNEL_PROGRAM, args: /** @type {string[]} */ ([]) };
