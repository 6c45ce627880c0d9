// Talks to the sidecar over this process's own standard streams, as an editor does. Fails with a message on standard error.
'use strict';
const assert = require('node:assert/strict');
const rpc = require('vscode-jsonrpc/node');

const connection = rpc.createMessageConnection(new rpc.StreamMessageReader(process.stdin), new rpc.StreamMessageWriter(process.stdout));
const states = [];
connection.onNotification('tunnel/stateChanged', ({ tunnel }) => states.push(`${tunnel.id} ${tunnel.state}`));
connection.onError(([error]) => fail(error));
connection.listen();

function fail(error) {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
}

async function fails(request, code, name) {
  const error = await request.then(
    () => assert.fail(`expected ${name}`),
    e => e,
  );
  assert.ok(error instanceof rpc.ResponseError, String(error));
  assert.deepEqual([error.code, error.data.code], [code, name]);
  return error;
}

async function main() {
  await fails(connection.sendRequest('tunnel/list'), rpc.ErrorCodes.ServerNotInitialized, 'ServerNotInitialized');
  const initialized = await connection.sendRequest('initialize', {
    clientInfo: { name: 'conversation', version: '1' },
    protocolVersion: 2,
    parentProcessId: process.pid,
  });
  assert.equal(initialized.serverInfo.version, '1.2.3');
  await fails(connection.sendRequest('nonsense'), rpc.ErrorCodes.MethodNotFound, 'MethodNotFound');

  const open = { target: 'i-1', host: 'bücher.example', port: 5432 };
  const wrong = await fails(connection.sendRequest('tunnel/open', { ...open, port: 0 }), rpc.ErrorCodes.InvalidParams, 'InvalidParams');
  assert.equal(wrong.data.field, 'port');
  const tunnel = await connection.sendRequest('tunnel/open', open);
  assert.equal(tunnel.host, open.host);
  assert.equal(tunnel.state, 'Listening');

  const cancellation = new rpc.CancellationTokenSource();
  const second = connection.sendRequest('tunnel/open', open, cancellation.token);
  const lists = await Promise.all(Array.from({ length: 50 }, () => connection.sendRequest('tunnel/list')));
  assert.ok(lists.every(({ tunnels }) => tunnels.length === 1));
  cancellation.cancel();
  await fails(second, -32800, 'RequestCancelled');
  assert.deepEqual(states, [`${tunnel.id} Open`]);

  // By position, as StreamJsonRpc's InvokeAsync sends them.
  await connection.sendRequest('log/setLevel', rpc.ParameterStructures.byPosition, { level: 'Warning' });
  assert.deepEqual(await connection.sendRequest('shutdown'), { tunnelsOfOthers: 0 });
  await connection.sendNotification('exit');
  connection.dispose();
}

main().then(() => process.exit(0), fail);
