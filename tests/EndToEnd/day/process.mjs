// What a process holds, as Linux tells it.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Without the files of its code, which are opened when they are needed for the first time.
 * @param {number} pid
 * @param {number} ignoredPort connections there are kept for a moment, for the next call
 */
export function descriptorsOf(pid, ignoredPort) {
  const ignored = new Set(
    readFileSync(`/proc/${pid}/net/tcp`, 'utf8')
      .split('\n')
      .slice(1)
      .map(line => line.trim().split(/\s+/))
      .filter(([, , remote]) => remote?.endsWith(`:${ignoredPort.toString(16).toUpperCase().padStart(4, '0')}`))
      .map(fields => `socket:[${fields[9] ?? ''}]`),
  );
  return readdirSync(`/proc/${pid}/fd`).filter(fd => {
    try {
      const file = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return !ignored.has(file) && !/\.(dll|so)$/.test(file);
    } catch {
      return false; // closed in the meantime
    }
  }).length;
}

/** @param {number} pid in megabytes */
export const residentMemoryOf = pid =>
  Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);
