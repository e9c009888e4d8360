import { createSecretKey, randomBytes } from 'node:crypto';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import MailComposer from 'nodemailer/lib/mail-composer';
import { newsVariables } from '../src/modules/delivery/mail-variables.js';
import { composeMime, type Mail } from '../src/modules/delivery/mime/compose-mime.js';
import { NewsLetter, type NewsRecipient } from '../src/modules/delivery/prepared/news-letter.js';
import type { Sender } from '../src/modules/lists/index.js';
import { LeaveAddresses } from '../src/modules/delivery/verp/leave-addresses.js';
import { loadConfig } from '../src/platform/config/index.js';
import { KeyRing, LinkTokens, type KeyPurpose } from '../src/platform/crypto/index.js';
import { cpuPerMail } from './support/cpu.js';
import { letterTo, newsTemplate } from './support/letter.js';

const LIST = { slug: 'bench', name: 'Bench' };
const BATCH = { id: '0198f2a0-1111-7222-8333-444455556666', name: 'Bench' };
const SENDER: Sender = {
  id: '0198f2a0-1111-7222-8333-444455556667',
  slug: 'bench',
  fromName: 'Bench',
  fromAddress: 'news@bench.example',
  replyTo: null,
  domain: 'bench.example',
  brand: {
    id: '0198f2a0-1111-7222-8333-444455556668',
    name: 'Bench',
    logoUrl: null,
    colour: '#b4441c',
    postalAddress: '1 Bench Road, Benchtown',
    websiteUrl: 'https://bench.example/',
  },
};

/** Building one mail after the other, beside nodemailer's MailComposer: CPU of this process, the best of some rounds. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { mails: { type: 'string', default: '5000' } } });
  const mails = Number(values.mails);
  process.stdout.write(
    `${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}, ${mails} mails, CPU-ms each\n`,
  );
  for (const [letters, name] of [
    ['ASCII', 'Person'],
    ['with an umlaut', 'Jürgen'],
  ] as const) {
    process.stdout.write(`\n${letters}\n`);
    await finishedMail(mails, letterTo(name));
    await newsMail(mails, name);
  }
}

async function finishedMail(mails: number, mailOf: (number: number) => Mail): Promise<void> {
  process.stdout.write('  a finished mail of 16 KB HTML and 4 KB text\n');
  show('composeMime', await cpuPerMail(mails, (number) => composeMime(mailOf(number))));
  show('MailComposer', await cpuPerMail(mails, (number) => composeWithNodemailer(mailOf(number))));
}

/** The two tokens in the links and the leaving address come on top: they cost the same in each way. */
async function newsMail(mails: number, name: string): Promise<void> {
  const template = await newsTemplate();
  const facts = { batch: BATCH, sender: SENDER, list: LIST, template, leaveByMail: true };
  const letter = new NewsLetter(facts);
  const date = new Date();
  const recipientOf = (number: number): NewsRecipient => ({
    deliveryId: number,
    name: `${name} ${number}`,
    address: `bench-${number}@example.com`,
    timezone: 'UTC',
    links: {
      preferences: `https://bench.example/preferences/${'x'.repeat(75)}`,
      unsubscribe: `https://bench.example/unsubscribe/${'x'.repeat(75)}`,
      unsubscribeMail: `mailto:leave-${'x'.repeat(56)}@bounces.bench.example?subject=unsubscribe`,
    },
  });
  const fullMail = (number: number): Mail => {
    const recipient = recipientOf(number);
    const variables = newsVariables({
      ...facts,
      recipient: { name: recipient.name, locale: template.locale },
      links: recipient.links,
      campaignName: BATCH.name,
    });
    return { ...letterTo(name)(number), ...template.fill(variables) };
  };
  const size = letter.to(recipientOf(1), date).length;
  process.stdout.write(
    `  the letter of the blast, ${(size / 1024).toFixed(1)} KB as a mail, template included\n`,
  );
  show('prepared: NewsLetter', await cpuPerMail(mails, (number) => letter.to(recipientOf(number), date)));
  show('its two link tokens', await cpuPerMail(mails, await twoTokens()));
  show('its leaving address', await cpuPerMail(mails, await leavingAddress()));
  show('full: fill, composeMime', await cpuPerMail(mails, (number) => composeMime(fullMail(number))));
  show(
    'full: fill, MailComposer',
    await cpuPerMail(mails, (number) => composeWithNodemailer(fullMail(number))),
  );
}

async function keyRing(purpose: KeyPurpose): Promise<KeyRing> {
  const key = { id: 1, purpose, key: createSecretKey(randomBytes(32)), retiredAt: null, settled: true };
  const ring = new KeyRing({ all: async () => [key], replace: async () => undefined });
  await ring.refresh();
  return ring;
}

async function leavingAddress(): Promise<(number: number) => void> {
  const config = loadConfig(
    { BOUNCE_DOMAIN: 'bounces.bench.example', INBOUND_SMTP_PORT: '2525' },
    '/dev/null',
  );
  const addresses = new LeaveAddresses(config, await keyRing('leave'));
  return (number) => addresses.mailto({ subscriptionId: SENDER.id, deliveryId: number });
}

async function twoTokens(): Promise<(number: number) => void> {
  const tokens = new LinkTokens(await keyRing('token'));
  return (number) => {
    tokens.make('preferences', SENDER.id);
    tokens.make('unsubscribe', SENDER.id, number);
  };
}

function show(what: string, milliseconds: number): void {
  process.stdout.write(`    ${what.padEnd(26)} ${milliseconds.toFixed(4)}\n`);
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
