/**
 * The yardstick: nodemailer's pooled sendMail, which builds and sends the same message, in one process with as many
 * connections as a Postrider worker. Started with a port, a number of mails and a file with the message.
 */
import { readFile } from 'node:fs/promises';
import { createTransport } from 'nodemailer';

const [port, share, connections, file] = process.argv.slice(2);
const { subject, html, text, headers } = JSON.parse(await readFile(file ?? '', 'utf8'));
const transport = createTransport({
  pool: true,
  host: '127.0.0.1',
  port: Number(port),
  ignoreTLS: true,
  maxConnections: Number(connections),
  maxMessages: Infinity,
});

const total = Number(share);
let next = 0;
const hand = async (): Promise<void> => {
  while (next < total) {
    const number = next++;
    const name = `Person ${number}`;
    await transport.sendMail({
      from: '"Bench" <news@bench.example>',
      to: { name, address: `bench-${number}@example.com` },
      subject,
      html: html.replaceAll('__NAME__', name),
      text: text.replaceAll('__NAME__', name),
      headers,
    });
  }
};

async function measure(): Promise<void> {
  const began = process.cpuUsage();
  const started = performance.now();
  await Promise.all(Array.from({ length: Number(connections) * 2 }, hand));
  const { user, system } = process.cpuUsage(began);
  process.send?.({ seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6 });
}

process.on('message', () => void measure());
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
