/**
 * A fast SMTP sink, in a process of its own: answers as soon as it can and counts, so that the sender is what is measured.
 * It understands PIPELINING. Over IPC it says its port, then answers each message with its count.
 */
import { createServer, type Socket } from 'node:net';

let count = 0;
let octets = 0;

const END = Buffer.from('\r\n.\r\n');

function converse(socket: Socket): void {
  let buffer = Buffer.alloc(0);
  let inBody = false;
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.write('220 sink ESMTP\r\n');
  socket.on('data', (chunk) => {
    buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
    let answers = '';
    for (;;) {
      const end = inBody ? buffer.indexOf(END) : buffer.indexOf('\r\n');
      if (end < 0) break;
      if (inBody) {
        count += 1;
        octets += end;
        inBody = false;
        answers += '250 2.0.0 Ok: queued\r\n';
        buffer = buffer.subarray(end + END.length);
        continue;
      }
      const verb = buffer.toString('latin1', 0, 4).toUpperCase();
      buffer = buffer.subarray(end + 2);
      if (verb === 'EHLO') answers += '250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 52428800\r\n';
      else if (verb === 'DATA') {
        answers += '354 go\r\n';
        inBody = true;
      } else if (verb === 'QUIT') {
        socket.end(`${answers}221 bye\r\n`);
        return;
      } else answers += '250 2.0.0 Ok\r\n';
    }
    if (answers !== '') socket.write(answers);
  });
}

const server = createServer(converse).listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});
process.on('message', () => process.send?.({ count, octets }));
process.on('disconnect', () => process.exit(0));
