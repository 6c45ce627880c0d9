// The templates of a jump host, as those who use them will have them read.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const require = createRequire(import.meta.url);
const folder = fileURLToPath(new URL('../../docs/jump-host/', import.meta.url));
const cfnLint = fileURLToPath(new URL('node_modules/cfn-lint/lib/index.js', import.meta.url));

/** @typedef {Record<string, any>} Block */

describe('The CloudFormation templates', () => {
  /** What the linter, which is older, does not know of ECS. */
  const newer = ['EnableExecuteCommand', 'PropagateTags', 'RuntimePlatform', 'Tags'];

  for (const [name, unknown] of /** @type {[string, string[]][]} */ ([
    ['cloudformation.yaml', []],
    ['fargate.yaml', newer],
  ])) {
    it(`have nothing that their linter objects to: ${name}`, () => {
      const said = stripVTControlCharacters(
        spawnSync(process.execPath, [cfnLint, 'validate', `${folder}${name}`], { encoding: 'utf8' }).stdout,
      );
      assert.match(said, new RegExp(`\\b0 warn\\n${unknown.length} crit`), said);
      assert.deepEqual(
        [...said.matchAll(/Message: (\w+) is not a valid property of AWS::ECS::/g)].map(([, property]) => property).sort(),
        unknown,
      );
    });
  }
});

describe('The Terraform configuration', () => {
  const read = async () =>
    /** @type {Record<string, Record<string, any>>} */ (
      await require('@cdktf/hcl2json').parse('main.tf', await readFile(`${folder}main.tf`, 'utf8'))
    );

  it('refers to what it declares, and declares nothing that it does not use', async () => {
    const { variable = {}, data = {}, resource = {}, output = {} } = await read();
    const two = (/** @type {Record<string, Block>} */ blocks, prefix = '') =>
      Object.entries(blocks).flatMap(([type, named]) => Object.keys(named).map(name => `${prefix}${type}.${name}`));
    const declared = new Set([...Object.keys(variable).map(name => `var.${name}`), ...two(data, 'data.'), ...two(resource)]);
    const used = new Set(JSON.stringify({ data, resource, output }).match(/\b(?:var\.\w+|data\.aws_\w+\.\w+|(?<!data\.)\baws_\w+\.\w+)/g));
    assert.deepEqual(
      [...used].filter(name => !declared.has(name)),
      [],
      'declared nowhere',
    );
    const inputs = [...declared].filter(name => /^(var|data)\./.test(name));
    assert.deepEqual(
      inputs.filter(name => !used.has(name)),
      [],
      'used nowhere',
    );
  });

  it('lets nothing in but the jump host, and gives it no public address', async () => {
    const { resource = {} } = await read();
    for (const rules of Object.values(resource.aws_vpc_security_group_ingress_rule)) {
      for (const rule of /** @type {Block[]} */ (rules)) {
        assert.equal(rule.cidr_ipv4, undefined);
        assert.equal(rule.referenced_security_group_id, '${aws_security_group.jump_host.id}');
      }
    }
    const [instance = {}] = /** @type {Block[]} */ (resource.aws_instance.jump_host);
    assert.equal(instance.associate_public_ip_address, false);
    assert.equal(instance.tags['rds-tunnel:jump-host'], 'true');
  });
});
