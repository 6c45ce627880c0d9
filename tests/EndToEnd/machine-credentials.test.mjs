// Credentials that the machine has, rather than a person: a container's role and an instance's,
// each from a real HTTP server in AWS's place.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { startEmulator } from './emulator.mjs';
import { temporaryFolder } from './peers.mjs';
import { startSidecar } from './sidecar.mjs';

const tokenOfContainer = 'Basic Y29udGFpbmVy';
const tokenOfInstance = 'instance-token';

describe('Credentials of the machine', () => {
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {import('node:http').Server} */
  let server;
  /** @type {string} */
  let address;
  /** @type {string} */
  let config;
  /** @type {string} */
  let home;
  /** What was asked of the server. @type {string[]} */
  const asked = [];

  before(async () => {
    emulator = await startEmulator({ world: true });
    const keys = {
      AccessKeyId: emulator.env.AWS_ACCESS_KEY_ID,
      SecretAccessKey: emulator.env.AWS_SECRET_ACCESS_KEY,
      Expiration: new Date(Date.now() + 3_600_000).toISOString(),
      Code: 'Success',
      Type: 'AWS-HMAC',
    };
    server = createServer((request, response) => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
      const mayAsk = request.headers['x-aws-ec2-metadata-token'] === tokenOfInstance;
      switch (`${request.method ?? ''} ${request.url ?? ''}`) {
        case 'GET /container':
          response.statusCode = request.headers.authorization === tokenOfContainer ? 200 : 401;
          return response.end(JSON.stringify(keys));
        case 'PUT /latest/api/token':
          response.setHeader('x-aws-ec2-metadata-token-ttl-seconds', '21600');
          return response.end(tokenOfInstance);
        case 'GET /latest/meta-data/iam/security-credentials/':
          response.statusCode = mayAsk ? 200 : 401;
          return response.end('jump-host-role');
        case 'GET /latest/meta-data/iam/security-credentials/jump-host-role':
          response.statusCode = mayAsk ? 200 : 401;
          return response.end(JSON.stringify(keys));
        case 'GET /latest/meta-data/iam/info':
          response.statusCode = mayAsk ? 200 : 401;
          return response.end(
            JSON.stringify({
              Code: 'Success',
              LastUpdated: new Date().toISOString(),
              InstanceProfileArn: 'arn:aws:iam::111122223333:instance-profile/jump-host-role',
              InstanceProfileId: 'AIPAEXAMPLE',
            }),
          );
        default:
          response.statusCode = 404;
          return response.end();
      }
    });
    await new Promise(resolve => {
      server.listen(0, '127.0.0.1', () => {
        resolve(undefined);
      });
    });
    address = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
    const folder = (home = await temporaryFolder('machine'));
    config = `${folder}/config`;
    const role = 'role_arn = arn:aws:iam::111122223333:role/Deployer';
    await writeFile(
      config,
      `[profile container]\n${role}\ncredential_source = EcsContainer\n[profile instance]\n${role}\ncredential_source = Ec2InstanceMetadata\n`,
    );
  });

  after(async () => {
    server.close();
    await emulator.stop();
  });

  /** @param {string | undefined} profile @param {NodeJS.ProcessEnv} env */
  const databasesFoundBy = async (profile, env) => {
    const sidecar = await startSidecar({
      HOME: home,
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: `${config}.none`,
      AWS_REGION: emulator.region,
      AWS_ENDPOINT_URL: emulator.endpoint,
      ...env,
    });
    const { databases, failures } = await sidecar.request('database/list', { scopes: [profile === undefined ? {} : { profile }] });
    const failure = sidecar.progress.find(({ value }) => value.failure !== undefined)?.value.failure;
    assert.equal(await sidecar.shutdown(), 0);
    return failures === 0 ? databases : failure;
  };

  const container = () => ({
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${address}/container`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: tokenOfContainer,
  });

  it("takes a container's role where there is no profile at all", async () => {
    assert.equal(await databasesFoundBy(undefined, container()), 5);
  });

  it("assumes a role with a container's role", async () => {
    assert.equal(await databasesFoundBy('container', container()), 5);
  });

  it("assumes a role with an instance's role, by its metadata service with a session token", async () => {
    assert.equal(await databasesFoundBy('instance', { AWS_EC2_METADATA_SERVICE_ENDPOINT: address }), 5);
    assert.ok(asked.includes('PUT /latest/api/token'), asked.join('\n'));
  });

  it("says what is wrong when a container's role is refused", async () => {
    const failure = await databasesFoundBy(undefined, { ...container(), AWS_CONTAINER_AUTHORIZATION_TOKEN: 'Basic d3Jvbmc=' });
    assert.match(failure.message, /The container provides no credentials/);
    assert.ok(!failure.message.includes('d3Jvbmc='));
  });
});
