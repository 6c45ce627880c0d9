// The reference: a program that only passes bytes on, from a port of 127.0.0.1 to another. What this machine can do shows in it.
//   node relay.mjs <port>   forwards a free port there, and prints which
import { connect, createServer } from 'node:net';

/** @param {import('node:net').Socket} from @param {import('node:net').Socket} to */
function pass(from, to) {
  from.pipe(to);
  from.on('error', () => to.destroy());
  from.once('close', () => to.destroy());
}

const target = Number(process.argv[2]);
const server = createServer({ noDelay: true, allowHalfOpen: true }, near => {
  const far = connect({ port: target, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  pass(near, far);
  pass(far, near);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
process.stdin.resume().once('end', () => process.exit());
