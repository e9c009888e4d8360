import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import MailComposer from 'nodemailer/lib/mail-composer';
import { composeMime, type Mail } from '../src/modules/delivery/mime/compose-mime.js';
import { cpuPerMail } from './support/cpu.js';
import { letterTo } from './support/letter.js';

/** Building one mail after the other, beside nodemailer's MailComposer: CPU of this process, the best of some rounds. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { mails: { type: 'string', default: '2000' } } });
  const mails = Number(values.mails);
  process.stdout.write(
    `${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}, ${mails} mails of 16 KB HTML and 4 KB text\n\n`,
  );
  for (const [letters, name] of [
    ['ASCII', 'Person'],
    ['with a few umlauts', 'Jürgen'],
  ] as const) {
    const mailOf = letterTo(name);
    const ours = await cpuPerMail(mails, (number) => composeMime(mailOf(number)));
    const theirs = await cpuPerMail(mails, (number) => composeWithNodemailer(mailOf(number)));
    process.stdout.write(
      `${letters.padEnd(20)} composeMime ${ours.toFixed(3)} CPU-ms   MailComposer ${theirs.toFixed(3)} CPU-ms   ${(theirs / ours).toFixed(1)} ×\n`,
    );
  }
}

function composeWithNodemailer({ fields, messageId, ...mail }: Mail): Promise<Buffer> {
  return new MailComposer({
    ...mail,
    to: [...mail.to],
    messageId: `<${messageId}>`,
    headers: Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, { prepared: true, value }]),
    ),
    newline: '\r\n',
  } as ConstructorParameters<typeof MailComposer>[0])
    .compile()
    .build();
}
