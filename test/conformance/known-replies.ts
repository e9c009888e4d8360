import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hardReasons, replyReasons, type ReplyReason } from '../../src/domain/index.js';

/** A reply as servers give it, and what an administrator would say that it means. */
export interface KnownReply {
  readonly who: string;
  /** In answer to what; null where the words are those of the reporting system. */
  readonly stage: 'connect' | 'mail' | 'rcpt' | 'data' | null;
  readonly reply: string;
  /** Any of these is right: some words are said for more than one reason. */
  readonly reasons: readonly ReplyReason[];
}

const folder = join(import.meta.dirname, 'known-replies');

export const knownReplies: readonly KnownReply[] = readdirSync(folder).flatMap((name) =>
  readReplies(readFileSync(join(folder, name), 'utf8')),
);

function readReplies(text: string): KnownReply[] {
  const replies: KnownReply[] = [];
  let reasons: readonly ReplyReason[] = [];
  for (const line of text.split('\n')) {
    if (!line || line.startsWith('#')) continue;
    if (line.startsWith('== ')) {
      reasons = line.slice(3).split(' or ').map(reasonOf);
      continue;
    }
    const [who = '', stage = '', ...rest] = line.split(' | ');
    const reply = rest.join(' | ');
    if (!reply || !/^(connect|mail|rcpt|data|null)$/.test(stage)) throw new Error(`No reply: ${line}`);
    replies.push({ who, stage: stage === 'null' ? null : (stage as KnownReply['stage']), reply, reasons });
  }
  return replies;
}

function reasonOf(name: string): ReplyReason {
  if (!(name in replyReasons)) throw new Error(`No such reason: ${name}`);
  return name as ReplyReason;
}

/** The ways in which a report quotes the same reply. What differs between them must not change what it means. */
export const quotings: Readonly<Record<string, (known: KnownReply) => string>> = {
  Postfix: (known) => {
    const said = quoted(known, (command) => ` (in reply to ${command} command)`);
    return report(
      'MAILER-DAEMON@relay.example.net (Mail Delivery System)',
      'Undelivered Mail Returned to Sender',
      `This is the mail system at host relay.example.net.\n\nI'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients. It's attached below.\n\n                   The mail system\n\n<user@example.com>: ${said}`,
      `Reporting-MTA: dns; relay.example.net\nX-Postfix-Queue-ID: 4F1A22C0D1\n\nFinal-Recipient: rfc822; user@example.com\nAction: failed\nStatus: ${statusOf(known.reply)}\nDiagnostic-Code: ${known.stage ? 'smtp' : 'X-Postfix'}; ${known.reply}`,
    );
  },
  Exim: (known) => {
    const where = {
      connect: 'initial connection',
      mail: 'MAIL FROM:<a@example.org>',
      rcpt: 'RCPT TO:<user@example.com>',
      data: 'end of data',
    };
    const said = known.stage
      ? `host mx.example.com [192.0.2.9]\n    SMTP error from remote mail server after ${where[known.stage]}:\n    ${known.reply}`
      : known.reply;
    return report(
      'Mail Delivery System <Mailer-Daemon@relay.example.net>',
      'Mail delivery failed: returning message to sender',
      `This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  user@example.com\n    ${said}\n\n------ This is a copy of the message, including all the headers. ------\n\nMessage-ID: <1@example.org>\nFrom: a@example.org\nTo: user@example.com\n\nHello\n`,
    );
  },
  qmail: (known) => {
    const before = {
      connect: 'Connected to 192.0.2.9 but greeting failed.\nRemote host said: ',
      mail: '192.0.2.9 does not like sender.\nRemote host said: ',
      rcpt: '192.0.2.9 does not like recipient.\nRemote host said: ',
      data: '192.0.2.9 failed after I sent the message.\nRemote host said: ',
    };
    return report(
      'MAILER-DAEMON@relay.example.net',
      'failure notice',
      `Hi. This is the qmail-send program at relay.example.net.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<user@example.com>:\n${known.stage ? before[known.stage] : ''}${known.reply}\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <a@example.org>\nMessage-ID: <1@example.org>\nFrom: a@example.org\nTo: user@example.com\n\nHello\n`,
    );
  },
};

/** Whether it is for good by its first digit; null where it carries none. */
export const isPermanent = (reply: string): boolean | null => {
  const digit = /^(?:\d{3}[ -])?([245])\.\d+\.\d/.exec(reply)?.[1] ?? /^([245])\d\d[ -]/.exec(reply)?.[1];
  return digit ? digit === '5' : null;
};

export const mayBeHard = ({ reasons, reply }: KnownReply): boolean =>
  isPermanent(reply) !== false && reasons.some((reason) => hardReasons.has(reason));
export const mustBeHard = ({ reasons, reply }: KnownReply): boolean =>
  isPermanent(reply) !== false && reasons.every((reason) => hardReasons.has(reason));

const commands = {
  connect: 'initial server greeting',
  mail: 'MAIL FROM',
  rcpt: 'RCPT TO',
  data: 'end of DATA',
} as const;

const quoted = ({ stage, reply }: KnownReply, tail: (command: string) => string): string =>
  stage ? `host mx.example.com[192.0.2.9] said: ${reply}${tail(commands[stage])}` : reply;

const statusOf = (reply: string): string =>
  /^(?:\d{3}[ -])?([245]\.\d+\.\d+)/.exec(reply)?.[1] ?? (reply.startsWith('4') ? '4.0.0' : '5.0.0');

function report(from: string, subject: string, text: string, status?: string): string {
  const header = `From: ${from}\nTo: a@example.org\nSubject: ${subject}\nMIME-Version: 1.0\n`;
  if (!status) return `${header}\n${text}`;
  return `${header}Content-Type: multipart/report; report-type=delivery-status; boundary="b1"\n\n--b1\nContent-Type: text/plain\n\n${text}\n\n--b1\nContent-Type: message/delivery-status\n\n${status}\n\n--b1\nContent-Type: text/rfc822-headers\n\nMessage-ID: <1@example.org>\nFrom: a@example.org\nTo: user@example.com\n\n--b1--\n`;
}
