// The AWS CLI, a client that knows nothing of this project: the local AWS answers it, and what we sign is what it signs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { root } from '../../scripts/lib/paths.mjs';
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
  const call = async (...args) =>
    JSON.parse((await run(String(aws), ['--endpoint-url', emulator.endpoint, '--output', 'json', ...args], { env })).stdout);

  it('is told who it is', async () => {
    assert.equal((await call('sts', 'get-caller-identity')).Arn, 'arn:aws:iam::111122223333:user/jane.doe+dev@example.com');
  });

  it('lists databases, jump hosts and security groups', async () => {
    const [clusters, instances, groups, hosts, managed] = await Promise.all([
      call('rds', 'describe-db-clusters'),
      call('rds', 'describe-db-instances'),
      call('ec2', 'describe-security-groups'),
      call('ec2', 'describe-instances'),
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
      call('elasticache', 'describe-replication-groups'),
      call('redshift', 'describe-clusters'),
      call('ec2', 'describe-vpc-peering-connections'),
      call('ec2', 'get-managed-prefix-list-entries', '--prefix-list-id', 'pl-0a'),
      call('secretsmanager', 'get-secret-value', '--secret-id', 'rds!cluster-orders'),
    ]);
    assert.deepEqual(caches.ReplicationGroups[0].NodeGroups[0].PrimaryEndpoint, {
      Address: 'master.sessions.abc123.euc1.cache.amazonaws.com',
      Port: 6379,
    });
    assert.equal(warehouses.Clusters[0].Endpoint.Port, 5439);
    assert.equal(peerings.VpcPeeringConnections[0].AccepterVpcInfo.VpcId, 'vpc-0b');
    assert.deepEqual(blocks.Entries, [{ Cidr: '10.0.0.0/16' }]);
    assert.equal(JSON.parse(secret.SecretString).password, 'correct horse battery');
  });

  it('is refused with a wrong secret', async () => {
    await assert.rejects(
      run(String(aws), ['--endpoint-url', emulator.endpoint, 'rds', 'describe-db-instances'], {
        env: { ...env, AWS_SECRET_ACCESS_KEY: 'wrong' },
      }),
      /SignatureDoesNotMatch/,
    );
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
    assert.ok(
      [...ours].some(each => parts(each) === expected),
      `${token} is none of ${[...ours].join('\n')}`,
    );
    assert.equal(await sidecar.shutdown(), 0);
  });
});

describe('The AWS CLI, of the services beside RDS', { skip }, () => {
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {NodeJS.ProcessEnv} */
  let env;

  before(async () => {
    emulator = await startEmulator({ world: `${root}tests/EndToEnd/services.json` });
    env = { ...emulator.env, PATH: process.env.PATH, HOME: '/nonexistent', AWS_REGION: emulator.region, AWS_EC2_METADATA_DISABLED: 'true' };
  });

  after(() => emulator.stop());

  /** @param {string[]} args */
  const call = async (...args) =>
    JSON.parse((await run(String(aws), ['--endpoint-url', emulator.endpoint, '--output', 'json', ...args], { env })).stdout);

  it('lists global writers and the endpoints of proxies', async () => {
    const [globals, endpoints] = await Promise.all([call('rds', 'describe-global-clusters'), call('rds', 'describe-db-proxy-endpoints')]);
    const [world] = globals.GlobalClusters;
    // This client is older than the global writer endpoint, and leaves out what it does not know.
    assert.deepEqual([world.GlobalClusterIdentifier, world.GlobalClusterMembers[0].IsWriter], ['world', true]);
    assert.deepEqual(
      endpoints.DBProxyEndpoints.map((/** @type {any} */ each) => [each.Endpoint, each.TargetRole, each.IsDefault]),
      [
        ['pooled.proxy-abc.eu-central-1.rds.amazonaws.com', 'READ_WRITE', true],
        ['reading.endpoint.proxy-abc.eu-central-1.rds.amazonaws.com', 'READ_ONLY', false],
      ],
    );
  });

  it('lists workgroups, memory clusters page by page, and servers of migrations', async () => {
    const [workgroups, clusters, servers] = await Promise.all([
      call('redshift-serverless', 'list-workgroups'),
      call('memorydb', 'describe-clusters', '--page-size', '1'),
      call('dms', 'describe-endpoints'),
    ]);
    assert.deepEqual([workgroups.workgroups[0].endpoint.port, workgroups.workgroups[0].endpoint.vpcEndpoints[0].vpcId], [5439, 'vpc-0a']);
    assert.deepEqual(
      clusters.Clusters.map((/** @type {any} */ each) => each.ClusterEndpoint.Address.split('.')[1]),
      ['carts', 'seats'],
    );
    assert.deepEqual([servers.Endpoints[0].ServerName, servers.Endpoints[0].Port], ['ledger.corp.example', 1521]);
  });

  it('finds search domains, elastic clusters, brokers, and where Kafka begins', async () => {
    const [names, domains, elastic, brokers, clusters] = await Promise.all([
      call('opensearch', 'list-domain-names'),
      call('opensearch', 'describe-domains', '--domain-names', 'logs'),
      call('docdb-elastic', 'list-clusters'),
      call('mq', 'list-brokers'),
      call('kafka', 'list-clusters-v2'),
    ]);
    assert.deepEqual(names.DomainNames, [{ DomainName: 'logs', EngineType: 'OpenSearch' }]);
    assert.equal(domains.DomainStatusList[0].Endpoints.vpc, 'vpc-logs-abc.eu-central-1.es.amazonaws.com');
    const [cluster, broker, bootstrap] = await Promise.all([
      call('docdb-elastic', 'get-cluster', '--cluster-arn', elastic.clusters[0].clusterArn),
      call('mq', 'describe-broker', '--broker-id', brokers.BrokerSummaries[0].BrokerId),
      call('kafka', 'get-bootstrap-brokers', '--cluster-arn', clusters.ClusterInfoList[0].ClusterArn),
    ]);
    assert.equal(cluster.cluster.clusterEndpoint, 'papers-111122223333.eu-central-1.docdb-elastic.amazonaws.com');
    assert.deepEqual(broker.BrokerInstances[0].Endpoints, ['amqps://b-0a.mq.eu-central-1.on.aws:5671']);
    assert.equal(bootstrap.BootstrapBrokerStringTls.split(',').length, 2);
  });

  it('is refused there with a wrong secret', async () => {
    for (const command of [
      ['mq', 'list-brokers'],
      ['memorydb', 'describe-clusters'],
    ]) {
      await assert.rejects(
        run(String(aws), ['--endpoint-url', emulator.endpoint, ...command], { env: { ...env, AWS_SECRET_ACCESS_KEY: 'wrong' } }),
        /InvalidSignatureException/,
      );
    }
  });

  it('sees what the sidecar lists', async () => {
    const sidecar = await startSidecar({ ...emulator.env, AWS_REGION: emulator.region, AWS_ENDPOINT_URL: emulator.endpoint });
    assert.deepEqual(await sidecar.request('database/list', { scopes: [{}] }), { databases: 12, failures: 0 });
    const found = sidecar.progress.filter(({ method }) => method === 'database/list').flatMap(({ value }) => value.databases);
    assert.deepEqual([...new Set(found.map(({ service }) => service))].sort(), [
      'AmazonMq',
      'Dms',
      'DocumentDb',
      'MemoryDb',
      'Msk',
      'OpenSearch',
      'Rds',
      'RdsProxy',
      'Redshift',
    ]);
    assert.equal(await sidecar.shutdown(), 0);
  });
});
