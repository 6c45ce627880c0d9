// A Debian package: an ar archive of two tar archives (deb(5)). Nothing runs when it is installed or removed.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { tar } from './tar.mjs';

/** What .NET loads when it first needs it: TLS is OpenSSL's, of whichever age the system has. */
const dependencies = 'libssl3t64 | libssl3 | libssl1.1, ca-certificates';

/**
 * @param {{ version: string, architecture: 'amd64' | 'arm64', glibc: string, program: Buffer, license: string, time: Date }} parts
 * @returns {Buffer}
 */
export function deb({ version, architecture, glibc, program, license, time }) {
  const files = [
    { name: './usr/bin/rds-tunnel', content: program, mode: 0o755 },
    { name: './usr/share/doc/rds-tunnel/copyright', content: Buffer.from(license), mode: 0o644 },
  ];
  const control = `Package: rds-tunnel
Version: ${version}
Architecture: ${architecture}
Maintainer: RDS Tunnel contributors <noreply@example.com>
Installed-Size: ${Math.ceil(files.reduce((sum, { content }) => sum + content.length, 0) / 1_024)}
Depends: libc6 (>= ${glibc}), ${dependencies}
Section: net
Priority: optional
Description: reach private AWS databases through SSM Session Manager
 Opens a tunnel from a local port to a database in a VPC, through a jump host
 that runs the SSM agent. It needs neither the AWS CLI nor its plugin.
`;
  const sums = files.map(({ name, content }) => `${createHash('md5').update(content).digest('hex')}  ${name.slice(2)}\n`).join('');
  const folders = ['./', './usr/', './usr/bin/', './usr/share/', './usr/share/doc/', './usr/share/doc/rds-tunnel/'].map(name => ({ name, mode: 0o755 }));
  return ar([
    { name: 'debian-binary', content: Buffer.from('2.0\n') },
    { name: 'control.tar.gz', content: gzipSync(tar([{ name: './', mode: 0o755 }, file('./control', control), file('./md5sums', sums)], time), { level: 9 }) },
    { name: 'data.tar.gz', content: gzipSync(tar([...folders, ...files], time), { level: 9 }) },
  ], time);
}

/** @param {string} name @param {string} text */
const file = (name, text) => ({ name, content: Buffer.from(text), mode: 0o644 });

/** @param {{ name: string, content: Buffer }[]} members @param {Date} time */
function ar(members, time) {
  const seconds = String(Math.floor(time.getTime() / 1_000));
  return Buffer.concat([Buffer.from('!<arch>\n'), ...members.flatMap(({ name, content }) => [
    Buffer.from(`${name.padEnd(16)}${seconds.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(content.length).padEnd(10)}\`\n`),
    content, Buffer.alloc(content.length % 2, '\n'),
  ])]);
}
