// A name server on 127.0.0.1 that knows aliases and nothing else.
import { once } from 'node:events';
import { createSocket } from 'node:dgram';

/** @param {string} name */
const encoded = name =>
  Buffer.concat([...name.split('.').map(label => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])), Buffer.from([0])]);

/** @param {Buffer} message */
function questionOf(message) {
  const labels = [];
  let at = 12;
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString('ascii', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5 };
}

/** @param {Record<string, string>} aliases */
export async function startNameServer(aliases) {
  const socket = createSocket('udp4');
  /** @type {string[]} */
  const asked = [];
  socket.on('message', (message, { address, port }) => {
    const { name, end } = questionOf(message);
    asked.push(name);
    const target = aliases[name];
    const header = Buffer.from(message.subarray(0, 12));
    header.writeUInt16BE(0x8180, 2);
    header.writeUInt16BE(target === undefined ? 0 : 1, 6);
    header.writeUInt32BE(0, 8);
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0); // the question's name
    record.writeUInt16BE(5, 2); // CNAME
    record.writeUInt16BE(1, 4); // IN
    record.writeUInt32BE(60, 6);
    const data = encoded(target ?? '');
    record.writeUInt16BE(data.length, 10);
    socket.send(Buffer.concat([header, message.subarray(12, end), ...(target === undefined ? [] : [record, data])]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    stop: () => {
      socket.close();
    },
  };
}
