// A jump host that nobody may use without an approval (just-in-time node access): the tunnel asks, waits, and goes on.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { sidecarCommand } from '../../scripts/lib/paths.mjs';
import { startEmulator } from './emulator.mjs';
import { databaseHost, freePort, temporaryFolder } from './peers.mjs';
import { connectAndEcho, eventually, startEcho } from './ports.mjs';
import { startSidecar, withoutAws } from './sidecar.mjs';

/** @typedef {{ id: string, instanceId: string, reason: string, requester: string, status: string, tokens: number }} AccessRequest */

const document = 'AWS-StartPortForwardingSessionToRemoteHost';
const reason = 'look into orders';

describe('Access that is granted just in time', () => {
  /** @type {(() => Promise<void>)[]} */
  let ends = [];

  afterEach(async () => {
    for (const end of ends) await end();
    ends = [];
  });

  /** An account whose developers may not start sessions. @param {object | null} [nodeAccess] how it grants access; null for not at all */
  const setUp = async (nodeAccess = {}) => {
    const folder = await temporaryFolder('access');
    const world = join(folder, 'world.json');
    await writeFile(
      world,
      JSON.stringify({
        regions: [],
        roles: [{ arn: 'arn:aws:iam::111122223333:role/Developer', deniedActions: ['ssm:StartSession'] }],
        // As short as it must be for others to be fetched before each call.
        nodeAccess: nodeAccess === null ? null : { documents: [document], tokenSeconds: 200, ...nodeAccess },
      }),
    );
    const [echo, emulator] = await Promise.all([startEcho(), startEmulator({ unpaced: true, world })]);
    ends.push(async () => {
      echo.stop();
      await emulator.stop();
    });
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = emulator.env;
    const config = join(folder, 'config');
    await writeFile(
      config,
      `[profile base]\naws_access_key_id = ${id ?? ''}\naws_secret_access_key = ${secret ?? ''}\n[profile dev]\nrole_arn = arn:aws:iam::111122223333:role/Developer\nrole_session_name = jane\nsource_profile = base\nregion = ${emulator.region}\n`,
    );
    const env = {
      ...withoutAws,
      HOME: folder,
      AWS_CONFIG_FILE: config,
      AWS_ENDPOINT_URL: emulator.endpoint,
      XDG_STATE_HOME: folder,
      XDG_RUNTIME_DIR: folder,
    };
    const database = { target: emulator.target, host: databaseHost, port: echo.port, profile: 'dev' };
    const requests = async () =>
      /** @type {AccessRequest[]} */ (await (await fetch(`${emulator.endpoint}/_emulator/access-requests`)).json());
    return {
      emulator,
      env,
      requests,
      start: async () => {
        const sidecar = await startSidecar(env);
        return {
          ...sidecar,
          openAsking: (/** @type {object} */ more = {}) => sidecar.open({ ...database, requestAccess: reason, ...more }),
          openPlainly: (/** @type {object} */ more = {}) => sidecar.open({ ...database, ...more }),
          /** Somebody ends its only session. */
          loseSession: async () => {
            const session = (await emulator.sessions()).find(({ state }) => state === 'active');
            await emulator.control(`sessions/${session?.id ?? ''}/terminate`);
            assert.ok(await eventually(async () => (await sidecar.list())[0]?.statistics.sessionsNow === 0));
          },
          until: async (/** @type {string} */ state) => {
            assert.ok(
              await eventually(async () => (await sidecar.list())[0]?.state === state),
              `It never was ${state}, but ${sidecar.changes.map(each => `${each.state} ${each.fault?.message ?? ''}`).join('\n')}`,
            );
            return /** @type {import('./sidecar.mjs').Tunnel} */ ((await sidecar.list())[0]);
          },
        };
      },
      /** The only request. */
      request: async () => {
        const [only, ...others] = await requests();
        assert.deepEqual(others, []);
        assert.ok(only);
        return only;
      },
      decide: async (/** @type {string} */ status) => {
        const [only] = await requests();
        await emulator.control(`access-requests/${only?.id ?? ''}`, { status });
      },
      arguments: ['--target', emulator.target, '--host', databaseHost, '--port', String(echo.port), '--profile', 'dev'],
    };
  };

  /** How a connection ends that nothing comes from. @param {number} port */
  const endOf = async port => {
    const socket = connect(port, '127.0.0.1');
    const [error] = /** @type {[Error & { code?: string }]} */ (await once(socket, 'error'));
    return error.code;
  };

  it('lets a connection wait for the approval, and fetches other credentials before those end', async () => {
    const { emulator, start, request, decide } = await setUp();
    const sidecar = await start();
    const { localPort } = await sidecar.openAsking();
    const waiting = connectAndEcho(localPort);
    const tunnel = await sidecar.until('NeedsApproval');
    const { id, instanceId, requester, ...made } = await request();
    assert.deepEqual([instanceId, made.reason, made.status], [emulator.target, reason, 'Pending']);
    assert.equal(requester, 'arn:aws:sts::111122223333:assumed-role/Developer/jane');
    assert.equal(tunnel.accessRequestId, id);
    assert.equal(tunnel.fault?.code, 'AccessPending');
    assert.match(tunnel.fault.message, new RegExp(`^Access to ${emulator.target} waits for approval \\(request ${id}\\)\\.`));
    assert.deepEqual(await emulator.sessions(), []);

    await decide('Approved');
    (await waiting).destroy();
    assert.equal((await sidecar.until('Open')).accessRequestId, id);

    const { tokens } = await request();
    await sidecar.loseSession();
    (await connectAndEcho(localPort)).destroy();
    assert.ok((await request()).tokens > tokens, 'other credentials were fetched');

    // What a request has given is nobody else's business.
    const secrets = await emulator.secrets();
    assert.ok(secrets.length > 0);
    const written = JSON.stringify([sidecar.changes, sidecar.logs, sidecar.notifications, sidecar.running.tail]);
    for (const secret of secrets) assert.ok(!written.includes(secret), 'no secret is told');
    assert.equal(await sidecar.shutdown(), 0);
    assert.ok((await emulator.sessions()).every(({ state }) => state === 'ended'));
  });

  for (const [status, message] of /** @type {const} */ ([
    ['Rejected', /was rejected\. Ask its approvers why before you request access again\.$/],
    ['Expired', /has expired\. Request access again if you still need it\.$/],
  ]))
    it(`resets what waits for a request that is ${status.toLowerCase()}, and asks again only when it is opened again`, async () => {
      const { start, requests, decide } = await setUp();
      const sidecar = await start();
      const { id, localPort } = await sidecar.openAsking();
      const waiting = endOf(localPort);
      await sidecar.until('NeedsApproval');
      await decide(status);
      assert.equal(await waiting, 'ECONNRESET');
      const { fault } = await sidecar.until('Faulted');
      assert.equal(fault?.code, 'AccessEnded');
      assert.match(fault.message, message);
      assert.equal(await endOf(localPort), 'ECONNRESET');
      assert.equal((await requests()).length, 1);
      await sidecar.close(id);
      await sidecar.openAsking({ openNow: true });
      assert.equal((await requests()).length, 2);
      assert.equal(await sidecar.shutdown(), 0);
    });

  it('keeps its sessions when it is revoked, and gives no other one', async () => {
    const { start, decide } = await setUp({ isAutomatic: true });
    const sidecar = await start();
    const { localPort, state } = await sidecar.openAsking({ openNow: true });
    assert.equal(state, 'Open', 'an automatic approval takes no wait');
    const connection = await connectAndEcho(localPort);
    await decide('Revoked');
    connection.write('y');
    assert.equal(String((await once(connection, 'data'))[0]), 'y');
    await sidecar.loseSession();
    assert.equal(await endOf(localPort), 'ECONNRESET');
    assert.match((await sidecar.until('Faulted')).fault?.message ?? '', /was revoked/);
    assert.equal(await sidecar.shutdown(), 0);
  });

  it('is looked after only while a tunnel wants it, and serves the next tunnel', async () => {
    const { start, request, decide } = await setUp();
    const sidecar = await start();
    const { id } = await sidecar.openAsking({ openNow: true });
    await sidecar.close(id);
    assert.ok(await eventually(() => sidecar.logs.some(({ message }) => message.includes('stays with its approvers'))));
    await decide('Approved');
    const { localPort, state } = await sidecar.openAsking({ openNow: true });
    assert.equal(state, 'Open');
    (await connectAndEcho(localPort)).destroy();
    assert.equal((await request()).status, 'Approved');
    assert.equal(await sidecar.shutdown(), 0);
  });

  it('is requested once for two windows with the same tunnel', async () => {
    const { start, request, decide } = await setUp();
    const [first, second] = [await start(), await start()];
    const localPort = await freePort();
    await first.openAsking({ localPort, openNow: true });
    await second.openAsking({ localPort, openNow: true });
    assert.equal((await second.until('NeedsApproval')).accessRequestId, (await request()).id);
    await decide('Approved');
    (await connectAndEcho(localPort)).destroy();
    await Promise.all([first.until('Open'), second.until('Open')]);
    await Promise.all([first.shutdown(), second.shutdown()]);
  });

  it('is never asked for without a word of consent, nor by a check', async () => {
    const { start, requests } = await setUp();
    const sidecar = await start();
    await assert.rejects(sidecar.openPlainly({ openNow: true }), /the tunnel can request it \(requestAccess\)/);
    const check = async (/** @type {object} */ tunnel) => {
      const { steps } = await sidecar.request('tunnel/check', { tunnel });
      return steps.find((/** @type {any} */ step) => step.name === 'Permission');
    };
    const tunnel = { target: 'i-0123456789abcdef0', host: databaseHost, port: 5432, profile: 'dev' };
    const denied = await check(tunnel);
    assert.equal(denied.outcome, 'Failed');
    assert.match(denied.advice, /or request access \(requestAccess\)/);
    const asking = await check({ ...tunnel, requestAccess: reason });
    assert.equal(asking.outcome, 'Unknown');
    assert.match(asking.advice, /^The tunnel requests access when a connection needs it; a check doesn't/);
    assert.deepEqual(await requests(), []);
    assert.equal(await sidecar.shutdown(), 0);
  });

  it('is told to be missing where the account does not grant it', async () => {
    const { start } = await setUp(null);
    const sidecar = await start();
    await assert.rejects(
      sidecar.openAsking({ openNow: true }),
      /^.*can't call ssm:StartSession.*Access can't be requested either\..*service is not enabled in this account/s,
    );
    assert.equal(await sidecar.shutdown(), 0);
  });

  it('says when what was approved is not for ports, as with the policy of AWS', async () => {
    const { start, request } = await setUp({ isAutomatic: true, documents: ['SSM-SessionManagerRunShell'] });
    const sidecar = await start();
    await assert.rejects(sidecar.openAsking({ openNow: true }), new RegExp(`but not for sessions with the document ${document}`));
    assert.equal((await request()).status, 'Approved');
    assert.equal(await sidecar.shutdown(), 0);
  });

  it('is requested by the command line, which tells what it waits for', async () => {
    const { env, decide, request, arguments: way } = await setUp();
    const program = spawn(sidecarCommand.file, [...sidecarCommand.args, 'open', ...way, '--request-access', reason, '--open-now'], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    program.stdout.on('data', text => (said += String(text)));
    assert.ok(await eventually(() => said.includes('Listening on')), said);
    const { id } = await request();
    assert.match(said, new RegExp(`NeedsApproval: Access to i-\\w+ waits for approval \\(request ${id}\\)`));
    await decide('Approved');
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(said)?.[1]);
    (await connectAndEcho(port)).destroy();
    program.kill('SIGTERM');
    assert.deepEqual(await once(program, 'exit'), [0, null]);
  });
});
