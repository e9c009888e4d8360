import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect } from '@jest/globals';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { Courier, HandOver, OutgoingMail } from '../../src/modules/delivery/courier.js';
import { readRelay } from '../../src/modules/delivery/smtp/relay-settings.js';
import { PipelinedCourier } from '../../src/modules/delivery/smtp/pipelined-courier.js';
import { RFC5321_TIMEOUTS, type SmtpTimeouts } from '../../src/modules/delivery/smtp/timeouts.js';
import { selfSigned } from './certificate.js';
import { ScriptedSmtp, type Script, type ScriptedOptions, type SmtpMoment } from './scripted-smtp.js';

export const MAIL = 'Subject: Hello\r\n\r\n.a line with a dot\r\n..\r\n.\r\nThe end.\r\n';

/** What a scripted relay sees of it. */
export const ON_THE_WIRE = 'Subject: Hello\r\n\r\n..a line with a dot\r\n...\r\n..\r\nThe end.';

export const certificate = selfSigned();

export const accepted = {
  kind: 'accepted',
  reply: { code: 250, enhanced: '2.0.0' },
  relayId: 'SCRIPTED',
  handedOver: 1,
};

export const refused = (stage: string, code: number) => ({ kind: 'refused', stage, reply: { code } });

const cleanUps: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

export function atEnd(cleanUp: () => Promise<void>): void {
  cleanUps.push(cleanUp);
}

/** A relay that follows a script until the end of the test. */
export async function scripted(
  script: Script = () => undefined,
  options: ScriptedOptions = {},
): Promise<ScriptedSmtp> {
  const relay = await ScriptedSmtp.start(script, options);
  atEnd(() => relay.stop());
  return relay;
}

/** Says it so many times, then all is well. */
export function times(count: number, at: SmtpMoment, reply: string): Script {
  let left = count;
  return (moment) => (moment === at && left-- > 0 ? reply : undefined);
}

/** A courier until the end of the test. */
export function courierTo(
  url: string,
  { connections = 2, timeouts = {} }: { connections?: number; timeouts?: Partial<SmtpTimeouts> } = {},
): Courier {
  const settings = readRelay(url, { connections, helloName: 'shop.example' });
  const courier = new PipelinedCourier(settings, { ...RFC5321_TIMEOUTS, ...timeouts });
  atEnd(() => courier.close());
  return courier;
}

export type Sent = HandOver & { handedOver: number };

/** Sends one mail, and holds every result to what it promises about the hand-over. */
export async function send(courier: Courier, mail: Partial<OutgoingMail> = {}): Promise<Sent> {
  const [result] = await sendInTurn(courier, [mail]);
  if (!result) throw new Error('A mail has no result');
  return result;
}

/** Sends mails over one slot, each with the one behind it, so that its envelope may ride ahead. */
export async function sendInTurn(courier: Courier, mails: readonly Partial<OutgoingMail>[]): Promise<Sent[]> {
  const handedOver = mails.map(() => 0);
  const outgoing = mails.map((mail, index) => ({
    from: 'news@shop.example',
    to: 'ada@example.com',
    raw: Buffer.from(MAIL),
    onHandOver: () => (handedOver[index] = (handedOver[index] ?? 0) + 1),
    ...mail,
  }));
  const results: Sent[] = [];
  const slot = await courier.slot();
  try {
    for (const [index, mail] of outgoing.entries()) {
      const result = await slot.send(mail, outgoing[index + 1]);
      const times = handedOver[index] ?? 0;
      if (result.kind === 'accepted' || result.kind === 'unknown') expect(times).toBe(1);
      if (result.kind === 'unreached' || result.kind === 'withdrawn') expect(times).toBe(0);
      results.push({ ...result, handedOver: times });
    }
    return results;
  } finally {
    slot.release();
  }
}

export async function until(look: () => boolean, timeoutMs = 5_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!look()) {
    if (Date.now() > end) throw new Error(`Nothing after ${timeoutMs} ms: ${look.toString()}`);
    await sleep(5);
  }
}

export interface RealServer {
  readonly port: number;
  readonly mails: { to: string; text: string; encrypted: boolean }[];
  /** How often a password was seen. */
  logins: number;
}

/** An SMTP server of other hands, which knows TLS and passwords (`ada`, `s cret`), until the end of the test. */
export async function realServer(options: SMTPServerOptions): Promise<RealServer> {
  const state: RealServer = { port: 0, mails: [], logins: 0 };
  const server = new SMTPServer({
    ...certificate,
    disableReverseLookup: true,
    closeTimeout: 100,
    onAuth: ({ username, password }, _session, callback) => {
      state.logins += 1;
      if (username === 'ada' && password === 's cret') callback(null, { user: 'ada' });
      else callback(new Error('Invalid username or password'));
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const to = session.envelope.rcptTo[0]?.address ?? '';
        state.mails.push({ to, text: Buffer.concat(chunks).toString(), encrypted: session.secure });
        callback(null);
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  atEnd(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return Object.assign(state, { port: (server.server.address() as AddressInfo).port });
}
