/**
 * A fast SMTP sink, in a process of its own: answers as soon as it can and counts, so that the sender is what is measured.
 * It understands PIPELINING. Over IPC it says its port, then answers each message with its count.
 */
import { createServer, type Socket } from 'node:net';

let count = 0;
let octets = 0;
let firstAt: number | null = null;
/** When each mail to `order-…` was complete. */
const orders: Record<string, number> = {};
const now = (): number => performance.timeOrigin + performance.now();

const END = Buffer.from('\r\n.\r\n');
const EMPTY = Buffer.alloc(0);

/** Whatever it spends is missing on the sender's side, so a body is neither copied nor kept: only looked through for its end. */
function converse(socket: Socket): void {
  /** What is not understood yet: half a command, or the last octets of a body, which may hold half its end. */
  let rest: Buffer = EMPTY;
  let inBody = false;
  let recipient = '';
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.write('220 sink ESMTP\r\n');
  socket.on('data', (chunk) => {
    let at = 0;
    let answers = '';
    if (rest.length > 0) {
      // The end may lie across two chunks, a command too; both are short.
      chunk = Buffer.concat([rest, chunk]);
      if (inBody) octets -= rest.length;
    }
    for (;;) {
      const end = chunk.indexOf(inBody ? END : '\r\n', at);
      if (end < 0) break;
      if (inBody) {
        count += 1;
        octets += end - at;
        firstAt ??= now();
        if (recipient.startsWith('order-')) orders[recipient] = now();
        inBody = false;
        answers += '250 2.0.0 Ok: queued\r\n';
        at = end + END.length;
        continue;
      }
      const line = chunk.toString('latin1', at, end);
      at = end + 2;
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO') answers += '250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 52428800\r\n';
      else if (verb === 'RCPT') {
        recipient = line.slice('RCPT TO:<'.length, -1);
        answers += '250 2.1.5 Ok\r\n';
      } else if (verb === 'DATA') {
        answers += '354 go\r\n';
        inBody = true;
      } else if (verb === 'QUIT') {
        socket.end(`${answers}221 bye\r\n`);
        return;
      } else answers += '250 2.0.0 Ok\r\n';
    }
    if (inBody) {
      octets += chunk.length - at;
      at = Math.max(at, chunk.length - (END.length - 1));
    }
    rest = at < chunk.length ? Buffer.from(chunk.subarray(at)) : EMPTY;
    if (answers !== '') socket.write(answers);
  });
}

const server = createServer(converse).listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});
process.on('message', () => process.send?.({ count, octets, firstAt, orders }));
process.on('disconnect', () => process.exit(0));
