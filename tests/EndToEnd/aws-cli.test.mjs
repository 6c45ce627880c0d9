// The AWS CLI, a client that knows nothing of this project: the local AWS answers it, and what we sign is what it signs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startEmulator } from './emulator.mjs';
import { databaseHost, findProgram, skipWithout } from './peers.mjs';
import { startSidecar } from './sidecar.mjs';

const aws = findProgram('aws', ['/usr/bin', '/usr/local/bin']);
const skip = skipWithout(aws, 'the AWS CLI (aws; on Debian: apt-get install awscli)');
const run = promisify(execFile);

describe('The AWS CLI', { skip }, () => {
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {NodeJS.ProcessEnv} */
  let env;

  before(async () => {
    emulator = await startEmulator({ world: true });
    env = { ...emulator.env, PATH: process.env.PATH, HOME: '/nonexistent', AWS_REGION: emulator.region, AWS_EC2_METADATA_DISABLED: 'true' };
  });

  after(() => emulator.stop());

  /** @param {string[]} args */
  const call = async (...args) => JSON.parse((await run(String(aws), ['--endpoint-url', emulator.endpoint, '--output', 'json', ...args], { env })).stdout);

  it('is told who it is', async () => {
    assert.equal((await call('sts', 'get-caller-identity')).Arn, 'arn:aws:iam::111122223333:user/emulated');
  });

  it('lists databases, jump hosts and security groups', async () => {
    const [clusters, instances, groups, hosts, managed] = await Promise.all([
      call('rds', 'describe-db-clusters'), call('rds', 'describe-db-instances'), call('ec2', 'describe-security-groups'), call('ec2', 'describe-instances'),
      call('ssm', 'describe-instance-information'),
    ]);
    assert.equal(clusters.DBClusters[0].Endpoint, databaseHost);
    assert.equal(instances.DBInstances[0].Endpoint.Port, 3306);
    assert.equal(groups.SecurityGroups[1].GroupId, 'sg-0legacy');
    assert.equal(hosts.Reservations[0].Instances[0].InstanceId, emulator.target);
    assert.equal(managed.InstanceInformationList[0].PingStatus, 'Online');
  });

  it('lists caches, warehouses, peerings and prefix lists, and reads a secret', async () => {
    const [caches, warehouses, peerings, blocks, secret] = await Promise.all([
      call('elasticache', 'describe-replication-groups'), call('redshift', 'describe-clusters'), call('ec2', 'describe-vpc-peering-connections'),
      call('ec2', 'get-managed-prefix-list-entries', '--prefix-list-id', 'pl-0a'), call('secretsmanager', 'get-secret-value', '--secret-id', 'rds!cluster-orders'),
    ]);
    assert.deepEqual(caches.ReplicationGroups[0].NodeGroups[0].PrimaryEndpoint, { Address: 'master.sessions.abc123.euc1.cache.amazonaws.com', Port: 6379 });
    assert.equal(warehouses.Clusters[0].Endpoint.Port, 5439);
    assert.equal(peerings.VpcPeeringConnections[0].AccepterVpcInfo.VpcId, 'vpc-0b');
    assert.deepEqual(blocks.Entries, [{ Cidr: '10.0.0.0/16' }]);
    assert.equal(JSON.parse(secret.SecretString).password, 'correct horse battery');
  });

  it('is refused with a wrong secret', async () => {
    await assert.rejects(
      run(String(aws), ['--endpoint-url', emulator.endpoint, 'rds', 'describe-db-instances'], { env: { ...env, AWS_SECRET_ACCESS_KEY: 'wrong' } }),
      /SignatureDoesNotMatch/);
  });

  it('makes the same database tokens as we do', async () => {
    const sidecar = await startSidecar({ ...emulator.env, AWS_REGION: emulator.region });
    const address = ['--hostname', databaseHost, '--port', '5432', '--username', 'jane@shop'];
    // A token bears the second in which it was made: ours are made all the while, and the one of the same second is compared.
    const theirs = run(String(aws), ['rds', 'generate-db-auth-token', ...address], { env });
    /** @type {Set<string>} */
    const ours = new Set();
    /** @type {string | undefined} */
    let token;
    while (token === undefined) {
      ours.add((await sidecar.request('password/createIamToken', { scope: {}, host: databaseHost, port: 5432, user: 'jane@shop' })).token);
      token = await Promise.race([theirs.then(({ stdout }) => stdout.trim()), delay(100, undefined)]);
    }
    ours.add((await sidecar.request('password/createIamToken', { scope: {}, host: databaseHost, port: 5432, user: 'jane@shop' })).token);
    const parts = (/** @type {string} */ text) => JSON.stringify(text.split(/[?&]/).sort());
    const expected = parts(token);
    assert.ok([...ours].some(each => parts(each) === expected), `${token} is none of ${[...ours].join('\n')}`);
    assert.equal(await sidecar.shutdown(), 0);
  });
});
