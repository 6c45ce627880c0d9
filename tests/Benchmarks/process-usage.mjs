// What a process has used, as Linux counts it; undefined elsewhere.
import { readFileSync } from 'node:fs';

/** Clock ticks in a second, the same on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Processor time in seconds, user's and system's. @param {number} pid */
export function cpuSeconds(pid) {
  const stat = read(pid, 'stat');
  if (stat === undefined) return undefined;
  // Behind the program's name, which may contain anything, fields 3 and on.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Resident memory in MB. @param {number} pid */
export function residentMegabytes(pid) {
  const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(read(pid, 'status') ?? '')?.[1];
  return kibibytes === undefined ? undefined : (Number(kibibytes) * 1_024) / 1e6;
}

/** @param {number} pid @param {string} file */
function read(pid, file) {
  return process.platform === 'linux' ? readFileSync(`/proc/${pid}/${file}`, 'utf8') : undefined;
}
