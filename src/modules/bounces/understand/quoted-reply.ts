import type { SmtpStage } from '../../../domain/index.js';

/** What a report quotes of a server's answer. */
export interface QuotedReply {
  /** SMTP, such as 550. */
  readonly code: number | null;
  /** RFC 3463, such as 5.1.1. */
  readonly status: string | null;
  /** From the code on, or all of it where none is quoted. */
  readonly text: string;
}

const LONGEST = 1_000;

/** A number that stands like a reply code: not in an address, a date, a size, a version or an id. */
const CODE =
  /(?<![\w.\-/:@=])([245][0-5]\d)(?=[ \-:,#'"]|$)(?! ?(?:bytes|octets|seconds|minutes|hours|days|kb|mb|recipients)\b)/im;
/** After these words the number is a code, whatever stands around it. */
const AFTER_WORDS =
  /(?:said|returned was|reason|error[_ ]code|returned(?= ?')|response was|responded with|failed with|reply code|<<<|received >>>|\bsmtp)\s*:?\s*[:;']?(?:\S+:\s)?\s*([245][0-5]\d)(?=\b)/i;
/** A line that begins like a reply: it may quote another host's (`550 5.1.7 … undeliverable address: host … said: 550 5.1.1 …`). */
const AT_START = /^[ \t]*([45][0-5]\d)[ -](?=#?[45]\.\d{1,3}\.\d|<|\S{1,64}@)/m;
const STATUS = /(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\.\d)\b/;

/** Finds the code, the enhanced status and the words in a text that may say much else. */
export function quotedReply(text: string): QuotedReply {
  const found = earlier(AT_START.exec(text), AFTER_WORDS.exec(text)) ?? CODE.exec(text);
  const at = found ? found.index + found[0].lastIndexOf(found[1] ?? '') : 0;
  const said = found ? oneReply(text.slice(at, at + LONGEST)) : text.slice(0, LONGEST);
  // "550 550 5.7.1 …", "550-'5.7.1 …", "ERROR_CODE :550, ERROR_CODE :5.2.1 …": the status that follows the code is the server's own.
  const status = STATUS.exec(said)?.[1] ?? STATUS.exec(text.slice(0, LONGEST))?.[1] ?? null;
  return { code: found ? Number(found[1]) : null, status, text: said };
}

const earlier = (one: RegExpExecArray | null, other: RegExpExecArray | null): RegExpExecArray | null =>
  one && (!other || one.index <= other.index) ? one : other;

/** Up to an empty line, the next command, or the next reply: a line with another code. */
function oneReply(text: string): string {
  const next = new RegExp(String.raw`\n[ \t]*\n|\n[ \t]*(?:>>>|<<<)|\n(?!${text.slice(0, 3)})[245]\d\d[ -]`);
  const end = text.search(next);
  return end < 0 || !text.slice(3, end).trim() ? text : text.slice(0, end);
}

const stages: readonly (readonly [SmtpStage, RegExp])[] = [
  [
    'connect',
    /(reply to|after|like our|response to|for) (the )?(ehlo|helo|initial|greeting)|refused to talk to me|connected to \S+ but greeting failed|greeting wait/i,
  ],
  [
    'mail',
    /(reply to|after|like our|response to|for) (pipelined )?(the )?mail from|\[mail_?from\]|smtp:mail\b|smtp command\s+mail|does not like (the )?sender|but sender was rejected|mail from (address|command) (rejected|failed)|rejected mail from/i,
  ],
  [
    'rcpt',
    /(reply to|after|like our|response to|for) (pipelined )?(the )?rcpt( to)?|\[rcpt_?to\]|smtp:rcpt\b|smtp command\s+rcpt|does not like (the )?recipient|remote smtp server has rejected address|\*\* address not found \*\*|\(state 14\)/i,
  ],
  [
    'data',
    /(reply to|after|like our|response to|for) (the )?((pipelined )?end of data|(pipelined )?data|final data|text command|sending data|transferring|the message|message body)|\[(end_of_)?data\]|failed after i sent the message|smtp transmission failure has occurred|smtp:data\b|smtp command\s+data|\(data\)|\(state 1[78]\)|body of message generated/i,
  ],
];

/** Of which command a report says that it was refused. */
export function quotedStage(text: string): SmtpStage | null {
  const words = text.replaceAll(/\s+/g, ' ');
  for (const [stage, expression] of stages) if (expression.test(words)) return stage;
  return inTranscript(words);
}

/** `>>> RCPT To:<…>` / `<<< 550 …`: the command before the first refusal. */
function inTranscript(text: string): SmtpStage | null {
  // InterScan draws its arrows the other way round.
  const refusal = /(<<<+|received >>>|<--|\breplied:) ?[45]\d\d/i.exec(text);
  if (!refusal) return null;
  const commands = [
    ...text
      .slice(0, refusal.index)
      .matchAll(/(?:>>>+|sent <<<|\bsent:|-->) ?(ehlo|helo|lhlo|mail|rcpt|data|\.|bdat)/gi),
  ];
  const command = commands.at(-1)?.[1]?.toLowerCase();
  if (!command) return null;
  if (command === 'mail' || command === 'rcpt') return command;
  return command.endsWith('lo') ? 'connect' : 'data';
}
