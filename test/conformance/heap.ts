/** A process with --expose-gc that reads bounces and tells what it still holds, in bytes: `heap.ts COUNT COUNT`, one line for each. */
import { readCommitted } from './bounces.js';
import { understandBounce } from '../../src/modules/bounces/understand/index.js';

const mails = readCommitted();
let done = 0;
for (const upTo of process.argv.slice(2).map(Number)) {
  for (; done < upTo; done += 1) understandBounce(mails[done % mails.length]!);
  globalThis.gc!();
  process.stdout.write(`${process.memoryUsage().heapUsed}\n`);
}
