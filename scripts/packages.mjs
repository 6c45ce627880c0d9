#!/usr/bin/env node
// Says which packages of the AWS SDK that our own clients stand in for can be had by now. Run by hand; it asks the package source.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Each with what it replaces.
const wanted = {
  'AWSSDK.RDS': 'the listings of RDS',
  'AWSSDK.ElastiCache': 'the listings of ElastiCache',
  'AWSSDK.Redshift': 'the listing of Redshift',
  'AWSSDK.RedshiftServerless': 'the listing of Redshift Serverless',
  'AWSSDK.MemoryDB': 'the listing of MemoryDB',
  'AWSSDK.OpenSearchService': 'the listing of OpenSearch',
  'AWSSDK.DocDBElastic': 'the listing of DocumentDB elastic clusters',
  'AWSSDK.MQ': 'the listing of Amazon MQ',
  'AWSSDK.Kafka': 'the listing of MSK',
  'AWSSDK.DatabaseMigrationService': 'the listing of DMS',
  'AWSSDK.SecretsManager': 'the reading of a secret',
  'AWSSDK.Signin': 'the renewal of what "aws login" leaves',
};

const folder = mkdtempSync(join(tmpdir(), 'rds-tunnel-packages-'));
try {
  const references = Object.keys(wanted).map(name => `<PackageReference Include="${name}" Version="*" />`);
  writeFileSync(
    join(folder, 'probe.csproj'),
    `<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup><ItemGroup>${references.join('')}</ItemGroup></Project>`,
  );
  const { stdout, status } = spawnSync('dotnet', ['restore', folder, '--nologo', '--force'], {
    encoding: 'utf8',
    env: { ...process.env, DOTNET_CLI_UI_LANGUAGE: 'en' },
  });
  const absent = new Set([...stdout.matchAll(/NU1101: Unable to find package ([\w.]+?)\.? /g)].map(match => match[1]));
  if (status !== 0 && absent.size === 0) {
    throw new Error(`The package source did not answer as expected:\n${stdout.trim()}`);
  }

  for (const [name, what] of Object.entries(wanted)) {
    console.log(absent.has(name) ? `${name}: not served` : `${name}: can be had. It takes the place of ${what}.`);
  }

  console.log(
    absent.size === Object.keys(wanted).length
      ? 'None of them can be restored yet.'
      : `${Object.keys(wanted).length - absent.size} of ${Object.keys(wanted).length} can be restored.`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
