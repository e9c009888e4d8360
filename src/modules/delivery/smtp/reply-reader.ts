import { parseReply, type SmtpReply } from '../../../domain/index.js';

/** RFC 5321 §4.5.3.1.5 says 512 octets a line, and servers say more. What waits here may not grow beyond this. */
const MAX_WAITING_OCTETS = 64 * 1024;

/** The server said something that is no SMTP reply. */
export class NoSmtpReply extends Error {}

/** One reply as it came, in one or several lines; what it says is read when someone wants to know. */
export class RawReply {
  constructor(
    readonly code: number,
    readonly raw: string,
  ) {}

  parse(): SmtpReply {
    const text = printable(this.raw);
    return parseReply(text) ?? { code: this.code, enhanced: null, text: text.slice(4) };
  }
}

/** Cuts what a server sends into replies (RFC 5321 §4.2.1), however the packets fall. */
export class ReplyReader {
  private unfinished = '';
  private lines: string[] = [];
  private readonly replies: RawReply[] = [];
  private waitingOctets = 0;

  /** @throws NoSmtpReply for what is no reply, and for more than anyone would say */
  push(chunk: Buffer): void {
    this.waitingOctets += chunk.length;
    if (this.waitingOctets > MAX_WAITING_OCTETS) {
      throw new NoSmtpReply(`said more than ${MAX_WAITING_OCTETS} octets`);
    }
    const text = this.unfinished + chunk.toString('latin1');
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.line(text.slice(start, text[end - 1] === '\r' && end > start ? end - 1 : end));
      start = end + 1;
    }
    this.unfinished = text.slice(start);
  }

  /** The connection has ended. A refusal that misses nothing but its line end is one all the same. */
  end(): void {
    if (/^[45]\d\d /.test(this.unfinished)) this.push(Buffer.from('\n'));
  }

  take(): RawReply | undefined {
    const reply = this.replies.shift();
    if (this.empty) this.waitingOctets = 0;
    return reply;
  }

  get hasReply(): boolean {
    return this.replies.length > 0;
  }

  /** Whether not even the beginning of a reply is there. */
  get empty(): boolean {
    return this.replies.length === 0 && this.lines.length === 0 && this.unfinished === '';
  }

  private line(line: string): void {
    // Some servers send empty lines. They answer nothing.
    if (line === '') return;
    const match = /^([2-5]\d\d)([ -]|$)/.exec(line);
    const code = Number(match?.[1]);
    const first = this.lines[0];
    if (!match || (first !== undefined && !first.startsWith(match[1] ?? ''))) {
      throw new NoSmtpReply(`said "${printable(line).slice(0, 100)}", which is no SMTP reply`);
    }
    if (match[2] === '-') {
      this.lines.push(line);
      return;
    }
    this.replies.push(new RawReply(code, first === undefined ? line : [...this.lines, line].join('\n')));
    this.lines = [];
  }
}

/** Most servers write UTF-8. Control characters go, above all NUL, which PostgreSQL does not store. */
function printable(octets: string): string {
  const utf8 = Buffer.from(octets, 'latin1').toString('utf8');
  // oxlint-disable-next-line no-control-regex
  return (utf8.includes('\ufffd') ? octets : utf8).replaceAll(/[\0-\t\v-\x1f\x7f]/g, ' ');
}
