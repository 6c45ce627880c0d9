// What a headless process measures, as a scraper and a collector get it. A real Prometheus reads it, too.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { root, sidecarCommand } from '../../scripts/lib/paths.mjs';
import { start } from '../../scripts/lib/processes.mjs';
import { startEmulator } from './emulator.mjs';
import { databaseHost, findProgram, freePort, skipWithout, temporaryFolder } from './peers.mjs';
import { eventually } from './ports.mjs';
import { stateFolder, withoutAws } from './sidecar.mjs';

const run = promisify(execFile);
const promtool = findProgram('promtool');
const prometheus = findProgram('prometheus');
const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

/** @param {NodeJS.ProcessEnv} [extra] */
async function startHeadless(extra = {}) {
  // A database that sends as many bytes as it is asked for, a piece at a time.
  const database = createServer(socket => {
    socket.on('error', () => undefined);
    socket.on('data', asked => socket.write(Buffer.alloc(Number(String(asked)))));
  });
  database.listen(0, '127.0.0.1');
  await once(database, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (database.address());
  const [emulator, localPort, httpPort, folder] = await Promise.all([
    startEmulator({ unpaced: true }),
    freePort(),
    freePort(),
    temporaryFolder('metrics'),
  ]);
  const file = `${folder}/tunnels.json`;
  const tunnel = { host: databaseHost, port, target: emulator.target, region: emulator.region };
  await writeFile(
    file,
    JSON.stringify({
      tunnels: [
        { ...tunnel, name: 'my "orders\\', localPort },
        { ...tunnel, name: 'unreachable', localPort: await freePort(), target: 'i-0fffffffffffffff0' },
      ],
    }),
  );
  const running = await start(
    sidecarCommand.file,
    [...sidecarCommand.args, 'serve', '--config', file, '--health-check', '--prometheus', '--http-port', String(httpPort)],
    {
      env: {
        ...withoutAws,
        ...emulator.env,
        XDG_STATE_HOME: await stateFolder(),
        AWS_REGION: emulator.region,
        AWS_ENDPOINT_URL: emulator.endpoint,
        ...extra,
      },
    },
  );
  const address = `http://127.0.0.1:${httpPort}`;
  const answers = async (/** @type {string} */ path) => (await fetch(`${address}${path}`).catch(() => undefined))?.status === 200;
  assert.ok(await eventually(async () => running.child.exitCode !== null || (await answers('/startup'))));
  assert.equal(running.child.exitCode, null, running.tail.join('\n'));
  return {
    running,
    httpPort,
    scrape: async () => {
      const answer = await fetch(`${address}/metrics`);
      assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
      return answer.text();
    },
    connect: async () => {
      const socket = connect(localPort, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    },
    stop: async () => {
      await running.stop();
      await emulator.stop();
      database.close();
    },
  };
}

/** @param {import('node:net').Socket} socket @param {number} bytes */
async function download(socket, bytes) {
  socket.write(String(bytes));
  for (let left = bytes; left > 0;) left -= /** @type {[Buffer]} */ (await once(socket, 'data'))[0].length;
}

/** The value of a series, or undefined. @param {string} text @param {string} series */
function valueOf(text, series) {
  const line = text.split('\n').find(each => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

const name = 'tunnel="my \\"orders\\\\"';

describe('Metrics of a headless process', () => {
  /** @type {Awaited<ReturnType<typeof startHeadless>>} */
  let headless;

  before(async () => {
    headless = await startHeadless();
  });

  after(() => headless.stop());

  it('count the bytes of a download while it runs, and afterwards', async () => {
    const socket = await headless.connect();
    await download(socket, 100_000);
    const during = await headless.scrape();
    assert.equal(valueOf(during, `rds_tunnel_network_io_bytes_total{${name},network_io_direction="receive"}`), 100_000);
    assert.equal(valueOf(during, `rds_tunnel_network_io_bytes_total{${name},network_io_direction="transmit"}`), 6);
    assert.equal(valueOf(during, `rds_tunnel_connection_active{${name}}`), 1);
    assert.equal(valueOf(during, `rds_tunnel_tunnel_state{${name},state="Open"}`), 1);
    await download(socket, 50_000);
    socket.destroy();
    assert.ok(await eventually(async () => valueOf(await headless.scrape(), `rds_tunnel_connection_active{${name}}`) === 0));
    const afterwards = await headless.scrape();
    assert.equal(valueOf(afterwards, `rds_tunnel_network_io_bytes_total{${name},network_io_direction="receive"}`), 150_000);
    assert.equal(valueOf(afterwards, `rds_tunnel_connection_accepted_total{${name}}`), 1);
    assert.equal(valueOf(afterwards, `rds_tunnel_connection_first_byte_duration_seconds_count{${name}}`), 1);
    assert.equal(valueOf(afterwards, `rds_tunnel_session_started_total{${name}}`), 1);
  });

  it('say why a tunnel has no session', async () => {
    const series = 'rds_tunnel_session_failed_total{tunnel="unreachable",error_type="TargetNotConnected"}';
    assert.ok(await eventually(async () => Number(valueOf(await headless.scrape(), series)) >= 1));
    assert.ok(
      await eventually(async () => valueOf(await headless.scrape(), 'rds_tunnel_tunnel_state{tunnel="unreachable",state="Faulted"}') === 1),
    );
  });

  it('name no host and no secret', async () => {
    const text = await headless.scrape();
    for (const word of [databaseHost, secret, 'AKIA', 'i-0']) assert.ok(!text.includes(word), word);
  });

  it('are what promtool expects', { skip: skipWithout(promtool, 'promtool (Debian: prometheus)') }, async () => {
    const { code, stderr } = await new Promise(resolve => {
      const child = execFile(String(promtool), ['check', 'metrics'], (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : error.code, stderr: stdout + stderr });
      });
      void headless.scrape().then(text => child.stdin?.end(text));
    });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    await run(String(promtool), ['check', 'config', `${root}deploy/prometheus/prometheus.yaml`]);
  });

  it('are scraped by a real Prometheus', { skip: skipWithout(prometheus, 'prometheus') }, async () => {
    const folder = await temporaryFolder('prometheus');
    const port = await freePort();
    await writeFile(
      `${folder}/prometheus.yaml`,
      `global: { scrape_interval: 1s }\nscrape_configs: [{ job_name: rds-tunnel, static_configs: [{ targets: ['127.0.0.1:${headless.httpPort}'] }] }]\n`,
    );
    const server = await start(String(prometheus), [
      `--config.file=${folder}/prometheus.yaml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    /** @param {string} query @returns {Promise<{ metric: Record<string, string>, value: [number, string] }[]>} */
    const ask = async query => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`).catch(() => undefined);
      return answer?.ok === true ? /** @type {any} */ (await answer.json()).data.result : [];
    };
    try {
      assert.ok(await eventually(async () => (await ask('up == 1')).length === 1), server.tail.join('\n'));
      const text = await headless.scrape();
      const [read] = await ask('rds_tunnel_network_io_bytes_total{network_io_direction="receive",tunnel="my \\"orders\\\\"}');
      assert.deepEqual(
        [read?.metric.tunnel, Number(read?.value[1])],
        ['my "orders\\', valueOf(text, `rds_tunnel_network_io_bytes_total{${name},network_io_direction="receive"}`)],
      );
      assert.equal((await ask('histogram_quantile(0.9, rds_tunnel_session_start_duration_seconds_bucket)')).length, 1);
    } finally {
      await server.stop();
    }
  });
});

/** A collector of OpenTelemetry, by HTTP: keeps what it gets. */
async function startCollector() {
  /** @type {Record<string, string>} */
  const received = {};
  const server = createHttpServer((request, response) => {
    /** @type {Buffer[]} */
    const parts = [];
    request.on('data', part => parts.push(part));
    request.on('end', () => {
      const path = request.url ?? '';
      // Protobuf has texts as they are.
      received[path] = `${received[path] ?? ''}${Buffer.concat(parts).toString('latin1')}`;
      received[`${path} key`] = String(request.headers['x-key']);
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { received, endpoint: `http://127.0.0.1:${port}`, stop: () => server.close() };
}

describe('A headless process with a collector', () => {
  it('sends metrics and spans, with no host, user or secret', async () => {
    const collector = await startCollector();
    const headless = await startHeadless({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=abc',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      OTEL_METRIC_EXPORT_INTERVAL: '500',
      OTEL_BSP_SCHEDULE_DELAY: '500',
    });
    try {
      const socket = await headless.connect();
      await download(socket, 1_000);
      socket.destroy();
      const { received } = collector;
      const sender = ['service.name', 'rds-tunnel', 'service.version', 'deployment.environment.name', 'my "orders\\'];
      const expected = {
        '/v1/traces': [...sender, 'SSM.StartSession', 'open session', 'open data channel'],
        '/v1/metrics': [...sender, 'rds_tunnel.connection.first_byte.duration'],
      };
      // Spans arrive as they end, in several requests.
      for (const [path, words] of Object.entries(expected))
        for (const word of words) assert.ok(await eventually(() => received[path]?.includes(word) === true), `${path}: ${word}`);
      for (const path of Object.keys(expected)) {
        for (const word of [databaseHost, secret, 'AKIA', 'i-0123456789abcdef0'])
          assert.ok(!received[path]?.includes(word), `${path}: ${word}`);
        assert.equal(received[`${path} key`], 'abc');
      }
    } finally {
      await headless.stop();
      collector.stop();
    }
  });

  it('goes on without the collector, and says so in its log', async () => {
    const headless = await startHeadless({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_METRIC_EXPORT_INTERVAL: '200',
      OTEL_EXPORTER_OTLP_TIMEOUT: '500',
    });
    try {
      const socket = await headless.connect();
      await download(socket, 1_000);
      socket.destroy();
      assert.ok(
        await eventually(() => headless.running.tail.some(line => line.includes("Metrics can't be sent to the OpenTelemetry collector"))),
      );
    } finally {
      await headless.stop();
    }
  });
});
